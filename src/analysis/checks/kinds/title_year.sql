WITH titled AS (
    SELECT report_id, year(period_end) AS period_year, list_transform(
        regexp_extract_all(
            translate(title, '０１２３４５６７８９〇○零一二三四五六七八九', '0123456789000123456789'),
            '((?:19|20)[0-9]{2})\s*年', 1
        ), lambda y: y::INTEGER) AS years
    FROM report WHERE period_end IS NOT NULL AND title IS NOT NULL
)
SELECT report_id, 'title' AS place, years[1] AS stated, period_year AS expected
FROM titled WHERE len(years) > 0 AND NOT list_contains(years, period_year)
