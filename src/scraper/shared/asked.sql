-- Records that must be read although their own WARC file does not tell what they hold: revisits of what another
-- address or answer brought, and those that ended their reader before. `unread` has all that count.
CREATE OR REPLACE TEMP TABLE asked AS
WITH open AS (
    FROM unread ANTI JOIN reading USING (warc_file, warc_offset)
    ANTI JOIN lost USING (warc_file, warc_offset)
),
-- As Lookup.standing_before has it: what a 304 answer says still stands.
standing AS (
    FROM capture SEMI JOIN open USING (url, sha256) WHERE status <> 304
    QUALIFY row_number() OVER (
        PARTITION BY url, sha256, captured_at ORDER BY warc_file DESC, warc_offset DESC
    ) = 1
),
-- As Lookup.holding has it: some whole records with the same content, those of the address first.
whole AS (
    SELECT *, regexp_matches(url, '[?&]__wb_method=[A-Z]+(&|$)') AS posted,
           row_number() OVER (PARTITION BY sha256 ORDER BY posted, warc_file, warc_offset) AS place,
           row_number() OVER (PARTITION BY sha256, url ORDER BY warc_file, warc_offset) AS place_of_address
    FROM capture SEMI JOIN (FROM open WHERE revisit) USING (sha256) WHERE NOT revisit
),
holding AS (
    SELECT open.warc_file, open.warc_offset,
           list(w ORDER BY w.url <> open.url, w.posted, w.warc_file, w.warc_offset) AS holding
    FROM open JOIN whole w ON w.sha256 = open.sha256
    WHERE open.revisit AND (w.place <= 3 OR (w.url = open.url AND w.place_of_address = 1))
    GROUP BY ALL
)
SELECT open.url, open.captured_at, open.status, open.mime, open.sha256, open.warc_file, open.warc_offset,
       open.warc_length, open.revisit,
       CASE WHEN open.revisit AND open.status = 304 AND s.url IS NOT NULL THEN s END AS before,
       holding.holding
FROM open
ASOF LEFT JOIN standing s ON s.url = open.url AND s.sha256 = open.sha256 AND s.captured_at <= open.captured_at
LEFT JOIN holding ON holding.warc_file = open.warc_file AND holding.warc_offset = open.warc_offset
ORDER BY open.warc_file, open.warc_offset
