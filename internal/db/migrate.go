package db

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"text/template"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// types are the names that the two engines give the same thing. A migration writes {{.ID}} and so on, and
// {{if .Postgres}}…{{else}}…{{end}} where the engines truly differ.
type types struct {
	Postgres                                            bool
	ID, Time, Date, JSON, Money, Int, Bool, Text, Bytes string
	AutoID                                              string
}

func (d *DB) types() types {
	if d.dialect == Postgres {
		return types{Postgres: true, ID: "uuid", Time: "timestamptz", Date: "date", JSON: "jsonb", Money: "bigint", Int: "bigint",
			Bool: "boolean", Text: "text", Bytes: "bytea", AutoID: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"}
	}
	return types{ID: "text", Time: "text", Date: "text", JSON: "text", Money: "integer", Int: "integer",
		Bool: "boolean", Text: "text", Bytes: "blob", AutoID: "integer PRIMARY KEY AUTOINCREMENT"}
}

// Migrate brings the schema up to this program's version, forward only, one transaction per file. A schema that is newer
// than the program is refused. Indexes that a large import had taken off when the program died are put back.
func (d *DB) Migrate(ctx context.Context) error {
	steps, err := d.steps()
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if d.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, d.write.DB, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	has, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if knows := steps[len(steps)-1].Version; has > knows {
		return fmt.Errorf("the database was last used by a newer Kvadrant (schema %d, this program knows %d); start that version, or restore a backup made before it", has, knows)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return d.wake(ctx)
}

func (d *DB) steps() ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, file := range files {
		number, _, _ := strings.Cut(path.Base(file), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must begin with a number", file)
		}
		tmpl, err := template.ParseFS(migrations, file)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		var text bytes.Buffer
		if err := tmpl.Option("missingkey=error").Execute(&text, d.types()); err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, text.String())
			return err
		}}, nil))
	}
	return steps, nil
}
