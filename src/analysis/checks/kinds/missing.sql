WITH reported AS (
    SELECT county, name, year, arg_max(report_id, (captured_at, report_id)) AS report_id,
           max(captured_at) AS captured_at
    FROM body GROUP BY county, name, year
),
gap AS (
    SELECT county, name, year AS next_year, report_id,
           unnest(generate_series(lag(year) OVER (PARTITION BY county, name ORDER BY year) + 1, year - 1))
               AS missing
    FROM reported WHERE county <> ''
),
-- The newest year is due if most bodies of the county that reported the year before have reported it.
peer AS (
    SELECT last.*, newest.name IS NOT NULL AS went_on,
           max(last.captured_at) OVER (PARTITION BY last.county) AS seen_at
    FROM reported last LEFT JOIN reported newest
      ON newest.county = last.county AND newest.name = last.name AND newest.year = last.year + 1
    WHERE last.county <> '' AND last.year = (
        SELECT max(year) - 1 FROM reported y WHERE y.county = last.county
    )
),
behind AS (
    SELECT p.county, p.name, p.year AS next_year, p.report_id, p.year + 1 AS missing
    FROM peer p JOIN (
        SELECT county, count(*) FILTER (went_on) AS went_on, count(*) AS bodies FROM peer GROUP BY county
    ) c USING (county)
    WHERE NOT p.went_on AND c.went_on >= $fewest AND c.went_on * 2 > c.bodies
      AND p.seen_at > make_date(p.year + 2, 3, 31)
)
SELECT m.report_id, m.missing::VARCHAR AS place, json_object(
           'publisher', r.publisher, 'missing', m.missing::VARCHAR, 'year', m.next_year::VARCHAR
       ) AS words
FROM (FROM gap UNION ALL SELECT county, name, next_year, report_id, missing FROM behind) m
JOIN report r USING (report_id)
-- A body may be called 教育局 one year and 青禾县教育局 another.
WHERE NOT exists(
    FROM reported o WHERE o.county = m.county AND o.year = m.missing
     AND (contains(o.name, m.name) OR contains(m.name, o.name))
)
