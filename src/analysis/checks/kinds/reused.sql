-- Of each kind of source the report that has most of the text; place is that report.
WITH most AS (
    SELECT u.*, count(*) OVER (PARTITION BY u.report_id, u.kin) - 1 AS further
    FROM reuse u WHERE u.share >= $least
    QUALIFY row_number() OVER (PARTITION BY u.report_id, u.kin ORDER BY u.share DESC, u.other_id) = 1
)
SELECT m.report_id, m.other_id AS place, round(m.share) AS stated,
       [{'metric': '', 'value': NULL, 'sentence': m.passage, 'start_at': NULL, 'end_at': NULL}] AS quotes,
       json_object(
           'letters', m.longest,
           'source', CASE m.kin WHEN 'last_year'
               THEN json_object('zh', '本单位 ' || o.year || ' 年度报告', 'en', 'its own report for ' || o.year)
               ELSE json_object('zh', o.publisher || ' ' || o.year || ' 年度报告',
                                'en', 'the report of ' || o.publisher || ' for ' || o.year) END,
           'further', CASE WHEN m.further = 0 THEN json_object('zh', '', 'en', '')
               ELSE json_object('zh', '；与另外 ' || m.further || ' 份邻近报告也大体相同',
                                'en', '; and as much in ' || m.further || ' more of neighbours') END
       ) AS words
FROM most m JOIN report o ON o.report_id = m.other_id
