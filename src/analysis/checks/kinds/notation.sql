WITH odd AS (
    SELECT raw FROM (SELECT DISTINCT raw FROM fact)
    WHERE NOT regexp_full_match(raw, '[\s\p{Cf}]*[+-]?[0-9]*(\.[0-9]+)?[\s\p{Cf}]*')
)
SELECT report_id, "table" AS place, count(*) AS stated, json_object(
           'raw', arg_min(raw, (table_no, "row", col)), 'value', arg_min(value, (table_no, "row", col))
       ) AS words,
       list({'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}
            ORDER BY table_no, "row", col)[:20] AS cells
FROM fact JOIN odd USING (raw)
WHERE value IS NOT NULL AND NOT list_contains($amounts, metric) AND NOT starts_with(metric, 'local.')
GROUP BY report_id, "table"
