-- Puts the stored tables into line with what settling.sql works out. Nothing is written that is right.

CREATE OR REPLACE TEMP TABLE gone_report AS
SELECT report_id FROM report EXCEPT SELECT report_id FROM wanted_address;

DELETE FROM fact USING gone_report g WHERE fact.report_id = g.report_id;
DELETE FROM label USING gone_report g WHERE label.report_id = g.report_id;
DELETE FROM report_text USING gone_report g WHERE report_text.report_id = g.report_id;
DELETE FROM claim USING gone_report g WHERE claim.report_id = g.report_id;
DELETE FROM evidence USING gone_report g WHERE evidence.report_id = g.report_id;
DELETE FROM warning USING gone_report g WHERE warning.report_id = g.report_id;
DELETE FROM finding USING gone_report g WHERE finding.report_id = g.report_id;
DELETE FROM report USING gone_report g WHERE report.report_id = g.report_id;

CREATE OR REPLACE TEMP TABLE gone_version AS
SELECT url, captured_at, newest FROM version EXCEPT SELECT url, captured_at, newest FROM wanted_version;

DELETE FROM earlier_fact USING gone_version g
WHERE earlier_fact.url = g.url AND earlier_fact.captured_at = g.captured_at AND NOT g.newest;
DELETE FROM earlier_text USING gone_version g
WHERE earlier_text.url = g.url AND earlier_text.captured_at = g.captured_at AND NOT g.newest;
DELETE FROM version USING gone_version g
WHERE version.url = g.url AND version.captured_at = g.captured_at AND version.newest = g.newest;

-- Those that are not the newest came with their facts and text.
INSERT INTO version BY NAME
SELECT w.* EXCLUDE (edition, read_file, read_offset), a.report_id
FROM wanted_version w JOIN wanted_address a USING (url, edition)
ANTI JOIN version s ON s.url = w.url AND s.captured_at = w.captured_at
WHERE w.newest;

UPDATE version
SET report_id = w.report_id, last_seen_at = w.last_seen_at, county_code = w.county_code,
    publisher = w.publisher, year = w.year, title = w.title, form = w.form, content = w.content,
    sha256 = w.sha256, warc_file = w.warc_file, warc_offset = w.warc_offset
FROM (SELECT v.*, a.report_id FROM wanted_version v JOIN wanted_address a USING (url, edition)) w
WHERE version.url = w.url AND version.captured_at = w.captured_at
  AND (w.newest OR row(version.content, version.sha256) = row(w.content, w.sha256))
  AND row(version.report_id, version.last_seen_at, version.county_code, version.publisher, version.year,
          version.title, version.form, version.content, version.sha256, version.warc_file,
          version.warc_offset)
      IS DISTINCT FROM
      row(w.report_id, w.last_seen_at, w.county_code, w.publisher, w.year,
          w.title, w.form, w.content, w.sha256, w.warc_file, w.warc_offset);

UPDATE earlier_text SET report_id = v.report_id FROM version v
WHERE earlier_text.url = v.url AND earlier_text.captured_at = v.captured_at
  AND earlier_text.report_id <> v.report_id;
UPDATE earlier_fact SET report_id = v.report_id FROM version v
WHERE earlier_fact.url = v.url AND earlier_fact.captured_at = v.captured_at
  AND earlier_fact.report_id <> v.report_id;

UPDATE report SET vanished_at = w.vanished_at, vanished_as = w.vanished_as
FROM (
    SELECT r.report_id, a.vanished_at, a.vanished_as
    FROM report r LEFT JOIN (FROM wanted_absence WHERE returned_at IS NULL) a USING (report_id)
) w
WHERE report.report_id = w.report_id
  AND row(report.vanished_at, report.vanished_as) IS DISTINCT FROM row(w.vanished_at, w.vanished_as);

DELETE FROM also_at USING (FROM also_at EXCEPT FROM wanted_also_at) g
WHERE also_at.url = g.url AND also_at.report_id = g.report_id;
INSERT INTO also_at FROM wanted_also_at EXCEPT FROM also_at;

DELETE FROM absence USING (FROM absence EXCEPT FROM wanted_absence) g
WHERE absence.report_id = g.report_id AND absence.vanished_at = g.vanished_at;
INSERT INTO absence FROM wanted_absence EXCEPT FROM absence
