SELECT report_id, $table AS place, count(*) AS stated, $cells AS expected
FROM fact WHERE "table" = $table AND NOT starts_with(metric, 'local.')
GROUP BY report_id HAVING count(*) < $cells
