-- What is said right behind the figure, or behind the one that it shares its words with (复议7件，诉讼9件，均获维持).
WITH told AS (
    SELECT s.*, CASE s.metric WHEN 'review_total' THEN 'review_' ELSE 'litigation_' END AS of
    FROM said s JOIN report r USING (report_id)
    WHERE list_contains($claims, s.metric) AND s.value > 0 AND s.scope IS NOT DISTINCT FROM r.scope
      AND regexp_matches(
          substring(s.sentence, s.end_at + 1),
          '^[^;；。0-9]{0,8}([0-9]+[件起宗例][^;；。0-9]{0,3})?' || $says
      )
)
SELECT t.report_id, t.metric AS place, sum(f.value) AS stated,
       list({'report_id': f.report_id, 'table': f."table", 'metric': f.metric, 'applicant': f.applicant}
            ORDER BY f.col) AS cells,
       [first({'metric': t.metric, 'value': t.value, 'sentence': t.sentence, 'start_at': t.start_at,
               'end_at': t.end_at} ORDER BY t.position)] AS quotes
FROM told t JOIN fact f ON f.report_id = t.report_id AND list_contains($denies, f.metric)
                       AND starts_with(f.metric, t.of) AND f."table" = 'cases' AND f.value > 0
GROUP BY t.report_id, t.metric
