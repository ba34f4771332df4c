WITH placed AS (
    SELECT r.report_id, regexp_extract(r.url, '^https?://([^/:?#]+)', 1) AS host,
           coalesce(c.current_code, r.county_code) AS county
    FROM report r LEFT JOIN county c ON c.code = r.county_code WHERE r.county_code IS NOT NULL
),
counted AS (
    SELECT host, county, count(*) AS reports, sum(count(*)) OVER (PARTITION BY host) AS together
    FROM placed WHERE host <> '' GROUP BY host, county
)
SELECT p.report_id, p.county AS place, json_object(
           'host', p.host, 'county', coalesce(own.name, p.county), 'other', coalesce(other.name, o.county)
       ) AS words
FROM placed p JOIN counted n ON n.host = p.host AND n.county = p.county AND n.reports = 1
JOIN counted o ON o.host = p.host AND o.county <> p.county AND o.reports = n.together - 1
LEFT JOIN county own ON own.code = p.county LEFT JOIN county other ON other.code = o.county
WHERE o.reports >= $fewest
