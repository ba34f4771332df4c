-- The reports with prose of their own, those of a province and year one after the other: `place`. `era` tells
-- province and year, and a year later is one more.
CREATE OR REPLACE TEMP TABLE reuse_member AS
SELECT row_number() OVER (ORDER BY b.county[:2], b.year, s.report_id)::INTEGER AS place,
       row_number() OVER (ORDER BY s.report_id)::INTEGER AS by_name,
       b.county[:2] AS province, (dense_rank() OVER (ORDER BY b.county[:2]) * 10000 + b.year)::INTEGER AS era,
       s.report_id, s.letters, s.bands, b.year, b.name, b.county,
       coalesce(r.publisher_kind, '') LIKE 'county_%' AS of_county
FROM reuse_sketch s JOIN body b USING (report_id) JOIN report r USING (report_id)
WHERE len(s.bands) > 0
ORDER BY place;

-- Provinces and years, each with what tells whether the same reports, with the same sketches, are looked at in
-- the same way: the number is raised when neighbours are chosen in another one.
CREATE OR REPLACE TEMP TABLE reuse_era AS
WITH members AS (
    SELECT era, any_value(province) AS province, any_value(year) AS year, min(place) AS first,
           max(place) AS last,
           sum(hash(m.report_id, m.letters, s.print, m.name, m.county, m.of_county)) AS print
    FROM reuse_member m JOIN reuse_sketch s USING (report_id) WHERE county <> '' GROUP BY era
)
SELECT a.era, a.province, a.year, coalesce(b.first, a.first) AS earlier, a.first, a.last,
       concat_ws(' ', 1, a.print, b.print) AS print
FROM members a LEFT JOIN members b ON b.era = a.era - 1;

-- Each with last year's of the same body.
CREATE OR REPLACE TEMP TABLE reuse_pair AS
SELECT report_id, of_any_scope_id AS other_id, 'last_year' AS kin
FROM chain SEMI JOIN reuse_member USING (report_id) SEMI JOIN reuse_member b ON b.report_id = of_any_scope_id;

-- Where nothing changed the neighbours are those that were compared.
INSERT INTO reuse_pair
SELECT report_id, other_id, kin FROM reuse JOIN reuse_member USING (report_id)
SEMI JOIN (FROM reuse_era SEMI JOIN reuse_met USING (province, year, print)) settled USING (era)
WHERE kin = 'neighbour';
