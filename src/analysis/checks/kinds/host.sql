SELECT report_id, host AS place, json_object('host', host) AS words
FROM (SELECT *, regexp_extract(url, '^https?://([^/:?#]+)', 1) AS host FROM report WHERE NOT sample)
WHERE host <> '' AND NOT regexp_matches(host, $government)
