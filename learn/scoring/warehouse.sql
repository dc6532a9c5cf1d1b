-- The complete versions. A version without a row here does not exist, whatever stands in the other tables.
CREATE TABLE score_version (
  version BIGINT NOT NULL,
  as_of DATE NOT NULL,
  window_months INTEGER NOT NULL,
  scenario VARCHAR NOT NULL,
  customers BIGINT NOT NULL,
  computed_at TIMESTAMP NOT NULL,
  cuts VARCHAR NOT NULL -- JSON: what each step resolved for all customers, such as where the classes end
)
