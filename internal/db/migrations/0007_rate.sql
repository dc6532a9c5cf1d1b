-- Exchange rates: from valid_from on, one unit of currency is worth rate / 10^10 units of the base currency.
CREATE TABLE rate (
    currency   {{.Text}}  NOT NULL,
    valid_from {{.Date}}  NOT NULL,
    rate       {{.Money}} NOT NULL,
    import_id  {{.ID}},
    updated_at {{.Time}}  NOT NULL,
    PRIMARY KEY (currency, valid_from)
);
