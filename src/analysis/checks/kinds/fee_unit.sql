SELECT report_id, 'fee_amount' AS place, value AS stated,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells
FROM fact
WHERE metric = 'fee_amount' AND (value > $most OR value > 0 AND value % $multiple = 0)
