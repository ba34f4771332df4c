-- What every rule may look at beside the sheets.

-- Whose report each is. A county's government is the same body whatever its name; others are known by theirs.
CREATE OR REPLACE TEMP TABLE body AS
SELECT r.report_id, r.year, r.captured_at, r.scope,
       coalesce(c.current_code, r.county_code, '') AS county,
       CASE r.publisher_kind WHEN 'county_government' THEN r.publisher_kind ELSE r.publisher END AS name
FROM report r LEFT JOIN county c ON c.code = r.county_code
WHERE r.year IS NOT NULL AND r.publisher IS NOT NULL;

-- Last year's report of the same body and scope; of several copies the newest.
CREATE OR REPLACE TEMP TABLE chain AS
SELECT b.report_id,
       arg_max(p.report_id, (p.captured_at, p.report_id)) FILTER (p.scope IS NOT DISTINCT FROM b.scope)
           AS previous_id,
       arg_max(p.report_id, (p.captured_at, p.report_id)) AS of_any_scope_id
FROM body b JOIN body p ON p.name = b.name AND p.county = b.county AND p.year = b.year - 1
GROUP BY b.report_id;

-- What the prose states, each figure with the scope that it is of: its own, or else the report's.
CREATE OR REPLACE TEMP TABLE said AS
SELECT c.report_id, c.metric, c.value, c.sentence, c.start_at, c.end_at, c.rowid AS position,
       coalesce(c.scope, r.scope) AS scope,
       -- 1.53万 is rounded as well as 约15300.
       NOT c.approximate AND NOT regexp_matches(
           substring(c.sentence, c.start_at + 1, c.end_at - c.start_at), '[0-9.]\s*[百千万萬亿億]'
       ) AS exact
FROM claim c JOIN report r USING (report_id);
