SELECT report_id, form AS place, json_object('year', year::VARCHAR, 'form', form, 'expected', expected) AS words
FROM (
    SELECT *, CASE WHEN year >= 2021 THEN '2021' WHEN year >= 2019 THEN '2019'
                   WHEN year >= 2014 THEN '2014' END AS expected
    FROM report WHERE form <> 'narrative'
)
WHERE form <> expected
