-- The customers of a version by the segments that a measure makes, and what they bring; {{extras}} are sums of measures that
-- not every version has.
SELECT {{segment}} AS segment, count(*) AS customers, cast(coalesce(sum(s.revenue), 0) AS bigint) AS revenue, {{extras}}
FROM score s
WHERE s.version = :version AND {{reach}}
GROUP BY 1
ORDER BY customers DESC, segment
LIMIT {{limit}}
