package customer

import (
	"github.com/kvadrant/kvadrant/internal/country"
	"github.com/kvadrant/kvadrant/internal/fold"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// places returns where a fault of kind Invalid lies; none for nil.
func places(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want a fault of kind Invalid", err)
	}
	var paths []string
	for _, f := range fault.Of(err).Fields {
		paths = append(paths, f.Path)
	}
	return paths
}

func TestValidate(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name   string
		change func(c *Customer)
		wrong  []string
	}{
		{"as it should be", func(*Customer) {}, nil},
		{"everything filled", func(c *Customer) {
			c.Kind, c.Industry, c.SizeEmployees, c.Country, c.Email, c.Lifecycle = Person, "Ship chandler", number(0), " dk ", "a@b.dk", "former"
		}, nil},
		{"blank code and name", func(c *Customer) { c.Code, c.Name = " ", "\t" }, []string{"code", "name"}},
		{"two hundred Chinese letters of a code", func(c *Customer) { c.Code = strings.Repeat("船", 200) }, nil},
		{"a letter more", func(c *Customer) { c.Code = strings.Repeat("船", 201) }, []string{"code"}},
		{"long name", func(c *Customer) { c.Name = strings.Repeat("x", 501) }, []string{"name"}},
		{"long industry and city", func(c *Customer) { c.Industry, c.City = strings.Repeat("x", 151), strings.Repeat("y", 151) }, []string{"industry", "city"}},
		{"unknown kind", func(c *Customer) { c.Kind = "robot" }, []string{"kind"}},
		{"unknown stage", func(c *Customer) { c.Lifecycle = "friend" }, []string{"lifecycle"}},
		{"fewer than nobody", func(c *Customer) { c.SizeEmployees = number(-1) }, []string{"size_employees"}},
		{"no country of that code", func(c *Customer) { c.Country = "XX" }, []string{"country"}},
		{"three letters of a country", func(c *Customer) { c.Country = "DNK" }, []string{"country"}},
		{"a region is no country", func(c *Customer) { c.Country = "EU" }, []string{"country"}},
		{"no address", func(c *Customer) { c.Email = "somebody" }, []string{"email"}},
		{"two addresses", func(c *Customer) { c.Email = "a@b.dk, c@d.dk" }, []string{"email"}},
		{"address with a name", func(c *Customer) { c.Email = "Anna <a@b.dk>" }, []string{"email"}},
		{"its own group", func(c *Customer) { c.ParentID = c.ID }, []string{"parent_id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &Customer{ID: id.New(), Code: "K1", Name: "Nordlys A/S"}
			c.change(x)
			x.Normalise()
			if got := places(t, x.Validate()); !slices.Equal(got, c.wrong) {
				t.Errorf("wrong are %v, want %v", got, c.wrong)
			}
		})
	}
}

func TestNormalise(t *testing.T) {
	c := &Customer{Code: " K1 ", Name: "Nord\x00lys\r\nA/S ", Country: " dk", City: "År\xffhus"}
	c.Normalise()
	if c.Code != "K1" || c.Name != "Nord lys  A/S" || c.Country != "DK" || c.City != "År hus" || c.Kind != Organisation || c.Lifecycle != "customer" {
		t.Errorf("got %+v", c)
	}
	if c.SortName != "nord lys a s" || c.SearchText != "  nord  lys  a  s  k1  ar  hus" {
		t.Errorf("sorted by %q, searched in %q", c.SortName, c.SearchText)
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ text, folded, needle string }{
		{"", "", ""},
		{"Ørsted A/S", "  orsted  a  s", "orsted  a  s"},
		{"ÆRØ", "  aero", "aero"},
		{"Łódź", "  lodz", "lodz"},
		{"Straße", "  strasse", "strasse"},
		{"re\u0301sume\u0301", "  resume", "resume"}, // accents as files from a Mac have them
		{"K-1001", "  k  1001", "  k  1001"},
		{"船具", "  船  具", "  船  具"},
		{"台灣ABC公司", "  台  灣  abc  公  司", "  台  灣  abc  公  司"},
		{"ＡＢＣ", "  abc", "abc"}, // full-width letters
		{"ø", "  o", "  o"},
		{"sø", "  so", "  so"},
		{"a b", "  a  b", "  a  b"},
		{"船", "  船", "  船"},
		{`"*-(%_`, "", ""},
		{"100%", "  100", "100"},
	} {
		if got := fold.Text(c.text); got != c.folded {
			t.Errorf("fold(%q) = %q, want %q", c.text, got, c.folded)
		}
		if got := fold.Needle(c.text); got != c.needle {
			t.Errorf("needle(%q) = %q, want %q", c.text, got, c.needle)
		}
	}
}

// FuzzNeedle: what is left of any text has nothing that means something to FTS5 or LIKE, and finds the text it came from.
func FuzzNeedle(f *testing.F) {
	for _, text := range []string{"Ørsted A/S", `" OR 1=1 --`, "a*b", "船具 Co.", "\x00\xff", "ß", "İ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := fold.Needle(text)
		if strings.ContainsAny(n, `"*-+^(){}:%_\'`) || strings.ContainsRune(n, 0) {
			t.Errorf("needle(%q) = %q", text, n)
		}
		if !strings.Contains(fold.Text(text), n) || len([]rune(n)) < 3 && n != "" {
			t.Errorf("needle(%q) = %q does not find %q", text, n, fold.Text(text))
		}
	})
}

