-- Customers that are probably one. Names are compared by their letters and digits, without the legal form; with the same
-- country and postal code (DK-1000 is 1000), or the same country and city, they are the same. E-mails are compared in small letters, phones
-- by their last eight digits (so that +45 12 34 56 78 and 12345678 are one), if there are six at least.
WITH tidied AS (
  SELECT id, code, coalesce(country, '') AS country, lower(trim(coalesce(email, ''))) AS email_key, lower(trim(coalesce(city, ''))) AS city_key,
    regexp_replace(array_join(regexp_extract_all(lower(coalesce(name, '')), '[\p{L}\p{N}]+'), ' '),
      ' (a s|as|aps|i s|gmbh|ag|kg|ohg|b v|bv|n v|nv|ltd|limited|plc|inc|llc|corp|co|ab|oy|oyj|sa|s a|sas|sarl|srl|s r l|spa|sp z o o|s p z o o|sp zoo)$', '') AS name_key,
    array_join(regexp_extract_all(upper(coalesce(postal_code, '')), '[\p{L}\p{N}]+'), '') AS postal_key,
    array_join(regexp_extract_all(coalesce(phone, ''), '[0-9]+'), '') AS digits
  FROM customer
), keyed AS (
  SELECT id, code, country, email_key, city_key, name_key,
    CASE WHEN country <> '' AND substr(postal_key, 1, length(country)) = country THEN substr(postal_key, length(country) + 1) ELSE postal_key END AS postal_key,
    CASE WHEN length(digits) >= 6 THEN substr(digits, greatest(length(digits) - 7, 1)) ELSE '' END AS phone_key
  FROM tidied
)
SELECT id AS customer_id,
  name_key || ' ' || code AS place_name, email_key || ' ' || code AS place_email, phone_key || ' ' || code AS place_phone,
  name_key <> '' AND (postal_key <> '' AND count(*) OVER (PARTITION BY name_key, country, postal_key) > 1
    OR city_key <> '' AND count(*) OVER (PARTITION BY name_key, country, city_key) > 1) AS same_name,
  email_key <> '' AND count(*) OVER (PARTITION BY email_key) > 1 AS same_email,
  phone_key <> '' AND count(*) OVER (PARTITION BY phone_key) > 1 AS same_phone
FROM keyed
