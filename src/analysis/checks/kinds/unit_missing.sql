SELECT report_id, metric AS place, value AS stated,
       [{'report_id': report_id, 'table': "table", 'metric': metric, 'applicant': applicant}] AS cells
FROM fact WHERE metric = $metric AND value > 0 AND unit = $unknown
