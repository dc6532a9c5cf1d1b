-- What the model says of each history.
CREATE TEMP TABLE lifetime_answer (
  alike VARCHAR, repeats BIGINT, recency BIGINT, age BIGINT,
  alive DOUBLE, ahead DOUBLE, danger DOUBLE, worth DOUBLE, residual DOUBLE,
  next DATE, low DATE, high DATE
)
