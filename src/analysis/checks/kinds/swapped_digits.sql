WITH digits AS (
    SELECT *, unnest(range(0, greatest(len(value::BIGINT::VARCHAR) - 1, 0))) AS digit FROM failed
    WHERE value >= 10 AND value = floor(value)
),
swapped AS (
    SELECT *, value + 9 * power(10, digit)
              * ((value // power(10, digit)) % 10 - (value // power(10, digit + 1)) % 10) AS mended
    FROM digits
),
mended AS (
    SELECT * FROM swapped
    WHERE mended <> value AND len(mended::BIGINT::VARCHAR) = len(value::BIGINT::VARCHAR)
      AND round(difference + weight * (mended - value), 6) = 0
),
only_one AS (
    SELECT * FROM mended QUALIFY count(*) OVER (PARTITION BY report_id, rule, relation, place) = 1
)
SELECT report_id, metric || ':' || applicant AS place, applicant, value AS stated, mended AS expected,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells,
       [{'metric': metric, 'applicant': applicant, 'from': value, 'to': mended}] AS suggestion
FROM only_one GROUP BY report_id, "table", metric, applicant, value, mended
