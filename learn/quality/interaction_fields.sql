-- What is missing or cannot be in the visits, calls and other touches. A day has 1,440 minutes.
SELECT i.interaction_date AS place, i.customer_id, i.import_no, i.row_no,
  i.person_id IS NULL AS missing_person,
  i.minutes IS NULL AS missing_minutes,
  coalesce(i.minutes < 0 OR i.minutes > 1440, false) AS invalid_minutes,
  coalesce(i.minutes <> 0 AND (i.minutes < cast(:minutes_low AS double) OR i.minutes > cast(:minutes_high AS double)), false) AS outlier_minutes,
  coalesce(i.result, '') = '' AS missing_result,
  coalesce(i.note, '') = '' AS missing_note,
  i.interaction_date < date '1970-01-01' AS invalid_date,
  i.interaction_date > :as_of AS future_date,
  coalesce(i.occurrence > 1, false) AS repeated
FROM interaction i
