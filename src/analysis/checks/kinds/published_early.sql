SELECT report_id, published_on::VARCHAR AS place,
       json_object('day', published_on::VARCHAR, 'end', ending::VARCHAR) AS words
FROM (
    SELECT *, CASE WHEN year(period_end) = year THEN period_end ELSE make_date(year, 12, 1) END AS ending
    FROM report WHERE year IS NOT NULL
)
WHERE published_on < ending
