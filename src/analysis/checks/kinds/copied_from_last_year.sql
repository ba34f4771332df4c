SELECT c.report_id, 'tables' AS place, own.figures AS stated
FROM chain c JOIN sheet_prints own ON own.report_id = c.report_id
JOIN sheet_prints last ON last.report_id = c.previous_id AND last.print = own.print
WHERE own.varied >= $fewest
