-- One row too low: the figure below the total is the sum of all above it. One row too high: the last outcome
-- is the sum of those above it, and the total has what is carried forward.
WITH line AS (
    SELECT report_id, applicant, coalesce(requests_received, 0) + coalesce(requests_carried_in, 0) AS came,
           coalesce(processed_total, 0) AS handled, coalesce(carried_forward, 0) AS onward,
           coalesce(other_handling, other_remaining, 0) AS last,
           coalesce(granted, 0) + coalesce(granted_in_part, 0) + coalesce(denied_state_secret, 0)
           + coalesce(denied_prohibited_by_law, 0) + coalesce(denied_security_and_stability, 0)
           + coalesce(denied_third_party_rights, 0) + coalesce(denied_internal_affairs, 0)
           + coalesce(denied_process_information, 0) + coalesce(denied_enforcement_file, 0)
           + coalesce(denied_administrative_query, 0) + coalesce(unavailable_not_held, 0)
           + coalesce(unavailable_needs_creation, 0) + coalesce(unavailable_still_unclear, 0)
           + coalesce(rejected_petition, 0) + coalesce(rejected_duplicate, 0)
           + coalesce(rejected_published, 0) + coalesce(rejected_excessive, 0)
           + coalesce(rejected_reconfirmation, 0) + CASE WHEN other_handling IS NULL
               THEN coalesce(other_correction_overdue, 0) + coalesce(other_fee_overdue, 0) ELSE 0 END AS above
    FROM sheet_requests
)
SELECT report_id, applicant AS place, applicant, handled AS stated,
       CASE WHEN handled < onward THEN onward ELSE last END AS expected,
       CASE WHEN handled < onward THEN json_object('direction', json_object('zh', '上移', 'en', 'higher'))
            ELSE json_object('direction', json_object('zh', '下移', 'en', 'lower')) END AS words,
       [{'report_id': report_id, 'table': 'requests', 'metric': 'processed_total', 'applicant': applicant}]
           AS cells
FROM line
WHERE above + last <> handled AND above > 0
  AND (onward > handled AND above + last + handled = onward AND came >= onward
       OR last > 0 AND above = last AND handled < last AND onward = 0 AND came = last + handled)
