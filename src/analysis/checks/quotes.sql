-- The first sentence for each figure that a formula took from the prose; `claimed` has those figures.
UPDATE outcome SET quotes = quoted.quotes
FROM (
    SELECT report_id, rule, relation, place, list(
               {'metric': metric, 'value': value, 'sentence': sentence, 'start_at': start_at, 'end_at': end_at}
               ORDER BY position
           ) AS quotes
    FROM (
        SELECT o.report_id, o.rule, o.relation, o.place, s.metric, s.value, s.sentence, s.start_at, s.end_at,
               s.position
        FROM outcome o JOIN (SELECT DISTINCT * FROM claimed) t ON t.rule = o.rule AND t.relation = o.relation
        JOIN report r ON r.report_id = o.report_id
        JOIN said s ON s.report_id = o.report_id AND s.metric = t.metric AND s.exact
        WHERE len(o.blanks) = 0
          -- A place among the claims is their scope.
          AND coalesce(s.scope, '') = CASE WHEN o.applicant = '' AND o.place IN ('own', 'whole') THEN o.place
                                      ELSE coalesce(r.scope, '') END
        QUALIFY row_number() OVER (
            PARTITION BY o.report_id, o.rule, o.relation, o.place, s.metric ORDER BY s.position
        ) = 1
    )
    GROUP BY report_id, rule, relation, place
) quoted
WHERE outcome.report_id = quoted.report_id AND outcome.rule = quoted.rule
  AND outcome.relation = quoted.relation AND outcome.place = quoted.place
