-- The whole is the figure stated last before the list. The list is complete if it names no figure that is
-- none of the channels', and no word leaves it open.
WITH ordered AS (
    SELECT *, row_number() OVER (PARTITION BY report_id ORDER BY position) AS number FROM said
),
listed AS (
    SELECT report_id, scope, sentence, min(number) AS first, count(*) AS parts,
           count(DISTINCT metric) AS channels, bool_and(exact) AS exact, sum(value) AS together,
           list({'metric': metric, 'value': value, 'sentence': sentence, 'start_at': start_at,
                 'end_at': end_at} ORDER BY position) AS quotes
    FROM ordered WHERE list_contains($parts, metric) GROUP BY report_id, scope, sentence
)
SELECT l.report_id, coalesce(l.scope, '') || ':' || w.value::BIGINT AS place, together AS stated,
       w.value AS expected,
       [{'metric': w.metric, 'value': w.value, 'sentence': w.sentence, 'start_at': w.start_at,
         'end_at': w.end_at}] || quotes AS quotes
FROM listed l JOIN ordered w ON w.report_id = l.report_id AND w.number = l.first - 1 AND w.metric = $whole
 AND w.scope IS NOT DISTINCT FROM l.scope
WHERE l.exact AND w.exact AND parts >= $fewest AND channels = parts AND together <> w.value
  AND len(regexp_extract_all(l.sentence, $figure)) = parts + (w.sentence = l.sentence)::INTEGER
  AND NOT regexp_matches(l.sentence, $open)
