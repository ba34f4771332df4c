-- Sentences that count something in the year before the report's, where none but the title and the period names
-- the report's own year, in figures or in Chinese numerals.
WITH dated AS (
    SELECT report_id, year, year::VARCHAR || '年' AS own, (year - 1)::VARCHAR || '年' AS before,
           translate(year::VARCHAR, '0123456789', '〇一二三四五六七八九') || '年' AS own_in_words
    FROM report WHERE year IS NOT NULL
),
named AS (
    SELECT DISTINCT t.report_id
    FROM report_text t JOIN dated d USING (report_id), LATERAL (SELECT replace(t.text, ' ', '') AS flat)
    WHERE (contains(flat, d.own) OR contains(flat, d.own_in_words)) AND NOT regexp_matches(flat, $frame)
)
SELECT t.report_id, 'prose' AS place, d.year - 1 AS stated, d.year AS expected,
       [{'metric': '', 'value': d.year - 1, 'sentence': first(t.text ORDER BY t.paragraph),
         'start_at': strpos(first(t.text ORDER BY t.paragraph), (d.year - 1)::VARCHAR) - 1,
         'end_at': strpos(first(t.text ORDER BY t.paragraph), (d.year - 1)::VARCHAR) + 3}] AS quotes
FROM report_text t JOIN dated d USING (report_id) ANTI JOIN named n USING (report_id)
WHERE contains(t.text, d.before) AND NOT regexp_matches(t.text, $frame)
  AND regexp_matches(t.text, d.before || '[^。；;]{0,40}(' || $counting || ')[^。；;]{0,30}[0-9]')
GROUP BY t.report_id, d.year
