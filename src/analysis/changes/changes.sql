-- What happened to reports, the newest first: $county is a county's present code, $since a day.

WITH event AS (
    SELECT report_id, url, min(captured_at) AS happened_at, 'appeared' AS kind,
           NULL::TIMESTAMP AS last_seen_at, NULL AS vanished_as, NULL::TIMESTAMP AS earlier_at,
           NULL AS earlier_content, NULL AS earlier_title
    FROM version GROUP BY report_id, url
    QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY happened_at, length(url), url) = 1
    UNION ALL
    SELECT report_id, returned_to, returned_at, 'appeared', last_seen_at, vanished_as, NULL, NULL, NULL
    FROM absence WHERE returned_at IS NOT NULL
    UNION ALL
    SELECT report_id, url, vanished_at, 'vanished', last_seen_at, vanished_as, NULL, NULL, NULL
    FROM absence
    UNION ALL
    SELECT report_id, url, altered_at, 'altered', last_seen_at, NULL, earlier_at, earlier_content, earlier_title
    FROM alteration
)
SELECT e.happened_at AS "at", e.kind, r.county_code, c.name AS county, r.publisher, r.year, r.title, e.url,
       e.last_seen_at, e.vanished_as, e.earlier_at, e.earlier_title, v.title AS newer_title, v.newest,
       CASE WHEN e.kind = 'altered' THEN ARRAY(
           SELECT s.url FROM version s JOIN report sr USING (report_id)
           WHERE s.newest AND s.content = e.earlier_content AND s.report_id <> e.report_id
             AND s.publisher = r.publisher AND s.year = r.year AND sr.vanished_at IS NULL
             AND NOT exists(
                 FROM also_at a WHERE a.report_id = s.report_id AND a.url = s.url AND a.vanished_at IS NOT NULL
             )
           ORDER BY s.url
       ) ELSE [] END AS still_at,
       [r.url] || ARRAY(SELECT a.url FROM also_at a WHERE a.report_id = r.report_id ORDER BY a.url) AS urls,
       r.report_id
FROM event e
JOIN report r USING (report_id)
LEFT JOIN county c ON c.code = r.county_code
LEFT JOIN version v ON v.url = e.url AND v.captured_at = e.happened_at
WHERE ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
  AND ($year IS NULL OR r.year = $year)
  AND ($kind IS NULL OR e.kind = $kind)
  AND ($since IS NULL OR e.happened_at >= $since)
ORDER BY "at" DESC, r.county_code, r.year, r.publisher, e.url, e.kind
