package tabular

import "testing"

// A file comes in chunks, and a blank inside a cell may stand at the end of one.
func TestBlanksAreSeenAcrossChunks(t *testing.T) {
	tests := map[string]struct {
		chunks []string
		want   bool
	}{
		"none":                          {[]string{"a,b\n", "1,2\n"}, false},
		"inside a cell":                 {[]string{"a,Field sales\n"}, false},
		"inside a cell, at a chunk end": {[]string{"a,Field ", "sales\n"}, false},
		"inside a cell, next chunk":     {[]string{"a,Field", " sales\n"}, false},
		"before a cell":                 {[]string{"a, b\n"}, true},
		"behind a cell, across chunks":  {[]string{"a ", ",b\n"}, true},
		"before a cell, across chunks":  {[]string{"a,", " b\n"}, true},
		"first of the file":             {[]string{" a,b\n"}, true},
		"last of the file":              {[]string{"a,b\n1,2 "}, true},
		"no-break space":                {[]string{"a,b\u00a0c\n"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var seen Traits
			for _, chunk := range tt.chunks {
				if _, err := seen.Write([]byte(chunk)); err != nil {
					t.Fatal(err)
				}
			}
			seen.end()
			if seen.Blanks != tt.want {
				t.Errorf("blanks %v, want %v", seen.Blanks, tt.want)
			}
		})
	}
}
