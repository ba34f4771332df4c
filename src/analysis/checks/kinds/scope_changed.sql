SELECT c.report_id, r.scope AS place,
       json_object(
           'before', CASE p.scope WHEN 'whole' THEN json_object('zh', '全县', 'en', 'the whole county')
                     ELSE json_object('zh', '本机关', 'en', 'the office''s own figures') END,
           'now', CASE r.scope WHEN 'whole' THEN json_object('zh', '全县', 'en', 'the whole county')
                  ELSE json_object('zh', '本机关', 'en', 'the office''s own figures') END
       ) AS words
FROM chain c JOIN report r ON r.report_id = c.report_id JOIN report p ON p.report_id = c.of_any_scope_id
WHERE c.previous_id IS NULL AND r.scope <> p.scope
