-- What settling.sql works out, with what the parts say: `part` has a view of each table of theirs.

-- Which record each report was read from, and each version that is not the newest of its address.
CREATE TABLE part.source AS
SELECT report_id, read_file AS warc_file, read_offset AS warc_offset FROM wanted_address WHERE main;
CREATE TABLE part.earlier_source AS
SELECT a.report_id, v.url, v.captured_at, v.read_file AS warc_file, v.read_offset AS warc_offset
FROM wanted_version v JOIN wanted_address a USING (url, edition) WHERE NOT v.newest;

INSERT INTO report BY NAME
SELECT p.* EXCLUDE (warc_file, warc_offset), a.report_id, a.url, a.file_at AS captured_at, a.sha256,
       a.warc_file, a.warc_offset
FROM wanted_address a
JOIN part.report p ON p.warc_file = a.read_file AND p.warc_offset = a.read_offset
WHERE a.main;

INSERT INTO version BY NAME
SELECT v.* EXCLUDE (edition, read_file, read_offset), a.report_id
FROM wanted_version v JOIN wanted_address a USING (url, edition)
