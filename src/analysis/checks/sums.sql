-- The operands of all sums in reports in which a sum fails, each with the sum's difference: that of a sum which
-- holds is 0. Sums with a blank operand are left out. `weighed` has the operands of the rules.
CREATE OR REPLACE TEMP TABLE sums AS
WITH failing AS (
    SELECT DISTINCT o.report_id FROM outcome o SEMI JOIN weighed w ON w.rule = o.rule AND w.relation = o.relation
    WHERE len(o.blanks) = 0
),
cell AS (
    SELECT f.report_id, f."table", f.metric, f.applicant, f.value FROM fact f SEMI JOIN failing USING (report_id)
    WHERE NOT starts_with(f.metric, 'local.')
),
operand AS (
    SELECT w.rule, w.relation, c.applicant AS place, c.*, w.weight, w.terms,
           coalesce(w.instead_of, w.operand) AS term
    FROM cell c JOIN weighed w ON NOT w.by_row AND w."table" = c."table" AND w.operand = c.metric
    LEFT JOIN cell g ON g.report_id = c.report_id AND g."table" = c."table" AND g.applicant = c.applicant
                    AND g.metric = w.instead_of AND g.value IS NOT NULL
    -- Parts stand for their sum where that is not printed.
    WHERE CASE WHEN w.instead_of IS NULL THEN c.value IS NOT NULL ELSE g.metric IS NULL END
    UNION ALL
    SELECT w.rule, w.relation, c.metric AS place, c.*, w.weight, w.terms, w.operand
    FROM cell c JOIN weighed w ON w.by_row AND w."table" = c."table" AND w.operand = c.applicant
    WHERE c.value IS NOT NULL
),
whole AS (
    SELECT report_id, rule, relation, place, sum(weight * value) AS difference
    FROM operand GROUP BY report_id, rule, relation, place
    HAVING count(DISTINCT term) = any_value(terms) AND count(value) = count(*)
)
SELECT report_id, rule, relation, place, "table", metric, applicant, weight, value, difference
FROM operand JOIN whole USING (report_id, rule, relation, place);
