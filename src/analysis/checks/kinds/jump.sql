SELECT f.report_id, f.metric AS place, f.applicant, f.value AS stated, p.value AS expected,
       [{'report_id': f.report_id, 'table': f."table", 'metric': f.metric, 'applicant': f.applicant},
        {'report_id': p.report_id, 'table': p."table", 'metric': p.metric, 'applicant': p.applicant}] AS cells
FROM fact f JOIN chain c ON c.report_id = f.report_id
JOIN fact p ON p.report_id = c.previous_id AND p.metric = f.metric AND p.applicant = f.applicant
           AND p."table" = f."table"
WHERE list_contains($metrics, f.metric) AND f.applicant IN ('', 'total')
  AND CASE WHEN least(f.value, p.value) <= 0 THEN greatest(f.value, p.value) >= $from_nothing
           ELSE greatest(f.value, p.value) >= $base
                AND greatest(f.value, p.value) > $times * least(f.value, p.value) END
