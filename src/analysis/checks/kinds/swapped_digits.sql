-- A figure that would mend every sum that it is in; as long as it was, for nobody writes 05 for 50.
WITH digits AS (
    SELECT DISTINCT report_id, "table", metric, applicant, value::BIGINT AS figure,
           unnest(range(0, len(value::BIGINT::VARCHAR) - 1)) AS digit
    FROM sums WHERE difference <> 0 AND value BETWEEN 10 AND 1e15 AND value = floor(value)
),
tried AS (
    SELECT DISTINCT * EXCLUDE digit, figure + 9 * (10 ** digit)::BIGINT
               * ((figure // (10 ** digit)::BIGINT) % 10 - (figure // (10 ** (digit + 1))::BIGINT) % 10) AS mended
    FROM digits
)
SELECT t.report_id, t.metric || ':' || t.applicant AS place, t.applicant, t.figure AS stated,
       t.mended AS expected,
       [{'report_id': t.report_id, 'table': t."table", 'metric': t.metric, 'applicant': t.applicant}] AS cells,
       [{'metric': t.metric, 'applicant': t.applicant, 'from': t.figure, 'to': t.mended}] AS suggestion
FROM tried t JOIN sums s USING (report_id, "table", metric, applicant)
WHERE t.mended <> t.figure AND len(t.mended::VARCHAR) = len(t.figure::VARCHAR)
GROUP BY t.report_id, t."table", t.metric, t.applicant, t.figure, t.mended
HAVING bool_and(round(s.difference + s.weight * (t.mended - t.figure), 6) = 0)
