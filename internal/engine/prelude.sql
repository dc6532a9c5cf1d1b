-- What Trino calls by other names. An aggregate macro cannot take FILTER: use CASE in the text.
CREATE MACRO approx_percentile(x, p) AS approx_quantile(x, p);
CREATE MACRO approx_distinct(x) AS approx_count_distinct(x);
CREATE MACRO day_of_week(d) AS isodow(d);
CREATE MACRO day_of_year(d) AS dayofyear(d);
CREATE MACRO week_of_year(d) AS weekofyear(d);
CREATE MACRO year_of_week(d) AS isoyear(d);
CREATE MACRO last_day_of_month(d) AS last_day(d);
CREATE MACRO regexp_like(s, pattern) AS regexp_matches(s, pattern);
CREATE MACRO levenshtein_distance(a, b) AS levenshtein(a, b);
CREATE MACRO json_extract_scalar(j, path) AS json_extract_string(j, path);
CREATE MACRO array_join(list, separator) AS array_to_string(list, separator);
CREATE MACRO cardinality(list) AS len(list);
CREATE MACRO element_at(list, i) AS list_extract(list, i);
CREATE MACRO truncate(x) AS trunc(x);
CREATE MACRO is_nan(x) AS isnan(x);
CREATE MACRO width_bucket(x, low, high, n) AS
  CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
       ELSE cast(floor(cast(n AS DOUBLE) * (cast(x AS DOUBLE) - low) / (cast(high AS DOUBLE) - low)) AS INTEGER) + 1 END;
CREATE MACRO bitwise_or_agg(x) AS bit_or(x);
