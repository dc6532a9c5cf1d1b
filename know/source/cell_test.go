package source

import (
	"testing"
	"time"
)

func TestCellText(t *testing.T) {
	at := time.Date(2026, 10, 31, 23, 59, 59, 120_000_000, time.UTC)
	tests := []struct {
		value      any
		columnType string
		want       string
	}{
		{nil, "INT", ""},
		{int64(-9007199254740993), "BIGINT", "-9007199254740993"},
		{uint64(18446744073709551615), "UNSIGNED BIGINT", "18446744073709551615"},
		{[]byte("12345678901234567890.123456789"), "DECIMAL", "12345678901234567890.123456789"},
		{0.1, "DOUBLE", "0.1"},
		{float32(0.1), "FLOAT", "0.1"},
		{1e21, "DOUBLE", "1000000000000000000000"},
		{true, "BIT", "true"},
		{" a; \"b\"\nü ", "VARCHAR", " a; \"b\"\nü "},
		{"a\x00b", "TEXT", "ab"},
		{[]byte{0xff, 0xfe}, "VARCHAR", "0xfffe"},
		{[]byte("abc"), "VARBINARY", "0x616263"},
		{[]byte{1}, "BIT", "0x01"},
		{[]byte("2026-10-31"), "DATE", "2026-10-31"},
		{at, "DATE", "2026-10-31"},
		{at, "DATETIME2", "2026-10-31 23:59:59.12"},
		{at, "TIME", "23:59:59.12"},
		{at.In(time.FixedZone("", 2*3600)), "DATETIMEOFFSET", "2026-11-01 01:59:59.12+02:00"},
		{[]byte{0x67, 0x45, 0x23, 0x01, 0xAB, 0x89, 0xEF, 0xCD, 1, 2, 3, 4, 5, 6, 7, 8}, "UNIQUEIDENTIFIER", "01234567-89ab-cdef-0102-030405060708"},
	}
	for _, tt := range tests {
		if got := cellText(tt.value, tt.columnType); got != tt.want {
			t.Errorf("%v of %s: got %q, want %q", tt.value, tt.columnType, got, tt.want)
		}
	}
	for _, tt := range []struct {
		text string
		oid  uint32
		want string
	}{{"t", 16, "true"}, {"f", 16, "false"}, {"t", 25, "t"}, {"1.50", 1700, "1.50"}} {
		if got := postgresText([]byte(tt.text), tt.oid); got != tt.want {
			t.Errorf("%q of type %d: got %q, want %q", tt.text, tt.oid, got, tt.want)
		}
	}
}

func TestWatermark(t *testing.T) {
	tests := []struct {
		name, from string
		values     []string
		want       string // "" = refused
	}{
		{"keys are numbers, not texts", "0", []string{"9", "10", "", "8"}, "10"},
		{"larger than a float can tell apart", "9007199254740992", []string{"9007199254740993"}, "9007199254740993"},
		{"below the beginning", "50", []string{"7"}, "50"},
		{"decimals", "1.5", []string{"1.45", "1.500000001"}, "1.500000001"},
		{"days", "1900-01-01", []string{"2026-10-31", "2026-09-30"}, "2026-10-31"},
		{"instants beside days", "2026-10-31", []string{"2026-10-31 00:00:00.000001"}, "2026-10-31 00:00:00.000001"},
		{"instants in zones", "2026-10-25 02:30:00+02", []string{"2026-10-25 02:10:00+01", "2026-10-25 02:50:00+02"}, "2026-10-25 02:10:00+01"},
		{"nothing read", "7", nil, "7"},
		{"texts", "0", []string{"SO-1"}, ""},
		{"dates after numbers", "0", []string{"2026-10-31"}, ""},
		{"numbers after dates", "2026-10-31", []string{"12"}, ""},
	}
	for _, tt := range tests {
		w := newWatermark("id", tt.from)
		var err error
		for _, v := range tt.values {
			if err == nil {
				err = w.see(v)
			}
		}
		if (err != nil) != (tt.want == "") || err == nil && w.text != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.name, w.text, err, tt.want)
		}
	}
}
