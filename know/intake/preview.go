package intake

import (
	"context"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// PreviewRequest asks what is in a file.
type PreviewRequest struct {
	FileID  string   `json:"file_id"`
	Kind    string   `json:"kind,omitempty" doc:"What the file holds; empty lets the program propose it."`
	Sheet   string   `json:"sheet,omitempty"`
	Dialect *Dialect `json:"dialect,omitempty" doc:"What is known of the file; everything else is recognised."`
	// MappingText is what the command line takes as --mapping.
	MappingText string `json:"mapping_text,omitempty" maxLength:"65536" doc:"A mapping as YAML or JSON, answered in place of a proposed one; its kind counts."`
}

// Preview is what was recognised of a file, and what could be made of it.
type Preview struct {
	Dialect Dialect         `json:"dialect"`
	Columns []PreviewColumn `json:"columns" nullable:"false"`
	Rows    [][]string      `json:"rows" nullable:"false" doc:"The first rows of data, up to 20."`
	Doubts  []string        `json:"doubts" nullable:"false" doc:"What the contents leave open and was assumed: date_order, decimal."`
	Kind    string          `json:"kind" doc:"The kind asked for, or the proposed one; empty when none fits."`
	Mapping Mapping         `json:"mapping" doc:"The proposed mapping of that kind."`

	RememberedFrom int64 `json:"remembered_from,omitempty" doc:"The number of the import whose mapping this is: it read the same columns."`
	Follows        id.ID `json:"follows,omitempty" doc:"The file holds rejected rows of this import; they are read as it read them."`
	FollowsNo      int64 `json:"follows_no,omitempty"`
}

// PreviewColumn is a column of a file.
type PreviewColumn struct {
	Name    string   `json:"name"`
	Samples []string `json:"samples" nullable:"false" doc:"Up to five different values."`
	Type    string   `json:"type" enum:"date,integer,number,code,text,empty"`
	// DateFormat is empty but for dates.
	DateFormat string `json:"date_format,omitempty" doc:"How the dates of this column are written."`
}

const previewRows = 20

// Preview recognises a file and proposes kind and mapping.
func (in *Intake) Preview(ctx context.Context, r PreviewRequest) (p Preview, err error) {
	f, err := in.store.file(ctx, r.FileID)
	if err != nil {
		return Preview{}, err
	}
	var said Dialect
	if r.Dialect != nil {
		said = *r.Dialect
	}
	if r.Sheet != "" {
		said.Sheet = r.Sheet
	}
	if err := said.Check(); err != nil {
		return Preview{}, err
	}
	l, err := in.folder.Glance(ctx, f, said)
	if err != nil {
		return Preview{}, err
	}
	p = preview(l, r.Kind)
	if r.MappingText != "" {
		return p, in.useMapping(&p, r.MappingText)
	}
	if again, err := in.ofRejects(ctx, &p, l); err != nil || p.Follows != "" {
		if again != nil {
			p.Dialect = *again
		}
		return p, err
	}
	if err := in.propose(&p, l, f.Name); err != nil {
		return p, err
	}
	return p, in.remembered(ctx, &p, l)
}

// preview shows what was recognised, without a mapping.
func preview(l tabular.Layout, kind string) Preview {
	p := Preview{Dialect: l.Dialect, Columns: []PreviewColumn{}, Rows: [][]string{}, Doubts: []string{}, Kind: kind}
	for _, c := range l.Columns {
		p.Columns = append(p.Columns, PreviewColumn{Name: c.Name, Samples: c.Samples, Type: c.Type, DateFormat: c.DateForm})
	}
	for _, d := range l.Doubts {
		p.Doubts = append(p.Doubts, string(d))
	}
	for _, row := range l.Sample[:min(len(l.Sample), previewRows)] {
		line := make([]string, 0, len(row))
		for _, cell := range row {
			line = append(line, tabular.Clean(cell))
		}
		p.Rows = append(p.Rows, line)
	}
	return p
}

// propose fills kind and mapping.
func (in *Intake) propose(p *Preview, l tabular.Layout, fileName string) error {
	var targets []mapping.Target
	for _, k := range in.cfg.Kinds {
		if p.Kind == "" || p.Kind == k.Key {
			targets = append(targets, k.Target())
		}
	}
	if len(targets) == 0 {
		return in.unknownKind(p.Kind)
	}
	p.Mapping = mapping.Propose(targets, l, fileName+" "+l.Sheet)
	p.Kind = p.Mapping.Kind
	return nil
}

// useMapping takes kind and mapping from a text. That each column is in the file is checked when the import starts, so
// that how the file is read can still be corrected.
func (in *Intake) useMapping(p *Preview, text string) error {
	m, err := mapping.Parse([]byte(text))
	if err != nil {
		return err
	}
	kind, ok := in.kinds[m.Kind]
	if !ok {
		return in.unknownKind(m.Kind)
	}
	p.Kind, p.Mapping = m.Kind, m
	return m.CheckFields(kind.Target())
}

func (in *Intake) unknownKind(key string) error {
	keys := strings.Join(in.kindKeys(), ", ")
	return fault.New(fault.Invalid, "import.kind", "There is no kind %q to import; there are %s.", key, keys).At("kind", "It is one of %s.", keys)
}

func (in *Intake) kindKeys() []string {
	keys := make([]string, len(in.cfg.Kinds))
	for i, k := range in.cfg.Kinds {
		keys[i] = k.Key
	}
	return keys
}
