-- Which reports there are, with which versions and addresses, as the captures and what was read of them say.
-- It is worked out anew from all captures of addresses that ever held a report, so that it does not matter
-- in which order and in how many runs they were read. `led` says where redirects lead (settling.py).

-- Each moment at which an address held a report, or did not; of one second the record written last counts.
CREATE OR REPLACE TEMP TABLE said AS
SELECT answer.* REPLACE (coalesce(led.outcome, answer.outcome) AS outcome),
       coalesce(led.moment, answer.captured_at) AS noticed_at,
       answer.outcome = 'report' AS stands,
       CASE answer.outcome WHEN 'gone' THEN CAST(status AS VARCHAR) ELSE answer.outcome END AS shows
FROM given_answer answer
SEMI JOIN (SELECT url FROM given_answer WHERE outcome = 'report') USING (url)
LEFT JOIN led USING (warc_file, warc_offset)
WHERE answer.outcome IN ('report', 'other_page', 'soft404', 'gone')
   OR led.outcome IN ('report', 'other_page', 'soft404', 'gone')
QUALIFY row_number() OVER (
    PARTITION BY answer.url, answer.captured_at ORDER BY answer.warc_file DESC, answer.warc_offset DESC
) = 1;

-- The captures that hold a report, with the year that it is of: some addresses always hold the newest report,
-- and then have held several. A capture that does not tell the year is of the one before, or else behind. One
-- with the figures of the one before is the same report, whose year was put right; 0 is an unknown year.
CREATE OR REPLACE TEMP TABLE held AS
WITH told AS (
    SELECT *,
           coalesce(
               year,
               last_value(year IGNORE NULLS) OVER (PARTITION BY url ORDER BY captured_at),
               first_value(year IGNORE NULLS) OVER (
                   PARTITION BY url ORDER BY captured_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
               ),
               0
           ) AS told_year,
           coalesce(figures = lag(figures) OVER (PARTITION BY url ORDER BY captured_at), false) AS same_figures
    FROM said WHERE stands
),
counted AS (
    SELECT *, sum((NOT same_figures)::INTEGER) OVER (PARTITION BY url ORDER BY captured_at) AS figures_no
    FROM told
),
dated AS (
    SELECT *, arg_max(told_year, captured_at) OVER (PARTITION BY url, figures_no) AS edition FROM counted
),
-- The runs of one content, and within them of one file.
turned AS (
    SELECT *,
           content IS DISTINCT FROM lag(content) OVER w OR title IS DISTINCT FROM lag(title) OVER w AS turns,
           sha256 IS DISTINCT FROM lag(sha256) OVER w AS other_file
    FROM dated
    WINDOW w AS (PARTITION BY url, edition ORDER BY captured_at)
)
SELECT *,
       sum(turns::INTEGER) OVER w AS version_no,
       sum((turns OR other_file)::INTEGER) OVER w AS file_no
FROM turned
WINDOW w AS (PARTITION BY url, edition ORDER BY captured_at);

CREATE OR REPLACE TEMP TABLE wanted_version AS
WITH run AS (
    SELECT *, max(captured_at) OVER v AS last_seen_at,
           version_no = max(version_no) OVER (PARTITION BY url, edition) AS newest
    FROM held
    WINDOW v AS (PARTITION BY url, edition, version_no)
    QUALIFY row_number() OVER (PARTITION BY url, edition, version_no ORDER BY captured_at) = 1
)
SELECT run.url, edition, run.captured_at, last_seen_at, newest, county_code, publisher, r.year, r.title, form,
       r.content, sha256, run.warc_file, run.warc_offset, read_file, read_offset
FROM run JOIN reading r ON r.warc_file = read_file AND r.warc_offset = read_offset;

