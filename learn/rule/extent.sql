-- How many customers have a value of the rule, and between what.
SELECT count(*) AS customers, count({{value}}) AS valued, min({{value}}) AS least, avg({{value}}) AS mean, max({{value}}) AS most
FROM ({{rules}}) v
