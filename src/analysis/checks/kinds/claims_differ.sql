WITH stated AS (
    SELECT report_id, scope, metric, value, min(position) AS begun,
           first({'metric': metric, 'value': value, 'sentence': sentence, 'start_at': start_at, 'end_at': end_at}
                 ORDER BY position) AS quote
    FROM said WHERE exact AND list_contains($metrics, metric)
    GROUP BY report_id, scope, metric, value
),
twice AS (
    SELECT report_id, scope, metric, list(value ORDER BY begun) AS figures, list(quote ORDER BY begun) AS quotes
    FROM stated GROUP BY report_id, scope, metric HAVING count(*) > 1
)
SELECT report_id, metric || ':' || coalesce(scope, '') AS place, figures[2] AS stated,
       figures[1] AS expected, quotes
FROM twice t
-- Requests with and without those carried in are two quantities.
WHERE NOT (metric = 'requests_received' AND len(figures) = 2 AND exists(
    FROM said s WHERE s.report_id = t.report_id AND s.metric = 'requests_carried_in'
     AND s.value = abs(figures[1] - figures[2])
))
