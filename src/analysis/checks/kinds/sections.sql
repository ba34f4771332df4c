-- Of a text that is hardly there nothing can be said to be missing.
SELECT report_id, 'assessment' AS place
FROM report_text JOIN report USING (report_id) WHERE form IN ('2019', '2021')
GROUP BY report_id HAVING NOT bool_or(regexp_matches(text, $words)) AND sum(len(text)) >= $shortest
