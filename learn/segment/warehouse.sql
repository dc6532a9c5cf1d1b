-- Who is in the frozen segments now, as the operational store has it.
CREATE TABLE segment_member (
    segment_id  UUID,
    customer_id UUID
);
-- For which version a live segment was worked out, compared with which before it (0: none), and by which rule.
CREATE TABLE segment_built (
    segment_id UUID,
    as_of      DATE,
    version    BIGINT,
    before     BIGINT,
    print      VARCHAR, -- a fingerprint of the rule as it was asked
    customers  BIGINT
);
-- Who entered and left a live segment from the version before to that of the date. Who is in it at a date follows from the
-- rule and the version, so nobody is listed who only stays.
CREATE TABLE segment_change (
    segment_id  UUID,
    customer_id UUID,
    as_of       DATE,
    entered     BOOLEAN
);
