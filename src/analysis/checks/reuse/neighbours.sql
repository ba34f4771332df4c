-- With which neighbours to compare the reports from place $first to $last: those of the same year and the year
-- before, which begin at $earlier, that their sketches meet most often.
INSERT INTO reuse_pair
WITH banded AS (
    SELECT place, era, unnest(bands) AS key, generate_subscripts(bands, 1)::UTINYINT AS band
    FROM reuse_member WHERE place BETWEEN $earlier AND $last AND county <> ''
),
-- Where very many reports share a key, all meet the first of them only: $crowd.
crowd AS (
    SELECT era, band, key, list(place ORDER BY place)[:$crowd] AS places FROM banded GROUP BY era, band, key
),
met AS (
    SELECT place, other, count(*) AS times FROM (
        SELECT a.place, unnest(b.places) AS other
        FROM banded a CROSS JOIN (VALUES (0), (1)) AS back(years)
        JOIN crowd b ON b.era = a.era - back.years AND b.band = a.band AND b.key = a.key
        WHERE a.place >= $first
    ) WHERE place <> other GROUP BY place, other
),
-- Of the same year both may have taken from the other.
either AS (
    SELECT place, other, max(times) AS times FROM (
        FROM met
        UNION ALL SELECT met.other, met.place, times
        FROM met JOIN reuse_member a USING (place) JOIN reuse_member b ON b.place = met.other
        WHERE a.era = b.era
    ) GROUP BY place, other
),
-- Bands meet with the square of what two texts have in common of all that either has (Jaccard).
likely AS (
    SELECT place, other, b.by_name, sqrt(times / $bands) AS alike,
           100 * alike / (1 + alike) * (a.letters + b.letters) / a.letters AS share,
           a.era = b.era AS same_year
    FROM either JOIN reuse_member a USING (place) JOIN reuse_member b ON b.place = either.other
    -- The same report under two names or at two addresses takes nothing from anybody.
    WHERE NOT (a.county = b.county AND (a.name = b.name OR (a.era = b.era AND a.of_county AND b.of_county)))
),
chosen AS (
    SELECT place, other, same_year FROM likely WHERE share >= $likely
    QUALIFY row_number() OVER (PARTITION BY place ORDER BY share DESC, by_name) <= $most
)
SELECT a.report_id, b.report_id, 'neighbour' AS kin
FROM (
    SELECT place, other FROM chosen
    UNION SELECT other, place FROM chosen WHERE same_year
) JOIN reuse_member a USING (place) JOIN reuse_member b ON b.place = other;
