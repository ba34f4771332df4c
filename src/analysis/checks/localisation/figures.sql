-- The cells of the statutory tables of $reports, numbered from 0, with those of last year's reports of the
-- same bodies.
CREATE OR REPLACE TEMP TABLE figure AS
WITH wanted AS (
    SELECT unnest($reports::VARCHAR[]) AS report_id, generate_subscripts($reports::VARCHAR[], 1) - 1 AS number
)
SELECT number, w.report_id, f."table", false AS earlier, r.publisher_kind, r.scope,
       f.metric, f.applicant, f.value, f.raw, f.table_no, f."row", f.col
FROM wanted w JOIN report r USING (report_id) JOIN fact f USING (report_id)
UNION ALL
SELECT number, w.report_id, f."table", true AS earlier, r.publisher_kind, r.scope,
       f.metric, f.applicant, f.value, f.raw, f.table_no, f."row", f.col
FROM wanted w JOIN report r USING (report_id) JOIN chain c USING (report_id)
JOIN fact f ON f.report_id = c.previous_id
ORDER BY number;
