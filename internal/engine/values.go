package engine

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// native turns a value of the house into one that DuckDB's parameters take: ids as text, which it casts, since the driver
// cannot name the type UUID for a parameter; dates as DATE, or a comparison would move the column to a timestamp.
func native(value any) (any, error) {
	switch v := value.(type) {
	case date.Date:
		if v == "" {
			return nil, nil
		}
		if !v.Valid() {
			return nil, fmt.Errorf("%q is not a date", string(v))
		}
		return duckdb.Typed(v.Time(), duckdb.TYPE_DATE), nil
	case []id.ID:
		return uuids(v)
	case []byte:
		return v, nil
	}
	return plain(value)
}

// literalOf returns an id, a date or a whole number as the engine's language writes it; false for any other value.
func literalOf(value any) (string, bool, error) {
	switch v := value.(type) {
	case id.ID:
		if v == "" {
			return "", false, nil
		}
		u, err := uuid.Parse(string(v))
		if err != nil {
			return "", false, fmt.Errorf("%q is not an id: %w", string(v), err)
		}
		return "'" + u.String() + "'", true, nil
	case date.Date:
		if !v.Valid() {
			return "", false, nil // native says what is wrong with it
		}
		return "DATE '" + v.Time().Format(time.DateOnly) + "'", true, nil
	case int:
		return wholeLiteral(int64(v)), true, nil
	case int64:
		return wholeLiteral(v), true, nil
	}
	return "", false, nil
}

// wholeLiteral gives the number the width that it has as a parameter: a product of two small ones must not overflow.
func wholeLiteral(n int64) string { return "cast(" + strconv.FormatInt(n, 10) + " AS bigint)" }

// cell turns a value of the house into one that the Appender writes.
func cell(value any) (driver.Value, error) {
	switch v := value.(type) {
	case id.ID:
		if v == "" {
			return nil, nil
		}
		return toUUID(v)
	case date.Date:
		if v == "" {
			return nil, nil
		}
		if !v.Valid() {
			return nil, fmt.Errorf("%q is not a date", string(v))
		}
		return v.Time(), nil
	case duckdb.UUID:
		return v, nil
	}
	return plain(value)
}

// plain reduces named types and pointers to what a driver knows.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, int, int32, int64, float64, time.Time, []byte, duckdb.TypedValue:
		return v, nil
	case driver.Valuer:
		return v.Value()
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return plain(v.Elem().Interface())
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	}
	return value, nil
}

// uuids makes a list parameter. The driver turns the first bit of a UUID once too often inside a list, so it is turned
// here before; TestValuesOfTheHouse fails when that is mended.
func uuids(ids []id.ID) ([]duckdb.UUID, error) {
	list := make([]duckdb.UUID, len(ids))
	for i, one := range ids {
		u, err := toUUID(one)
		if err != nil {
			return nil, err
		}
		u[0] ^= 0x80
		list[i] = u
	}
	return list, nil
}

func toUUID(one id.ID) (duckdb.UUID, error) {
	u, err := uuid.Parse(string(one))
	if err != nil {
		return duckdb.UUID{}, fmt.Errorf("%q is not an id: %w", string(one), err)
	}
	return duckdb.UUID(u), nil
}
