-- Which reports to compare: each with last year's of the same body, and with the neighbours of its own year
-- and the year before that its sketch meets most often.

CREATE OR REPLACE TEMP TABLE reuse_pair AS
WITH member AS (
    SELECT s.report_id, s.letters, s.bands, b.year, b.name, b.county, left(b.county, 2) AS province,
           coalesce(r.publisher_kind, '') LIKE 'county_%' AS of_county
    FROM reuse_sketch s JOIN body b USING (report_id) JOIN report r USING (report_id)
    WHERE len(s.bands) > 0
),
banded AS (
    SELECT report_id, province, year, unnest(bands) AS key, generate_subscripts(bands, 1) AS band
    FROM member WHERE province <> ''
),
-- Where very many reports share a key, all meet the first of them only: $crowd.
crowded AS (
    SELECT *, row_number() OVER (PARTITION BY province, year, band, key ORDER BY report_id) AS place FROM banded
),
met AS (
    SELECT a.report_id, b.report_id AS other_id, count(*) AS times
    FROM crowded a CROSS JOIN (VALUES (0), (1)) AS back(years)
    JOIN crowded b ON b.province = a.province AND b.band = a.band AND b.key = a.key
                  AND b.year = a.year - back.years AND b.report_id <> a.report_id
    WHERE b.place <= $crowd
    GROUP BY ALL
),
-- Of the same year both may have taken from the other.
either AS (
    SELECT report_id, other_id, max(times) AS times FROM (
        FROM met
        UNION ALL SELECT met.other_id, met.report_id, times
        FROM met JOIN member a ON a.report_id = met.report_id JOIN member b ON b.report_id = met.other_id
        WHERE a.year = b.year
    ) GROUP BY report_id, other_id
),
-- Bands meet with the square of what two texts have in common of all that either has (Jaccard).
likely AS (
    SELECT e.report_id, e.other_id, sqrt(times / $bands) AS alike,
           100 * alike / (1 + alike) * (a.letters + b.letters) / a.letters AS share,
           a.year = b.year AS same_year
    FROM either e JOIN member a ON a.report_id = e.report_id JOIN member b ON b.report_id = e.other_id
    -- The same report under two names or at two addresses takes nothing from anybody.
    WHERE NOT (a.county = b.county AND (a.name = b.name OR (a.year = b.year AND a.of_county AND b.of_county)))
),
chosen AS (
    SELECT report_id, other_id, same_year FROM likely WHERE share >= $likely
    QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY share DESC, other_id) <= $most
),
neighbour AS (
    SELECT report_id, other_id FROM chosen
    UNION SELECT other_id, report_id FROM chosen WHERE same_year
)
SELECT report_id, of_any_scope_id AS other_id, 'last_year' AS kin
FROM chain JOIN member a USING (report_id) JOIN member b ON b.report_id = of_any_scope_id
UNION ALL
SELECT report_id, other_id, 'neighbour' AS kin FROM neighbour;
