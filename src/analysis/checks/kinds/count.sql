SELECT report_id, metric || ':' || applicant AS place, applicant, value AS stated,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells,
       CASE WHEN list_contains($fractional, metric)
            THEN json_object('kind', json_object('zh', '金额', 'en', 'an amount'))
            ELSE json_object('kind', json_object('zh', '整数', 'en', 'a whole number')) END AS words
FROM fact
WHERE "table" = $table AND NOT starts_with(metric, 'local.')
  AND (value < 0 AND NOT list_contains($signed, metric)
       OR value <> floor(value) AND NOT list_contains($fractional, metric))
