-- The whole is the figure stated last before the list. The list is complete if it names no figure that is
-- none of the channels', and no word leaves it open.
WITH part AS (
    SELECT report_id, scope, sentence, position, metric, value, exact FROM said
    WHERE list_contains($parts, metric)
),
listed AS (
    SELECT report_id, scope, sentence, min(position) AS begun, count(*) AS parts, sum(value) AS together
    FROM part GROUP BY report_id, scope, sentence
    HAVING count(*) >= $fewest AND count(DISTINCT metric) = count(*) AND bool_and(exact)
),
whole AS (
    SELECT l.report_id, arg_max(s.position, s.position) AS position, any_value(l.scope) AS scope,
           l.sentence, any_value(l.parts) AS parts, any_value(l.together) AS together
    FROM listed l JOIN said s ON s.report_id = l.report_id AND s.position < l.begun
    GROUP BY l.report_id, l.sentence, l.begun
),
failing AS (
    SELECT w.*, s.metric, s.value, s.sentence AS said_before, s.start_at, s.end_at
    FROM whole w JOIN said s ON s.report_id = w.report_id AND s.position = w.position
    WHERE s.metric = $whole AND s.exact AND s.scope IS NOT DISTINCT FROM w.scope AND w.together <> s.value
      AND len(regexp_extract_all(w.sentence, $figure)) = parts + (w.sentence = s.sentence)::INTEGER
      AND NOT regexp_matches(w.sentence, $open)
)
SELECT f.report_id, coalesce(f.scope, '') || ':' || f.value::BIGINT AS place, f.together AS stated,
       f.value AS expected,
       [{'metric': f.metric, 'value': f.value, 'sentence': f.said_before, 'start_at': f.start_at,
         'end_at': f.end_at}]
       || list({'metric': s.metric, 'value': s.value, 'sentence': s.sentence, 'start_at': s.start_at,
                'end_at': s.end_at} ORDER BY s.position) AS quotes
FROM failing f JOIN said s
  ON s.report_id = f.report_id AND s.sentence = f.sentence AND list_contains($parts, s.metric)
GROUP BY f.report_id, f.scope, f.value, f.together, f.metric, f.said_before, f.start_at, f.end_at, f.sentence
