package product

import (
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/id"
)

func TestTreePlace(t *testing.T) {
	bikes, road, racks := Category{ID: id.New(), Code: "1", Name: "Bikes"}, Category{ID: id.New(), Code: "2", Name: "Road bikes"}, Category{ID: id.New(), Code: "R", Name: "Racks"}
	road.ParentID = bikes.ID
	tests := map[string]struct {
		path, code string
		want       string // the path of names it ends at
		changed    int    // categories made or altered
		refused    string
	}{
		"nothing":                         {want: ""},
		"a known code as the name":        {path: "2", want: "Bikes > Road bikes"},
		"a known name, other letter case": {path: "road  BIKES", want: "Bikes > Road bikes"},
		"an unknown name":                 {path: "Helmets", want: "Helmets", changed: 1},
		"a known path":                    {path: "Bikes > Road bikes", want: "Bikes > Road bikes"},
		"a path partly known":             {path: "Bikes>Mountain bikes > Hardtails", want: "Bikes > Mountain bikes > Hardtails", changed: 2},
		"the same name elsewhere":         {path: "Parts > Road bikes", want: "Parts > Road bikes", changed: 2},
		"a known code alone":              {code: "2", want: "Bikes > Road bikes"},
		"a known code with a new name":    {path: "Racers", code: "2", want: "Bikes > Racers", changed: 1},
		"a known code at a new place":     {path: "Racks > Road bikes", code: "2", want: "Racks > Road bikes", changed: 1},
		"a new code":                      {code: "77", want: "77", changed: 1},
		"a new code with a path":          {path: "Bikes > Mountain bikes", code: "77", want: "Bikes > Mountain bikes", changed: 1},
		"below itself":                    {path: "Bikes > Road bikes > Bikes", code: "1", refused: "below itself"},
		"too deep":                        {path: strings.Repeat("a>", 13), refused: "13 levels"},
		"too long":                        {path: strings.Repeat("a", 501), refused: "too long"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tree := NewTree([]Category{bikes, road, racks})
			got, err := tree.Place(tt.path, tt.code, id.New())
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Fatalf("got %v, want a refusal with %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if at := pathOf(tree, got); at != tt.want {
				t.Errorf("placed at %q, want %q", at, tt.want)
			}
			if again, err := tree.Place(tt.path, tt.code, id.New()); err != nil || again != got {
				t.Errorf("the second time: %q, %v; want the same", again, err)
			}
			changed := tree.takeChanged()
			if len(changed) != tt.changed {
				t.Errorf("%d changed, want %d: %+v", len(changed), tt.changed, changed)
			}
			for i, c := range changed {
				if slices.ContainsFunc(changed[i+1:], func(later Category) bool { return later.ID == c.ParentID }) {
					t.Errorf("%q is to be saved before its parent", c.Name)
				}
			}
		})
	}
}

func pathOf(t *Tree, at id.ID) string {
	var names []string
	for at != "" {
		names = append([]string{t.byID[at].Name}, names...)
		at = t.byID[at].ParentID
	}
	return strings.Join(names, " > ")
}
