-- The cells of the statutory tables of $reports, with those of last year's reports of the same bodies.
WITH wanted AS (SELECT unnest($reports::VARCHAR[]) AS report_id)
SELECT w.report_id, f."table", false AS earlier, r.publisher_kind, r.scope,
       f.metric, f.applicant, f.value, f.raw, f.table_no, f."row", f.col
FROM wanted w JOIN report r USING (report_id) JOIN fact f USING (report_id)
UNION ALL
SELECT w.report_id, f."table", true AS earlier, r.publisher_kind, r.scope,
       f.metric, f.applicant, f.value, f.raw, f.table_no, f."row", f.col
FROM wanted w JOIN report r USING (report_id) JOIN chain c USING (report_id)
JOIN fact f ON f.report_id = c.previous_id
ORDER BY ALL;
