-- The reports with prose of their own, those of a province and year one after the other: `place`. `era` tells
-- province and year, and a year later is one more.
CREATE OR REPLACE TEMP TABLE reuse_member AS
SELECT row_number() OVER (ORDER BY b.county[:2], b.year, s.report_id)::INTEGER AS place,
       (dense_rank() OVER (ORDER BY b.county[:2]) * 10000 + b.year)::INTEGER AS era,
       s.report_id, s.letters, s.bands, b.year, b.name, b.county,
       coalesce(r.publisher_kind, '') LIKE 'county_%' AS of_county
FROM reuse_sketch s JOIN body b USING (report_id) JOIN report r USING (report_id)
WHERE len(s.bands) > 0
ORDER BY place;

-- Each with last year's of the same body.
CREATE OR REPLACE TEMP TABLE reuse_pair AS
SELECT report_id, of_any_scope_id AS other_id, 'last_year' AS kin
FROM chain SEMI JOIN reuse_member USING (report_id) SEMI JOIN reuse_member b ON b.report_id = of_any_scope_id;
