SELECT f.report_id, f.metric AS place, f.value AS stated, l.value AS expected,
       [{'report_id': f.report_id, 'table': f."table", 'metric': f.metric, 'applicant': f.applicant},
        {'report_id': l.report_id, 'table': l."table", 'metric': l.metric, 'applicant': l.applicant}] AS cells
FROM fact l JOIN fact f
  ON f.report_id = l.report_id AND f."table" = l."table" AND f.table_no = l.table_no AND f."row" = l."row"
WHERE l."table" = $table AND starts_with(l.metric, 'local.') AND contains(l.metric, '·')
  AND regexp_matches(split_part(l.metric, '·', -1), $cumulative)
  AND NOT starts_with(f.metric, 'local.') AND f.value > l.value