-- When an address did not hold a report: from the first capture that says so to the next that holds it.
CREATE OR REPLACE TEMP TABLE gap AS
WITH told AS (
    SELECT a.url, a.edition, said.captured_at, said.noticed_at,
           held.edition IS NOT DISTINCT FROM a.edition AS stands,
           CASE WHEN said.stands THEN 'other_report' ELSE said.shows END AS shows
    FROM (SELECT DISTINCT url, edition FROM held) a JOIN said USING (url)
    LEFT JOIN held ON held.url = said.url AND held.captured_at = said.captured_at
),
sequence AS (
    SELECT *, lag(stands) OVER w AS stood, lag(captured_at) OVER w AS last_seen_at,
           min(captured_at) FILTER (stands) OVER (
               PARTITION BY url, edition ORDER BY captured_at
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
           ) AS returned_at
    FROM told
    WINDOW w AS (PARTITION BY url, edition ORDER BY captured_at)
)
SELECT url, edition, last_seen_at, noticed_at AS vanished_at, shows AS vanished_as, returned_at
FROM sequence WHERE stood AND NOT stands;

-- What each address shows, or showed last, of each report that it ever held; addresses with the same
-- publisher, year and content are one report, which has the name of the first of them. Where publisher or
-- year is unknown only the same file is the same. The main one is the first of those that still hold it.
CREATE OR REPLACE TEMP TABLE wanted_address AS
WITH file AS (
    FROM held
    QUALIFY file_no = max(file_no) OVER (PARTITION BY url, edition)
        AND row_number() OVER (PARTITION BY url, edition, file_no ORDER BY captured_at) = 1
),
known AS (
    SELECT file.url, edition, file.captured_at AS file_at, sha256, file.warc_file, file.warc_offset, read_file,
           read_offset, r.county_code, version.captured_at, version.last_seen_at,
           concat_ws('|', edition, CASE WHEN r.publisher IS NULL OR r.year IS NULL THEN sha256
                                        ELSE concat_ws('|', r.publisher, r.content) END) AS same,
           concat_ws(' ', file.url, nullif(edition, 0)) AS name,
           exists(FROM gap WHERE gap.url = file.url AND gap.edition = file.edition AND returned_at IS NULL) AS gone
    FROM file
    JOIN reading r ON r.warc_file = read_file AND r.warc_offset = read_offset
    JOIN (SELECT url, edition, captured_at, last_seen_at FROM wanted_version WHERE newest) version
    USING (url, edition)
)
SELECT *, left(sha256(first_value(name) OVER first), 16) AS report_id,
       row_number() OVER standing = 1 AS main
FROM known
WINDOW first AS (PARTITION BY same ORDER BY county_code IS NULL, captured_at, length(url), url),
       standing AS (PARTITION BY same ORDER BY gone, county_code IS NULL, captured_at, length(url), url);

-- When a report was at none of its addresses. One that is found at another address within a day has moved.
CREATE OR REPLACE TEMP TABLE wanted_absence AS
WITH first_seen AS (
    SELECT report_id, url, min(held.captured_at) AS seen_at,
           min(min(held.captured_at)) OVER (PARTITION BY report_id) AS first_at
    FROM held JOIN wanted_address USING (url, edition) GROUP BY report_id, url
),
move AS (
    SELECT report_id, url, greatest(first_at, seen_at - INTERVAL 1 DAY) AS counted_at, seen_at, 1 AS step,
           NULL::TIMESTAMP AS last_seen_at, NULL AS vanished_as
    FROM first_seen
    UNION ALL
    SELECT report_id, url, vanished_at, vanished_at, -1, gap.last_seen_at, vanished_as
    FROM gap JOIN wanted_address USING (url, edition)
    UNION ALL
    SELECT report_id, url, returned_at, returned_at, 1, NULL, NULL
    FROM gap JOIN wanted_address USING (url, edition) WHERE returned_at IS NOT NULL
),
counted AS (
    SELECT *, sum(step) OVER (w ROWS UNBOUNDED PRECEDING) AS standing,
           lead(seen_at) OVER w AS returned_at, lead(url) OVER w AS returned_to
    FROM move
    WINDOW w AS (PARTITION BY report_id ORDER BY counted_at, step DESC, seen_at, url)
)
SELECT report_id, url, last_seen_at, seen_at AS vanished_at, vanished_as, returned_at, returned_to
FROM counted WHERE step = -1 AND standing = 0;

CREATE OR REPLACE TEMP TABLE wanted_also_at AS
SELECT report_id, url, captured_at, a.last_seen_at, sha256, warc_file, warc_offset, vanished_at, vanished_as
FROM wanted_address a LEFT JOIN (FROM gap WHERE returned_at IS NULL) USING (url, edition)
WHERE NOT main
