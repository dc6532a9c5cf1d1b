package web

import (
	"path"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// newRegistry returns where the shapes of requests and answers are described.
func newRegistry() huma.Registry {
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	registry.RegisterTypeAlias(reflect.TypeFor[id.ID](), reflect.TypeFor[uuidText]())
	registry.RegisterTypeAlias(reflect.TypeFor[date.Date](), reflect.TypeFor[dateText]())
	return registry
}

// qualified finds "path/to/pkg.Type" in the name of a type.
var qualified = regexp.MustCompile(`(?:[\w.\-]+/)*(\w+)\.(\w+)`)

// schemaName names a shape by its word and its type, since two words may both have a Line or a form: MatrixLine,
// CustomerForm, but Customer for customer.Customer.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" {
		return huma.DefaultSchemaNamer(t, hint)
	}
	name := t.Name()
	outer, arguments, generic := strings.Cut(name, "[")
	if pkg := path.Base(t.PkgPath()); pkg != "web" && pkg != "." {
		outer = join(pkg, outer)
	}
	if !generic {
		return upper(outer)
	}
	inner := qualified.FindStringSubmatch(arguments)
	if inner == nil {
		return huma.DefaultSchemaNamer(t, hint)
	}
	return upper(outer) + upper(join(inner[1], inner[2]))
}

func join(word, name string) string {
	if strings.HasPrefix(strings.ToLower(name), word) {
		return name
	}
	return upper(word) + upper(name)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// uuidText and dateText say what ids and dates look like.
type (
	uuidText string
	dateText string
)

// Schema describes an id.
func (uuidText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// Schema describes a date.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}
