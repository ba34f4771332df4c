-- “207条，占58.1%”: the figure right before 占 is the part. The whole is any figure of the sentence, their sum, or
-- one of the report's totals; only where none of them fits, and a total is stated, is the percentage wrong.
WITH sentence AS (
    SELECT report_id, paragraph, unnest(regexp_split_to_array(text, '[。！？!?;；\n]')) AS printed,
           replace(replace(replace(printed, '％', '%'), '佔', '占'), '，', ',') AS said
    FROM report_text WHERE contains(text, '%') OR contains(text, '％')
),
share AS (
    SELECT report_id, paragraph, printed, said,
           unnest(regexp_extract_all(said, $pattern, 1)) AS part,
           unnest(regexp_extract_all(said, $pattern, 2)) AS percent
    FROM sentence WHERE regexp_matches(said, $pattern)
),
figured AS (
    SELECT *, replace(part, ',', '')::DOUBLE AS part_figure, percent::DOUBLE AS figure,
           -- Half of the last digit printed, and a little for what was cut off instead of rounded.
           power(10, -len(split_part(percent, '.', 2))) AS last_digit,
           list_transform(regexp_extract_all(said, '([0-9][0-9,]*(?:\.[0-9]+)?)(?:余|多)?\s*[^0-9%.,\s]', 1),
                          lambda x: TRY_CAST(replace(x, ',', '') AS DOUBLE)) AS figures
    FROM share
),
total AS (
    SELECT report_id, list(value ORDER BY position) AS totals, max(position) AS last_position
    FROM said WHERE list_contains($totals, metric) AND exact AND value > 0 GROUP BY report_id
),
compared AS (
    SELECT f.*, t.totals,
           list_filter(
               figures || [list_sum(figures)] || t.totals || [list_sum(t.totals)],
               lambda w: w >= part_figure AND w > 0
                   AND abs(100 * part_figure / w - figure) <= last_digit
           ) AS fitting,
           list_filter(t.totals, lambda w: w >= part_figure) AS wholes
    FROM figured f JOIN total t USING (report_id)
)
SELECT report_id, paragraph || ':' || part || ':' || percent AS place, figure AS stated,
       round(100 * part_figure / wholes[1], 1) AS expected,
       json_object('part', part, 'whole', wholes[1]) AS words,
       [{'metric': '', 'value': figure, 'sentence': printed, 'start_at': strpos(said, percent || '%') - 1,
         'end_at': strpos(said, percent || '%') + len(percent)}] AS quotes
FROM compared WHERE len(fitting) = 0 AND len(wholes) > 0
QUALIFY row_number() OVER (PARTITION BY report_id, paragraph, part, percent) = 1
