-- A government and its office may publish the same report.
SELECT b.report_id, 'tables' AS place, any_value(own.figures) AS stated,
       json_object('other', first(o.publisher ORDER BY o.publisher)) AS words
FROM sheet_prints own JOIN sheet_prints other ON other.print = own.print AND other.report_id <> own.report_id
JOIN body b ON b.report_id = own.report_id JOIN body ob ON ob.report_id = other.report_id
JOIN report r ON r.report_id = own.report_id JOIN report o ON o.report_id = other.report_id
WHERE own.varied >= $fewest AND ob.year = b.year AND (ob.name <> b.name OR ob.county <> b.county)
  AND NOT (ob.county = b.county AND coalesce(r.publisher_kind, '') LIKE 'county_%'
           AND coalesce(o.publisher_kind, '') LIKE 'county_%')
GROUP BY b.report_id
