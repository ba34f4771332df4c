-- The newest report of each body, and the county's own.
WITH newest AS (
    SELECT b.county, b.name, b.year, r.scope, r.publisher_kind,
           arg_max(r.report_id, (r.captured_at, r.report_id)) AS report_id
    FROM body b JOIN report r USING (report_id)
    WHERE b.county <> '' GROUP BY ALL
),
figure AS (
    SELECT n.*, f.metric, f."table", f.applicant, f.value
    FROM newest n JOIN fact f USING (report_id)
    WHERE list_contains($metrics, f.metric) AND f.applicant IN ('', 'total')
      AND f."table" IN ('requests', 'cases', 'proactive')
),
whole AS (
    SELECT * FROM figure WHERE scope = 'whole' AND publisher_kind = 'county_government' AND value IS NOT NULL
),
part AS (
    SELECT * FROM figure
    WHERE scope = 'own' AND publisher_kind IN ('county_office', 'department', 'township')
),
parts AS (
    SELECT county, year, metric, "table", applicant, list(name ORDER BY name) AS names,
           count(*) AS bodies, count(value) AS known, sum(value) AS together,
           list({'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}
                ORDER BY name) AS cells,
           string_agg(name || ' ' || value::BIGINT, '、' ORDER BY value DESC, name)
               FILTER (value > 0) AS listed,
           bool_or(publisher_kind = 'county_office') AND bool_or(publisher_kind = 'department')
               AND bool_or(publisher_kind = 'township') AS of_all_kinds,
           -- A county's report that is its office's own figures by mistake is no contradiction.
           max(value) FILTER (publisher_kind = 'county_office') AS office
    FROM part GROUP BY county, year, metric, "table", applicant
),
compared AS (
    SELECT w.report_id, w.value AS whole, p.* FROM whole w JOIN parts p
        USING (county, year, metric, "table", applicant)
    WHERE p.bodies >= $fewest AND w.value IS DISTINCT FROM p.office
),
-- Sets of bodies that do add up to the county's figure in another year.
complete AS (
    SELECT county, year, metric, names FROM compared
    WHERE known = bodies AND of_all_kinds AND together = whole AND whole > 0
)
SELECT c.report_id, c.metric AS place, c.applicant, c.whole AS stated, c.together AS expected,
       [{'report_id': c.report_id, 'table': c."table", 'metric': c.metric, 'applicant': c.applicant}]
           || c.cells AS cells,
       json_object('count', c.bodies::VARCHAR, 'parts', coalesce(c.listed, '0')) AS words
FROM compared c
WHERE c.together > c.whole
   OR c.together < c.whole AND c.known = c.bodies AND exists(
       FROM complete k WHERE k.county = c.county AND k.metric = c.metric AND k.names = c.names
        AND abs(k.year - c.year) = 1
   )
