WITH told AS (
    SELECT s.report_id, s.scope, first({'metric': s.metric, 'value': s.value, 'sentence': s.sentence,
           'start_at': s.start_at, 'end_at': s.end_at} ORDER BY s.position) AS quote
    FROM said s JOIN report r USING (report_id)
    WHERE s.metric IN ('requests_received', 'requests_carried_in', 'processed_total', 'carried_forward')
      AND s.scope IS NOT DISTINCT FROM r.scope AND regexp_matches(s.sentence, $says)
    GROUP BY s.report_id, s.scope
),
onward AS (
    SELECT report_id, value, [{'report_id': report_id, 'table': "table", 'metric': metric,
           'applicant': applicant}] AS cells, 1 AS rank
    FROM fact WHERE metric = 'carried_forward' AND applicant = 'total' AND value > 0
    UNION ALL
    SELECT s.report_id, s.value, NULL, 2 FROM said s JOIN told t USING (report_id)
    WHERE s.metric = 'carried_forward' AND s.value > 0 AND s.scope IS NOT DISTINCT FROM t.scope
)
SELECT t.report_id, 'carried_forward' AS place, arg_min(o.value, o.rank) AS stated,
       arg_min(o.cells, o.rank) AS cells, [any_value(t.quote)] AS quotes
FROM told t JOIN onward o USING (report_id) GROUP BY t.report_id
