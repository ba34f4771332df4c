-- The last alteration of each figure whose cell was printed before it and is printed now.
WITH said AS (
    SELECT *,
           CASE WHEN earlier_value IS NOT NULL THEN to_json(earlier_value)
                WHEN trim(earlier_raw) = '' THEN to_json({'zh': '空白', 'en': 'blank'})
                ELSE to_json({'zh': '“' || earlier_raw || '”', 'en': '“' || earlier_raw || '”'}) END AS before,
           CASE WHEN "value" IS NOT NULL THEN to_json("value")
                WHEN trim(raw) = '' THEN to_json({'zh': '空白', 'en': 'blank'})
                ELSE to_json({'zh': '“' || raw || '”', 'en': '“' || raw || '”'}) END AS now
    FROM altered_figure LEFT JOIN applicant USING (applicant)
    WHERE earlier_raw IS NOT NULL AND raw IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY report_id, metric, applicant ORDER BY altered_at DESC, url) = 1
)
SELECT report_id, applicant, "value" AS stated, earlier_value AS expected,
       concat_ws('|', metric, applicant, altered_at, earlier_raw, raw) AS place,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells,
       json_object(
           'before', before, 'now', now,
           'until', strftime(last_seen_at, '%Y-%m-%d'), 'since', strftime(altered_at, '%Y-%m-%d'),
           'column', {'zh': coalesce('（' || label_zh || '）', ''), 'en': coalesce(' (' || label_en || ')', '')}
       ) AS words
FROM said