func TestCountryCode(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " ": "", "DK": "DK", "dk": "DK", "DNK": "DK", "UK": "GB", "USA": "US",
		"Denmark": "DK", "Danmark": "DK", "Dänemark": "DK", "Denemarken": "DK", "Dania": "DK", "丹麥": "DK",
		"Germany": "DE", "Tyskland": "DE", "Deutschland": "DE", "Duitsland": "DE", "Niemcy": "DE", "德國": "DE",
		"Taiwan": "TW", "Tajwan": "TW", "台灣": "TW", "The Netherlands": "NL", "HOLLAND": "NL", "Nederland": "NL", "nederlandene": "NL",
		"Czech Republic": "CZ", "United States of America": "US", "Oesterreich": "?", "Österreich": "AT", "Atlantis": "?", "XX": "?", "QQQ": "?", "1": "?",
	} {
		code, ok := country.Code(text)
		if want == "?" {
			if ok {
				t.Errorf("%q is taken for %q", text, code)
			}
			continue
		}
		if code != want || !ok {
			t.Errorf("%q: got %q, %v, want %q", text, code, ok, want)
		}
		if code != "" && !country.Known(code) {
			t.Errorf("%q: %q would not pass Validate", text, code)
		}
	}
}

func TestHistory(t *testing.T) {
	at := func(from date.Date, owner id.ID) Ownership { return Ownership{ValidFrom: from, OwnerID: owner} }
	h := history{at("1900-01-01", "a"), at("2020-01-01", "b"), at("2022-01-01", "c")}
	for _, c := range []struct {
		name    string
		say     Ownership
		differs bool
		last    id.ID
		want    string
	}{
		{"a new owner", at("2024-01-01", "d"), true, "d", "1900-01-01 a, 2020-01-01 b, 2022-01-01 c, 2024-01-01 d"},
		{"the same once more", at("2024-01-01", "c"), false, "c", "1900-01-01 a, 2020-01-01 b, 2022-01-01 c"},
		{"the same day", at("2022-01-01", "d"), true, "d", "1900-01-01 a, 2020-01-01 b, 2022-01-01 d"},
		{"the same day and owner", at("2022-01-01", "c"), false, "c", "1900-01-01 a, 2020-01-01 b, 2022-01-01 c"},
		{"in the past", at("2021-01-01", "d"), true, "c", "1900-01-01 a, 2020-01-01 b, 2021-01-01 d, 2022-01-01 c"},
		{"the same in the past", at("2021-01-01", "b"), false, "c", "1900-01-01 a, 2020-01-01 b, 2022-01-01 c"},
	} {
		after, differs := h.with(c.say)
		var got []string
		for _, o := range after {
			got = append(got, string(o.ValidFrom)+" "+string(o.OwnerID))
		}
		if differs != c.differs || after.last().OwnerID != c.last || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v %s, last %s", c.name, differs, strings.Join(got, ", "), after.last().OwnerID)
		}
	}
	if got := h.on("2021-12-31").OwnerID; got != "b" {
		t.Errorf("on the last day of 2021: %s", got)
	}
	if got := h.on("1899-12-31").OwnerID; got != "" {
		t.Errorf("before all: %s", got)
	}
	if after, differs := (history{}).with(at("1900-01-01", "a")); !differs || len(after) != 1 {
		t.Errorf("the first: %v", after)
	}
}

func TestValidatePotential(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *Potential)
		wrong  []string
	}{
		{"as it should be", func(*Potential) {}, nil},
		{"nothing to be had", func(p *Potential) { p.Amount = 0 }, nil},
		{"small letters", func(p *Potential) { p.Currency = " eur " }, nil},
		{"negative", func(p *Potential) { p.Amount = -1 }, []string{"amount"}},
		{"a slip of the keyboard", func(p *Potential) { p.Amount = maxAmount + 1 }, []string{"amount"}},
		{"no currency", func(p *Potential) { p.Currency = "" }, []string{"currency"}},
		{"unknown currency", func(p *Potential) { p.Currency = "EURO" }, []string{"currency"}},
		{"unknown source", func(p *Potential) { p.Source = "guessed" }, []string{"source"}},
		{"no date", func(p *Potential) { p.ValidFrom = "" }, []string{"valid_from"}},
		{"no such day", func(p *Potential) { p.ValidFrom = "2026-02-30" }, []string{"valid_from"}},
		{"a year that PostgreSQL has not", func(p *Potential) { p.ValidFrom = "0000-01-01" }, []string{"valid_from"}},
		{"long note", func(p *Potential) { p.Note = strings.Repeat("船", 2001) }, []string{"note"}},
		{"note with a zero byte", func(p *Potential) { p.Note = "a\x00b" }, []string{"note"}},
		{"all of it", func(p *Potential) { *p = Potential{Amount: -1} }, []string{"amount", "source", "valid_from", "currency"}},
	} {
		p := &Potential{Amount: 100, Currency: "EUR", Source: Declared, ValidFrom: "2026-01-01", Note: "two\nlines"}
		c.change(p)
		p.Normalise()
		if got := places(t, p.Validate()); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong are %v, want %v", c.name, got, c.wrong)
		}
	}
}
