-- A figure that would mend every sum that it is in.
WITH tried AS (
    SELECT DISTINCT report_id, "table", metric, applicant, value,
           unnest(CASE WHEN value % 10 = 0 THEN [value * 10, value / 10] ELSE [value * 10] END) AS mended
    FROM sums WHERE difference <> 0 AND value <> 0
)
SELECT t.report_id, t.metric || ':' || t.applicant AS place, t.applicant, t.value AS stated,
       t.mended AS expected,
       [{'report_id': t.report_id, 'table': t."table", 'metric': t.metric, 'applicant': t.applicant}] AS cells,
       [{'metric': t.metric, 'applicant': t.applicant, 'from': t.value, 'to': t.mended}] AS suggestion
FROM tried t JOIN sums s USING (report_id, "table", metric, applicant)
GROUP BY t.report_id, t."table", t.metric, t.applicant, t.value, t.mended
HAVING bool_and(round(s.difference + s.weight * (t.mended - t.value), 6) = 0)
