WITH twice AS (
    SELECT report_id, scope, metric FROM said WHERE exact AND list_contains($metrics, metric)
    GROUP BY report_id, scope, metric HAVING min(value) < max(value)
),
stated AS (
    SELECT s.report_id, s.scope, s.metric, s.value, min(s.position) AS begun,
           first({'metric': s.metric, 'value': s.value, 'sentence': s.sentence, 'start_at': s.start_at,
                  'end_at': s.end_at} ORDER BY s.position) AS quote
    FROM said s JOIN twice t
      ON t.report_id = s.report_id AND t.metric = s.metric AND t.scope IS NOT DISTINCT FROM s.scope
    WHERE s.exact GROUP BY s.report_id, s.scope, s.metric, s.value
),
listed AS (
    SELECT report_id, scope, metric, list(value ORDER BY begun) AS figures, list(quote ORDER BY begun) AS quotes
    FROM stated GROUP BY report_id, scope, metric
)
SELECT report_id, metric || ':' || coalesce(scope, '') AS place, figures[2] AS stated,
       figures[1] AS expected, quotes
FROM listed t
-- Requests with and without those carried in are two quantities.
WHERE NOT (metric = 'requests_received' AND len(figures) = 2 AND exists(
    FROM said s WHERE s.report_id = t.report_id AND s.metric = 'requests_carried_in'
     AND s.value = abs(figures[1] - figures[2])
))
