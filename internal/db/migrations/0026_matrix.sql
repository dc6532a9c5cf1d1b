-- The matrices that the company made itself, beside those of the program.
CREATE TABLE matrix (
    id         {{.ID}}   NOT NULL PRIMARY KEY,
    "key"      {{.Text}} NOT NULL UNIQUE, -- its name in addresses
    definition {{.JSON}} NOT NULL,
    version    {{.Int}}  NOT NULL,
    created_at {{.Time}} NOT NULL,
    updated_at {{.Time}} NOT NULL
);
