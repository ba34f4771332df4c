-- What the rules found: failures, and with `blanks` where they can't be assessed.
CREATE OR REPLACE TEMP TABLE outcome (
    report_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    relation VARCHAR DEFAULT '',
    place VARCHAR NOT NULL,
    applicant VARCHAR,
    stated DOUBLE,
    expected DOUBLE,
    blanks VARCHAR[] DEFAULT [],
    split VARCHAR[] DEFAULT [],
    previous_id VARCHAR,
    cells STRUCT(report_id VARCHAR, "table" VARCHAR, metric VARCHAR, applicant VARCHAR)[],
    quotes STRUCT(metric VARCHAR, value DOUBLE, sentence VARCHAR, start_at INTEGER, end_at INTEGER)[],
    words VARCHAR,
    suggestion STRUCT(metric VARCHAR, applicant VARCHAR, "from" DOUBLE, "to" DOUBLE)[]
);
