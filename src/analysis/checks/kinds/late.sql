WITH dated AS (
    SELECT *, CASE WHEN year >= 2019 AND publisher_kind IN ('department', 'township')
                   THEN make_date(year + 1, 1, 31) ELSE make_date(year + 1, 3, 31) END AS due
    FROM report WHERE year IS NOT NULL AND published_on IS NOT NULL
)
SELECT d.report_id, d.published_on::VARCHAR AS place,
       json_object('day', d.published_on::VARCHAR, 'due', d.due::VARCHAR) AS words
FROM dated d
WHERE d.published_on > d.due AND d.published_on < make_date(d.year + 2, 1, 1)
  AND d.published_on <= d.captured_at
  AND NOT exists(
      FROM dated o WHERE o.publisher = d.publisher AND o.published_on = d.published_on AND o.year <> d.year
  )
