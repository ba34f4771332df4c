SELECT p.report_id, 'tables' AS place, p.figures AS stated, first(s.value ORDER BY s.position) AS expected,
       [{'report_id': p.report_id, 'table': first(f."table" ORDER BY s.position),
         'metric': first(f.metric ORDER BY s.position), 'applicant': first(f.applicant ORDER BY s.position)}]
           AS cells,
       [first({'metric': s.metric, 'value': s.value, 'sentence': s.sentence, 'start_at': s.start_at,
               'end_at': s.end_at} ORDER BY s.position)] AS quotes
FROM sheet_prints p JOIN report r ON r.report_id = p.report_id
JOIN said s ON s.report_id = p.report_id AND s.value > 0 AND s.scope IS NOT DISTINCT FROM r.scope
JOIN fact f ON f.report_id = p.report_id AND f.metric = s.metric AND f.applicant IN ('', 'total')
WHERE p.nonzero = 0 AND p.figures >= $fewest
GROUP BY p.report_id, p.figures
