-- Every time that an address showed a report with other figures, prose or title than before. Copies that
-- were altered in the same way are one alteration, at the time when it was first seen.
CREATE OR REPLACE VIEW alteration AS
WITH step AS (
    SELECT report_id, url, captured_at AS altered_at, content, title,
           lag(captured_at) OVER w AS earlier_at,
           lag(last_seen_at) OVER w AS last_seen_at,
           lag(content) OVER w AS earlier_content,
           lag(title) OVER w AS earlier_title
    FROM version
    WINDOW w AS (PARTITION BY url, report_id ORDER BY captured_at)
),
counted AS (
    SELECT *, row_number() OVER (
        PARTITION BY report_id, url, earlier_content, earlier_title, content, title ORDER BY altered_at
    ) AS occurrence
    FROM step WHERE earlier_at IS NOT NULL
)
SELECT report_id, url, earlier_at, last_seen_at, altered_at, earlier_content, content, earlier_title, title
FROM counted
QUALIFY row_number() OVER (
    PARTITION BY report_id, earlier_content, earlier_title, content, title, occurrence
    ORDER BY altered_at, length(url), url
) = 1;

-- The cells that each alteration altered. A blank cell is as one that is not printed; what can't be read as
-- a figure but has digits counts as it is printed.
CREATE OR REPLACE VIEW altered_figure AS
WITH cell AS (
    SELECT a.url, a.altered_at, false AS later, f.* EXCLUDE (report_id, url, captured_at)
    FROM alteration a JOIN earlier_fact f ON f.url = a.url AND f.captured_at = a.earlier_at
    UNION ALL BY NAME
    SELECT a.url, a.altered_at, true AS later, f.* EXCLUDE (report_id, url, captured_at)
    FROM alteration a JOIN earlier_fact f ON f.url = a.url AND f.captured_at = a.altered_at
    UNION ALL BY NAME
    -- The newest version of an address has the facts of its report, be the address the report's own or not.
    SELECT a.url, a.altered_at, true AS later, f.* EXCLUDE report_id
    FROM alteration a
    JOIN version v ON v.url = a.url AND v.captured_at = a.altered_at AND v.newest
    JOIN fact f ON f.report_id = a.report_id
),
figure AS (
    SELECT *, CASE WHEN value IS NOT NULL THEN concat_ws(' ', value, unit)
                   WHEN regexp_matches(raw, '[0-9０-９]') THEN raw END AS said
    FROM cell
),
altered AS (
    SELECT url, altered_at, any_value("table") AS "table", metric, applicant,
           max(value) FILTER (NOT later) AS earlier_value, max(raw) FILTER (NOT later) AS earlier_raw,
           max(value) FILTER (later) AS value, max(raw) FILTER (later) AS raw,
           min((table_no, "row", col)) AS position
    FROM figure
    GROUP BY url, altered_at, metric, applicant
    HAVING max(said) FILTER (NOT later) IS DISTINCT FROM max(said) FILTER (later)
)
SELECT a.report_id, url, a.last_seen_at, altered_at, f.* EXCLUDE (url, altered_at)
FROM altered f JOIN alteration a USING (url, altered_at)
