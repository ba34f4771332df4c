-- Two figures of a row that would mend, in each other's place, every sum that they are in.
WITH tried AS (
    SELECT DISTINCT a.report_id, a."table", a.metric, a.applicant AS one, b.applicant AS other,
           a.value AS one_value, b.value AS other_value
    FROM sums a JOIN sums b
      ON b.report_id = a.report_id AND b.rule = a.rule AND b.relation = a.relation AND b.metric = a.metric
     AND b.applicant > a.applicant
    WHERE a.place = a.applicant AND b.place = b.applicant AND 'total' NOT IN (a.applicant, b.applicant)
      AND a.difference <> 0 AND round(a.difference + b.difference, 6) = 0
),
mended AS (
    SELECT t.*, s.rule, s.relation, s.place,
           any_value(s.difference) + sum(s.weight * CASE WHEN s.applicant = t.one
               THEN t.other_value - t.one_value ELSE t.one_value - t.other_value END) AS difference
    FROM tried t JOIN sums s
      ON s.report_id = t.report_id AND s."table" = t."table" AND s.metric = t.metric
     AND s.applicant IN (t.one, t.other)
    GROUP BY ALL
)
SELECT report_id, metric || ':' || one || ':' || other AS place, one AS applicant, one_value AS stated,
       other_value AS expected,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': one},
        {'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': other}] AS cells,
       json_object('other', other) AS words,
       [{'metric': metric, 'applicant': one, 'from': one_value, 'to': other_value},
        {'metric': metric, 'applicant': other, 'from': other_value, 'to': one_value}] AS suggestion
FROM mended GROUP BY report_id, "table", metric, one, other, one_value, other_value
HAVING bool_and(round(difference, 6) = 0)
