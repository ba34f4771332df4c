-- Years that sentences which count something begin with or name; the report's own year may stand anywhere but
-- in the title and the period.
WITH worded AS (
    SELECT t.report_id, r.year, t.text,
           regexp_extract_all(t.text, '((?:19|20)[0-9]{2})\s*年', 1) AS years,
           regexp_matches(t.text, '(19|20)[0-9]{2}\s*年[^。；;]{0,40}(' || $counting || ')[^。；;]{0,30}[0-9]')
               AS counts,
           regexp_matches(t.text, '统计期限|統計期限|时限|時限|期限|起至|报告|報告') AS frame
    FROM report_text t JOIN report r USING (report_id) WHERE r.year IS NOT NULL
)
SELECT report_id, 'prose' AS place, year - 1 AS stated, year AS expected,
       [{'metric': '', 'value': year - 1, 'sentence': first(text) FILTER (counts AND NOT frame),
         'start_at': first(strpos(text, (year - 1)::VARCHAR) - 1) FILTER (counts AND NOT frame),
         'end_at': first(strpos(text, (year - 1)::VARCHAR) + 3) FILTER (counts AND NOT frame)}] AS quotes
FROM worded
GROUP BY report_id, year
HAVING bool_or(counts AND NOT frame AND list_contains(years, (year - 1)::VARCHAR))
   AND NOT coalesce(bool_or(list_contains(years, year::VARCHAR)) FILTER (NOT frame), false)
