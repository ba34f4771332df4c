-- Every relation of every rule over every report, in one pass. `term` has one line for each operand of a
-- relation (rule, relation, each, side, operand, sign, terms: how many operands the relation has); `part`
-- one for each part of a metric that some forms split (metric, part, sign, parts: how many).

WITH printed AS (
    SELECT report_id, metric, applicant, value FROM fact WHERE value IS NOT NULL
),
-- A metric that the form splits is the sum of its parts, unless it is printed itself or a part is blank.
summed AS (
    SELECT p.report_id, part.metric, p.applicant, sum(part.sign * p.value) AS value
    FROM printed p JOIN part ON part.part = p.metric
    GROUP BY p.report_id, part.metric, p.applicant, part.parts
    HAVING count(*) = part.parts
),
figure AS (
    SELECT *, false AS split FROM printed
    UNION ALL
    SELECT s.*, true AS split FROM summed s
    ANTI JOIN fact f ON f.report_id = s.report_id AND f.metric = s.metric AND f.applicant = s.applicant
),
-- The same publisher's report of the same scope one year earlier; of several copies the newest.
chain AS (
    SELECT r.report_id, p.report_id AS previous_id
    FROM report r JOIN report p
      ON p.publisher = r.publisher AND p.year = r.year - 1
     AND p.county_code IS NOT DISTINCT FROM r.county_code AND p.scope IS NOT DISTINCT FROM r.scope
    QUALIFY row_number() OVER (PARTITION BY r.report_id ORDER BY p.captured_at DESC, p.report_id) = 1
),
known AS (
    FROM figure
    UNION ALL
    SELECT c.report_id, 'previous.' || f.metric, f.applicant, f.value, f.split
    FROM chain c JOIN figure f ON f.report_id = c.previous_id
),
placed AS (
    SELECT term.*, known.report_id, known.value, known.split,
           CASE term.each WHEN 'metric' THEN known.metric ELSE known.applicant END AS place
    FROM known JOIN term
      ON term.operand = CASE term.each WHEN 'metric' THEN known.applicant ELSE known.metric END
)
SELECT report_id, rule, relation, place,
       sum(sign * value) FILTER (side = 'stated') AS stated,
       sum(sign * value) FILTER (side = 'expected') AS expected,
       list(operand) FILTER (split) AS split
FROM placed
GROUP BY report_id, rule, relation, place, terms
-- All operands are there: with a blank one the relation can't be assessed.
HAVING count(*) = terms AND round(stated - expected, 6) <> 0
ORDER BY report_id, rule, relation, place
