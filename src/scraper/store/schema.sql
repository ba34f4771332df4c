-- The database of a workspace: the only contract between scraper and analysis. What each column holds
-- is said in docs/database.md.

-- Which schema.sql made the tables.
CREATE TABLE IF NOT EXISTS made_by (schema_sha256 VARCHAR PRIMARY KEY);

-- What the last run saw that read all there was to read.
CREATE TABLE IF NOT EXISTS settled (state VARCHAR NOT NULL);

CREATE TABLE IF NOT EXISTS county (
    code VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    province VARCHAR NOT NULL,
    prefecture VARCHAR NOT NULL,
    pinyin VARCHAR NOT NULL,
    since INTEGER,
    until INTEGER,
    successors VARCHAR[] NOT NULL,
    other_names VARCHAR[] NOT NULL,
    current_code VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS metric (
    metric VARCHAR NOT NULL,
    label_zh VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    "table" VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    comparable_with VARCHAR NOT NULL,
    comparability VARCHAR NOT NULL,
    PRIMARY KEY (metric, form)
);

CREATE TABLE IF NOT EXISTS applicant (
    applicant VARCHAR PRIMARY KEY,
    label_zh VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS capture (
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    status INTEGER NOT NULL,
    mime VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL,
    warc_length BIGINT NOT NULL,
    revisit BOOLEAN NOT NULL,
    PRIMARY KEY (warc_file, warc_offset)
);

-- Which captures were read, by which version of the reader, and what came of it: `report`, or how the page
-- is no report. Of several captures of one content of an address the oldest is read, and speaks for all.
-- `leads_to` is the address that a redirect names; `content` is equal where facts and prose are, `figures`
-- where facts are, and null where they are too few to tell one report from another.
CREATE TABLE IF NOT EXISTS reading (
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL,
    reader VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    leads_to VARCHAR,
    content VARCHAR,
    figures VARCHAR,
    county_code VARCHAR,
    publisher VARCHAR,
    year INTEGER,
    title VARCHAR,
    form VARCHAR,
    PRIMARY KEY (warc_file, warc_offset)
);

CREATE TABLE IF NOT EXISTS report (
    report_id VARCHAR PRIMARY KEY,
    county_code VARCHAR,
    publisher VARCHAR,
    publisher_kind VARCHAR,
    year INTEGER,
    form VARCHAR NOT NULL,
    scope VARCHAR,
    title VARCHAR,
    period_start DATE,
    period_end DATE,
    published_on DATE,
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    sha256 VARCHAR NOT NULL,
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL,
    sample BOOLEAN NOT NULL,
    vanished_at TIMESTAMP,
    vanished_as VARCHAR
);

-- Other addresses of the same report.
CREATE TABLE IF NOT EXISTS also_at (
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    sha256 VARCHAR NOT NULL,
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL,
    vanished_at TIMESTAMP,
    vanished_as VARCHAR,
    PRIMARY KEY (report_id, url)
);

-- All that an address showed of a report, one after the other, the newest included.
CREATE TABLE IF NOT EXISTS version (
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    newest BOOLEAN NOT NULL,
    county_code VARCHAR,
    publisher VARCHAR,
    year INTEGER,
    title VARCHAR,
    form VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    warc_file VARCHAR NOT NULL,
    warc_offset BIGINT NOT NULL,
    PRIMARY KEY (url, captured_at)
);

-- The report's own prose.
CREATE TABLE IF NOT EXISTS report_text (
    report_id VARCHAR NOT NULL,
    paragraph INTEGER NOT NULL,
    text VARCHAR NOT NULL
);

-- The prose of the versions that are not the newest of their report and address.
CREATE TABLE IF NOT EXISTS earlier_text (
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    paragraph INTEGER NOT NULL,
    text VARCHAR NOT NULL
);

-- When a report was at none of its addresses.
CREATE TABLE IF NOT EXISTS absence (
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    vanished_at TIMESTAMP NOT NULL,
    vanished_as VARCHAR NOT NULL,
    returned_at TIMESTAMP,
    returned_to VARCHAR
);

CREATE TABLE IF NOT EXISTS fact (
    report_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    applicant VARCHAR NOT NULL,
    value DOUBLE,
    raw VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    "table" VARCHAR NOT NULL,
    table_no INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    col INTEGER NOT NULL,
    confidence DOUBLE
);

-- What is printed around the facts, so that a table can be shown as it was.
CREATE TABLE IF NOT EXISTS label (
    report_id VARCHAR NOT NULL,
    table_no INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    row_span INTEGER NOT NULL,
    col INTEGER NOT NULL,
    text VARCHAR NOT NULL
);

-- The facts of the versions that are not the newest of their report and address.
CREATE TABLE IF NOT EXISTS earlier_fact (
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    metric VARCHAR NOT NULL,
    applicant VARCHAR NOT NULL,
    value DOUBLE,
    raw VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    "table" VARCHAR NOT NULL,
    table_no INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    col INTEGER NOT NULL,
    confidence DOUBLE
);

CREATE TABLE IF NOT EXISTS claim (
    report_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    sentence VARCHAR NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    approximate BOOLEAN NOT NULL,
    scope VARCHAR
);

-- The words that a report's identity was read from.
CREATE TABLE IF NOT EXISTS evidence (
    report_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    text VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS warning (
    report_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    message_zh VARCHAR NOT NULL
);

-- Written by the checks of analysis, from the tables above.
CREATE TABLE IF NOT EXISTS finding (
    finding_id VARCHAR PRIMARY KEY,
    report_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    relation VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    applicant VARCHAR,
    metrics VARCHAR[] NOT NULL,
    applicants VARCHAR[] NOT NULL,
    expected DOUBLE,
    actual DOUBLE,
    message VARCHAR NOT NULL,
    message_zh VARCHAR NOT NULL,
    cells STRUCT(report_id VARCHAR, "table" VARCHAR, metric VARCHAR, applicant VARCHAR)[] NOT NULL,
    quotes STRUCT(metric VARCHAR, value DOUBLE, sentence VARCHAR, start_at INTEGER, end_at INTEGER)[] NOT NULL,
    suggestion STRUCT(
        metric VARCHAR, applicant VARCHAR, "from" DOUBLE, "to" DOUBLE, explanation INTEGER
    )[] NOT NULL,
    status VARCHAR NOT NULL
);

-- Where a rule could not be judged: figures are not stated, or the whole table is not there.
CREATE TABLE IF NOT EXISTS unassessed (
    report_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    relation VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    applicant VARCHAR,
    reason VARCHAR NOT NULL,
    blanks VARCHAR[] NOT NULL
);

-- What would mend a report: the fewest changes that make its relations hold. Written by the checks of
-- analysis; never copied into fact.
CREATE TABLE IF NOT EXISTS suggestion (
    report_id VARCHAR NOT NULL,
    part INTEGER NOT NULL,
    explanation_no INTEGER NOT NULL,
    "table" VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    applicant VARCHAR NOT NULL,
    "from" DOUBLE,
    "to" DOUBLE NOT NULL,
    slip VARCHAR,
    open BOOLEAN NOT NULL,
    complete BOOLEAN NOT NULL
);

-- Which figures, by which rules, the suggestions of a report were worked out from; a report that needs none has
-- no line there. Written by the checks of analysis; what is missing is worked out again.
CREATE TABLE IF NOT EXISTS localised (
    report_id VARCHAR PRIMARY KEY,
    print VARCHAR NOT NULL
);

-- What tells texts that have much in common (MinHash), of each report's own prose. Written by the checks of
-- analysis; what is missing is worked out again.
CREATE TABLE IF NOT EXISTS reuse_sketch (
    report_id VARCHAR PRIMARY KEY,
    print VARCHAR NOT NULL,
    letters INTEGER NOT NULL,
    bands UBIGINT[] NOT NULL
);

-- In which provinces and years the neighbours of all reports are known. Written by the checks of analysis; what
-- is missing is worked out again.
CREATE TABLE IF NOT EXISTS reuse_met (
    province VARCHAR,
    year INTEGER,
    print VARCHAR NOT NULL,
    PRIMARY KEY (province, year)
);

-- How much of a report's own prose stands in another report. Written by the checks of analysis.
CREATE TABLE IF NOT EXISTS reuse (
    report_id VARCHAR NOT NULL,
    other_id VARCHAR NOT NULL,
    kin VARCHAR NOT NULL,
    share DOUBLE NOT NULL,
    letters INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    passage VARCHAR NOT NULL,
    print VARCHAR NOT NULL,
    other_print VARCHAR NOT NULL,
    PRIMARY KEY (report_id, other_id, kin)
);

-- What people decided about findings, as reviews.jsonl of the workspace has it. Written by the review of
-- analysis, which alone changes finding.status.
CREATE TABLE IF NOT EXISTS review (
    review_no INTEGER PRIMARY KEY,
    finding_id VARCHAR NOT NULL,
    decision VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    note VARCHAR NOT NULL,
    standing VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    publisher VARCHAR,
    year INTEGER,
    rule VARCHAR NOT NULL,
    applicant VARCHAR,
    metrics VARCHAR[] NOT NULL,
    expected DOUBLE,
    actual DOUBLE,
    message VARCHAR NOT NULL,
    message_zh VARCHAR NOT NULL
);
