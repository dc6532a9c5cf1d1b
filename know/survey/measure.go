package survey

import _ "embed" // the questions

// Schema is the text of this word's warehouse table.
//
//go:embed warehouse.sql
var Schema string
