-- What people say a customer will buy in the twelve months after a date, where they know better than the models.
CREATE TABLE forecast (
    id          UUID,
    customer_id UUID,
    as_of       DATE,
    amount      BIGINT -- minor units of the base currency
);
