// Package date holds calendar dates without a time of day or a zone.
//
// Purchases, visits and everything "as of" happen on a date. An instant (time.Time in UTC) is something else: the two are
// never mixed, so a report does not change with the zone of the reader.
package date

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Layout is the only text form of a date: ISO 8601.
const Layout = time.DateOnly

// Date is a calendar date in ISO form, "2006-01-02", so that comparing the text compares the dates. The empty Date means
// "none" and is stored as NULL.
type Date string

// Of returns the date of an instant in UTC.
func Of(t time.Time) Date { return Date(t.UTC().Format(Layout)) }

// Parse reads an ISO date; the error names the text.
func Parse(s string) (Date, error) {
	if _, err := time.Parse(Layout, s); err != nil {
		return "", fmt.Errorf("%q is not a date; write it as 2026-10-31", s)
	}
	return Date(s), nil
}

// Valid tells whether d is a real calendar date.
func (d Date) Valid() bool {
	_, err := time.Parse(Layout, string(d))
	return err == nil
}

// Time returns midnight UTC of the date, or the zero time of an invalid one.
func (d Date) Time() time.Time {
	t, _ := time.Parse(Layout, string(d))
	return t
}

// AddDays moves the date by n days.
func (d Date) AddDays(n int) Date { return Of(d.Time().AddDate(0, 0, n)) }

// AddMonths moves the date by n months; a day that the target month lacks becomes its last day (31 March less one month
// is 28 or 29 February), which is what SQL engines do.
func (d Date) AddMonths(n int) Date {
	t := d.Time()
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return Of(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// MonthStart returns the first day of the date's month.
func (d Date) MonthStart() Date { return d[:8] + "01" }

// Value stores the date as text, which every engine reads as a date; the empty one is NULL.
func (d Date) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return string(d), nil
}

// Scan reads ISO text, a timestamp, or NULL.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
	case time.Time:
		*d = Of(v)
	case string:
		*d = Date(v[:min(len(v), len(Layout))])
	case []byte:
		*d = Date(v[:min(len(v), len(Layout))])
	default:
		return fmt.Errorf("date: cannot read %T", src)
	}
	return nil
}
