-- The records that no reader, or another one, has read. `site_reader` has the present reader of each host.
-- `head_*` is the capture from which an address shows the content on; null where it shows another by now.

CREATE OR REPLACE TEMP TABLE unread AS
WITH turned AS (
    SELECT *, sha256 IS DISTINCT FROM lag(sha256) OVER (PARTITION BY url ORDER BY captured_at, warc_file, warc_offset) AS turns
    FROM shown_content
),
head AS (
    SELECT url, sha256, captured_at AS head_at, warc_file AS head_file, warc_offset AS head_offset
    FROM turned WHERE turns
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY captured_at DESC, warc_file DESC, warc_offset DESC) = 1
),
record AS (
    SELECT c.* EXCLUDE (read_file, read_offset), head_at, head_file, head_offset
    FROM shown_content c LEFT JOIN head USING (url, sha256)
    WHERE c.warc_file = c.read_file AND c.warc_offset = c.read_offset
    UNION ALL BY NAME
    FROM other_answer
)
SELECT record.*, site_reader.reader
FROM record
JOIN site_reader ON site_reader.netloc = regexp_extract(record.url, '^[^:/?#]+://([^/?#]*)', 1)
LEFT JOIN reading USING (warc_file, warc_offset)
WHERE reading.reader IS DISTINCT FROM site_reader.reader
ORDER BY record.warc_file, record.warc_offset
