SELECT a.report_id, a.metric || ':' || a.applicant || ':' || b.applicant AS place, a.applicant,
       a.value AS stated, b.value AS expected,
       [{'report_id': a.report_id, 'table': a."table", 'metric': a.metric, 'applicant': a.applicant},
        {'report_id': b.report_id, 'table': b."table", 'metric': b.metric, 'applicant': b.applicant}] AS cells,
       json_object('other', b.applicant) AS words,
       [{'metric': a.metric, 'applicant': a.applicant, 'from': a.value, 'to': b.value},
        {'metric': b.metric, 'applicant': b.applicant, 'from': b.value, 'to': a.value}] AS suggestion
FROM failed a JOIN failed b
  ON b.report_id = a.report_id AND b.rule = a.rule AND b.relation = a.relation AND b.metric = a.metric
 AND b.applicant > a.applicant
WHERE 'total' NOT IN (a.applicant, b.applicant) AND a.place = a.applicant AND b.place = b.applicant
  AND round(a.difference + b.difference, 6) = 0
  AND round(a.difference + a.weight * (b.value - a.value), 6) = 0
GROUP BY a.report_id, a."table", b.report_id, b."table", a.metric, b.metric, a.applicant, b.applicant,
         a.value, b.value
