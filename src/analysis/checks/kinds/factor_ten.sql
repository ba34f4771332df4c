WITH mended AS (
    SELECT *, value * 10 AS mended FROM failed
    WHERE value <> 0 AND round(difference + weight * 9 * value, 6) = 0
    UNION ALL
    SELECT *, value / 10 AS mended FROM failed
    WHERE value <> 0 AND value % 10 = 0 AND round(difference - weight * 0.9 * value, 6) = 0
),
only_one AS (
    SELECT * FROM mended QUALIFY count(*) OVER (PARTITION BY report_id, rule, relation, place) = 1
)
SELECT report_id, metric || ':' || applicant AS place, applicant, value AS stated, mended AS expected,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells,
       [{'metric': metric, 'applicant': applicant, 'from': value, 'to': mended}] AS suggestion
FROM only_one GROUP BY report_id, "table", metric, applicant, value, mended
