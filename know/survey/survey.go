// Package survey asks: questionnaires, what customers answered to them, and how the company's own people score the
// relation to a customer.
//
// Questionnaires and the answers that people enter are records of the operational store, and their scores are projected
// into the warehouse. Answers that come in from files are facts: they stand in the warehouse alone, in the same table.
package survey
