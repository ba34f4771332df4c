SELECT r.report_id, 'period' AS place, r.year AS expected, json_object(
           'period', coalesce(e.text, r.period_start::VARCHAR || ' – ' || r.period_end::VARCHAR)
       ) AS words
FROM report r LEFT JOIN evidence e
  ON e.report_id = r.report_id AND e.field = 'period_end' AND e.source = 'period'
WHERE r.period_start IS NOT NULL AND r.period_end IS NOT NULL AND year(r.period_end) = r.year
  AND (r.period_end <> make_date(r.year, 12, 31)
       OR r.period_start <> make_date(r.year, 1, 1)
          AND r.period_start <> DATE '2008-05-01'
       OR regexp_matches(coalesce(e.text, ''), '[0-9]{5,}\s*年'))
