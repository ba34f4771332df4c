-- Where the totals stand first, or where the last of the six applicants has what the total should be.
WITH line AS (
    SELECT report_id, coalesce(total, 0) AS total, coalesce(natural_person, 0) AS first,
           coalesce(commercial_enterprise, 0) + coalesce(research_institution, 0)
           + coalesce(social_welfare_organisation, 0) + coalesce(legal_service_organisation, 0) AS middle,
           coalesce(other_organisation, 0) AS last
    FROM sheet_requests_rows WHERE NOT starts_with(metric, 'local.')
),
failing AS (
    SELECT *, first > 0 AND first = middle + last + total AS total_first,
           last > 0 AND last = first + middle AND total = 0 AS total_early
    FROM line WHERE first + middle + last <> total
)
SELECT report_id, 'requests' AS place, count(*) AS stated
FROM failing JOIN (
    SELECT report_id, count(*) AS filled FROM line WHERE first + middle + last + total > 0 GROUP BY report_id
) USING (report_id)
GROUP BY report_id, filled
HAVING count(*) >= 2 AND count(*) * 2 > filled AND (bool_and(total_first) OR bool_and(total_early))
