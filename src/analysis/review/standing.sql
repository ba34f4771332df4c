-- What the decisions in `decided` are worth today. A finding is known by its id, or else as the only such
-- failure in the year's report that the address has, or had; figures that differ from those decided upon open
-- it again.
CREATE OR REPLACE TEMP TABLE standing AS
WITH place AS (
    SELECT report_id, url FROM report UNION SELECT report_id, url FROM also_at
),
named AS (
    SELECT d.*, coalesce(
        (SELECT f.finding_id FROM finding f WHERE f.finding_id = d.finding_id),
        (SELECT CASE WHEN count(*) = 1 THEN min(f.finding_id) END FROM finding f JOIN report r USING (report_id) JOIN place p USING (report_id)
         WHERE p.url = d.url AND r.year IS NOT DISTINCT FROM d.year AND f.rule = d.rule AND f.metrics = d.metrics
           AND f.applicant IS NOT DISTINCT FROM d.applicant)
    ) AS found_id
    FROM decided d
)
SELECT n.* EXCLUDE (finding_id, found_id), coalesce(found_id, n.finding_id) AS finding_id,
       CASE WHEN row_number() OVER (
                PARTITION BY coalesce(found_id, n.finding_id) ORDER BY decided_at DESC, review_no DESC
            ) > 1 THEN 'superseded'
            WHEN found_id IS NULL THEN 'no_finding'
            WHEN round(f.actual, 6) IS DISTINCT FROM round(n.actual, 6)
              OR round(f.expected, 6) IS DISTINCT FROM round(n.expected, 6) THEN 'figures_changed'
            ELSE 'counts' END AS standing
FROM named n LEFT JOIN finding f ON f.finding_id = n.found_id
