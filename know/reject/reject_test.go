package reject

import (
	"slices"
	"testing"
)

func TestSafeCell(t *testing.T) {
	for _, s := range []string{"=1+1", "+x", "-(1)", "@x", "\t=1", " =1", "\r=1", "＝1", ";=1", "\x00x"} {
		if got := safeCell(s); got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"", "abc", "a=b", "12", "(5)", "-1", "+45,50"} {
		if got := safeCell(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestAlign(t *testing.T) {
	if got := Align([]string{"A", "B", "C"}, []string{"C", "A"}, []string{"3", "1", "9"}); !slices.Equal(got, []string{"1", "", "3"}) {
		t.Errorf("got %q", got)
	}
	if got := Union([]string{"A", "B"}, []string{"B", "C"}); !slices.Equal(got, []string{"A", "B", "C"}) {
		t.Errorf("got %q", got)
	}
	for raw, want := range map[string][]string{`a;"b;c`: {"a", "b;c"}, "a;b;c;d": {"a", "b", "c", "d"}} {
		if got := Split(raw, ";"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q", raw, got)
		}
	}
}
