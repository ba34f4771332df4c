-- “207条，占58.1%”: the figure right before 占 is the part. The whole is a total that the same paragraph states
-- before it in the same unit, and of which 其中 says that it is a part. Only where neither it nor any other figure of the paragraph, nor a sum of them,
-- fits is the percentage wrong: a text need not name the whole that it means.
WITH shared AS (
    SELECT report_id, paragraph, text,
           replace(replace(replace(text, '％', '%'), '佔', '占'), '，', ',') AS folded
    FROM report_text WHERE contains(text, '%') OR contains(text, '％')
),
sentence AS (
    SELECT report_id, paragraph, text, folded, unnest(regexp_split_to_array(text, '[。！？!?;；\n]')) AS printed,
           unnest(regexp_split_to_array(folded, '[。！？!?;；\n]')) AS said
    FROM shared
),
share AS (
    SELECT * EXCLUDE said, said, unnest(regexp_extract_all(said, $pattern, 1)) AS part,
           unnest(regexp_extract_all(said, $pattern, 2)) AS unit,
           unnest(regexp_extract_all(said, $pattern, 3)) AS percent
    FROM sentence WHERE regexp_matches(said, $pattern)
),
figured AS (
    SELECT *, replace(part, ',', '')::DOUBLE AS figure, percent::DOUBLE AS stated,
           -- The last digit printed: figures are cut off as well as rounded.
           power(10, -len(split_part(percent, '.', 2))) AS last_digit,
           list_transform(regexp_extract_all(said, $number, 1), lambda x: replace(x, ',', '')::DOUBLE) AS beside,
           list_transform(regexp_extract_all(folded, $number, 1), lambda x: replace(x, ',', '')::DOUBLE) AS around
    FROM share
),
total AS (
    SELECT f.report_id, f.paragraph, f.said, f.part, f.unit, f.percent, list(s.value ORDER BY s.position) AS totals
    FROM figured f JOIN said s ON s.report_id = f.report_id
    WHERE list_contains($totals, s.metric) AND s.exact AND s.value >= f.figure AND s.value > 0
      AND contains(f.text, s.sentence) AND substring(s.sentence, s.end_at + 1, 1) = f.unit
      -- 其中 between them says that the part is one of the whole.
      AND regexp_matches(substring(
          f.text, strpos(f.text, s.sentence) + s.end_at,
          strpos(f.text, f.printed) + strpos(f.said, f.part) - strpos(f.text, s.sentence) - s.end_at
      ), $among)
    GROUP BY ALL
),
compared AS (
    SELECT f.*, t.totals,
           list_filter(
               around || [list_sum(beside)] || t.totals || [list_sum(t.totals)],
               lambda w: w > 0 AND abs(100 * figure / w - stated) <= last_digit
           ) AS fitting,
           list_sort(list_transform(
               t.totals, lambda w: {'off': abs(100 * figure / w - stated), 'whole': w}
           ))[1].whole AS whole
    FROM figured f JOIN total t USING (report_id, paragraph, said, part, unit, percent)
)
SELECT report_id, paragraph || ':' || part || ':' || percent AS place, stated,
       round(100 * figure / whole, 1) AS expected,
       json_object('part', part, 'whole', whole) AS words,
       [{'metric': '', 'value': stated, 'sentence': printed, 'start_at': strpos(said, percent || '%') - 1,
         'end_at': strpos(said, percent || '%') + len(percent)}] AS quotes
FROM compared WHERE len(fitting) = 0
QUALIFY row_number() OVER (PARTITION BY report_id, paragraph, part, percent) = 1
