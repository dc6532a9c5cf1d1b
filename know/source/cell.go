package source

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// cellText writes a value of a driver so that nothing is lost: decimals as the server wrote them, dates in ISO order, what
// is not text in hexadecimal, NULL as nothing. columnType is the server's name of the column's type.
func cellText(value any, columnType string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return plainText([]byte(v))
	case []byte:
		return bytesText(v, columnType)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return timeText(v, columnType)
	default:
		return fmt.Sprint(v)
	}
}

func bytesText(v []byte, columnType string) string {
	binary := []string{"BINARY", "VARBINARY", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BIT", "GEOMETRY", "IMAGE", "TIMESTAMP BINARY"}
	switch {
	case columnType == "UNIQUEIDENTIFIER" && len(v) == 16:
		// SQL Server keeps the first three groups with their bytes turned around.
		b := slices.Clone(v)
		slices.Reverse(b[0:4])
		slices.Reverse(b[4:6])
		slices.Reverse(b[6:8])
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
	case slices.Contains(binary, columnType):
		return hexText(v)
	default:
		return plainText(v)
	}
}

func hexText(v []byte) string { return "0x" + hex.EncodeToString(v) }

// plainText keeps text as it is; bytes that are no text would be taken for another encoding of the whole file.
func plainText(v []byte) string {
	if !utf8.Valid(v) {
		return hexText(v)
	}
	return strings.ReplaceAll(string(v), "\x00", "")
}

func timeText(t time.Time, columnType string) string {
	switch columnType {
	case "DATE":
		return t.Format(time.DateOnly)
	case "TIME":
		return t.Format("15:04:05.999999999")
	case "DATETIMEOFFSET":
		return t.Format("2006-01-02 15:04:05.999999999Z07:00")
	default: // without a zone; the driver says UTC
		return t.Format("2006-01-02 15:04:05.999999999")
	}
}

// postgresText is what PostgreSQL wrote, but for truth values.
func postgresText(v []byte, oid uint32) string {
	const boolean = 16
	if oid == boolean {
		return strconv.FormatBool(string(v) == "t")
	}
	return plainText(v)
}

// mark is a value of a watermark column that can be put in order: a number or a time.
type mark struct {
	number *big.Rat
	at     time.Time
}

var markNumber = regexp.MustCompile(`^-?\d{1,40}(\.\d{1,20})?$`)

func markTimes() []string {
	return []string{time.DateOnly, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", time.RFC3339}
}

// parseMark reads a watermark; false when it is neither a number nor a date.
func parseMark(text string) (mark, bool) {
	if markNumber.MatchString(text) {
		n, ok := new(big.Rat).SetString(text)
		return mark{number: n}, ok
	}
	for _, layout := range markTimes() {
		if at, err := time.Parse(layout, text); err == nil { // fractions of a second are read with any layout
			return mark{at: at}, true
		}
	}
	return mark{}, false
}

// less tells whether a mark comes before another of its sort; numbers and dates have no order between them.
func (m mark) less(other mark) bool {
	if m.number != nil && other.number != nil {
		return m.number.Cmp(other.number) < 0
	}
	return m.number == nil && other.number == nil && m.at.Before(other.at)
}

// watermark follows the highest value of a column.
type watermark struct {
	column string
	text   string // of the highest so far, as the server wrote it
	high   mark
}

func newWatermark(column, from string) watermark {
	m, _ := parseMark(from)
	return watermark{column: column, text: from, high: m}
}

// see takes the next value into account. A value that cannot be put in order ends the run: with it, rows would be missed.
func (w *watermark) see(text string) error {
	if text == "" {
		return nil
	}
	m, ok := parseMark(text)
	if !ok || (m.number == nil) != (w.high.number == nil) {
		return fault.New(fault.Invalid, "source.watermark", "The column %q holds %q, and the run began at %q: only numbers or only dates can say what is new. Choose another column, or make one in the SELECT.",
			w.column, text, w.text).At("watermark_column", "It holds %q.", text)
	}
	if w.high.less(m) {
		w.text, w.high = text, m
	}
	return nil
}
