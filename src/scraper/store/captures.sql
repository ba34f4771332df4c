-- What captures say, as far as they were read. {captures} are all of them or those of some addresses.

-- Captures that hold what the address showed, each with the record that its content is read from: the
-- oldest of that content, a whole one where there is any.
CREATE OR REPLACE TEMP VIEW shown_content AS
SELECT *,
       first_value(warc_file) OVER same AS read_file,
       first_value(warc_offset) OVER same AS read_offset
FROM {captures}
WHERE (status = 200 OR (revisit AND status = 304)) AND NOT ends_with(url, '/robots.txt')
WINDOW same AS (PARTITION BY url, sha256 ORDER BY revisit, captured_at, warc_file, warc_offset);

-- Captures that say that nothing is there any more, or that it is elsewhere.
CREATE OR REPLACE TEMP VIEW other_answer AS
FROM {captures}
WHERE status IN (404, 410) OR (status BETWEEN 300 AND 399 AND status <> 304);

CREATE OR REPLACE TEMP VIEW answer AS
SELECT c.url, c.captured_at, c.status, c.sha256, c.warc_file, c.warc_offset, c.read_file, c.read_offset,
       r.outcome, r.leads_to, r.content, r.figures, r.title, r.year
FROM shown_content c JOIN reading r ON r.warc_file = c.read_file AND r.warc_offset = c.read_offset
UNION ALL
SELECT a.url, a.captured_at, a.status, a.sha256, a.warc_file, a.warc_offset, a.warc_file, a.warc_offset,
       r.outcome, r.leads_to, NULL, NULL, NULL, NULL
FROM other_answer a JOIN reading r USING (warc_file, warc_offset)
