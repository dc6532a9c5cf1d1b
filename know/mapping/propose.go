package mapping

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// proposeAtLeast is how well a kind must fit to be proposed: more than half of its needs found.
const proposeAtLeast = 0.5

// Propose finds the kind that fits the columns of a file best, and the mapping of it. Of a single kind the mapping is
// proposed however little fits; of several, none may fit: then the mapping has no kind. name is of the file and the sheet.
func Propose(kinds []Target, l tabular.Layout, name string) Mapping {
	found, best := Mapping{Columns: map[string]Value{}}, 0.0
	for _, k := range kinds {
		m, score := proposeFor(k, l)
		score += nameHint(k, name)
		if len(kinds) == 1 || score > best && score >= proposeAtLeast {
			best, found = score, m
		}
	}
	return found
}

// match is how well a column fits a field.
type match struct {
	field, column int
	score         float64
}

// matchAtLeast is the score below which a column is not proposed for a field: better nothing than a wrong guess.
const matchAtLeast = 0.55

// proposeFor gives each field the column that fits best, no column to two fields. The score says how much of what the
// kind needs was found, and a little for how much of the file it takes.
func proposeFor(k Target, l tabular.Layout) (Mapping, float64) {
	columns := l.Columns
	var all []match
	for fi, f := range k.Fields {
		for ci, c := range columns {
			if s := fitness(f, c); s >= matchAtLeast {
				all = append(all, match{fi, ci, s})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return a.column - b.column
	})
	pr := proposal{kind: k, columns: columns, taken: map[int]bool{}, form: l.DateFormat, m: Mapping{Kind: k.Key, Columns: map[string]Value{}}}
	for _, x := range all {
		pr.take(x)
	}
	pr.fillIn()
	pr.takeCurrency()
	var needed float64
	for _, f := range k.Fields {
		if f.Required {
			needed++
		}
	}
	if needed == 0 || len(columns) == 0 {
		return pr.m, pr.extra / float64(max(len(k.Fields), 1))
	}
	// All of what is needed counts most; then how many of the columns find a place.
	return pr.m, 0.75*pr.found/needed + 0.25*(pr.found+pr.extra)/float64(max(len(columns), len(pr.m.Columns))) + 0.05*pr.extra/float64(len(k.Fields))
}

// proposal is a mapping that is being proposed.
type proposal struct {
	kind         Target
	columns      []tabular.Column
	taken        map[int]bool
	form         string // in which the file writes dates
	m            Mapping
	found, extra float64 // of what is needed, and beyond it
}

// take gives a field a column, unless one of them has another already.
func (p *proposal) take(x match) {
	f, c := p.kind.Fields[x.field], p.columns[x.column]
	if _, has := p.m.Columns[f.Name]; has || p.taken[x.column] {
		return
	}
	p.taken[x.column] = true
	v := Value{Column: c.Name}
	if f.isDate() && !slices.Contains([]string{"", p.form, "yyyy-mm-dd", "yyyymmdd"}, c.DateForm) {
		v.Format = c.DateForm
	}
	p.m.Columns[f.Name] = v
	if f.Required {
		p.found += x.score
	} else {
		p.extra += x.score
	}
}

// byContents is what a column is worth that fits a field by its contents alone: enough to be proposed, and less than any
// name that fits.
const byContents = 0.56

// fillIn looks for what is needed and was not found by name: the only column of dates, the only one of amounts; where the
// columns have no names at all, also the first column of keys, and of whole numbers for a quantity. A name that is needed
// and stands nowhere is the key, until somebody knows better.
func (p *proposal) fillIn() {
	unnamed := !slices.ContainsFunc(p.columns, func(c tabular.Column) bool { return c.Named })
	key := slices.IndexFunc(p.kind.Fields, func(f Field) bool { return f.Required && f.Type == Code })
	for i, f := range p.kind.Fields {
		switch {
		case f.Required && f.isDate():
			p.takeOnly(i, "date")
		case f.Required && f.Type == Amount:
			p.takeOnly(i, "number")
		case i == key && unnamed:
			p.takeFirst(i, "code", "integer")
		}
	}
	for i, f := range p.kind.Fields {
		if !f.Required && f.Type == Number && len(p.m.Columns) > 0 {
			p.takeCount(i, unnamed)
		}
	}
	name := slices.IndexFunc(p.kind.Fields, func(f Field) bool { return f.Required && f.Type == Text })
	if key < 0 || name < 0 {
		return
	}
	field := p.kind.Fields[name].Name
	of, has := p.m.Columns[p.kind.Fields[key].Name]
	now, named := p.m.Columns[field]
	switch {
	case has && !named:
		p.m.Columns[field] = of
		fallthrough
	case named && isPartOfName(now.Column):
		p.takeFullName(field)
	}
}

// currencyField is how every kind calls the field of the currency in which its amounts are.
const currencyField = "currency"

// takeCurrency proposes a column of nothing but currencies, or else the currency that stands in the cells of all amounts: an
// amount in euros is none of the base currency.
func (p *proposal) takeCurrency() {
	at := slices.IndexFunc(p.kind.Fields, func(f Field) bool { return f.Name == currencyField })
	if _, has := p.m.Columns[currencyField]; at < 0 || has {
		return
	}
	for i, c := range p.columns {
		other := func(cell string) bool { return money.ValidCurrency(cell) != nil }
		if !p.taken[i] && len(c.Samples) > 0 && !slices.ContainsFunc(c.Samples, other) {
			p.take(match{at, i, byContents})
			return
		}
	}
	all := map[string]bool{}
	for _, f := range p.kind.Fields {
		v, has := p.m.Columns[f.Name]
		if !has || f.Type != Amount {
			continue
		}
		for _, c := range p.columns {
			if c.Name == v.Column {
				for _, cell := range c.Samples {
					all[currencyIn(cell)] = true
				}
			}
		}
	}
	for code := range all {
		if len(all) == 1 && code != "" {
			p.m.Columns[currencyField] = Value{Constant: code}
		}
	}
}

// currencyCode is a currency written as a code beside an amount.
var currencyCode = regexp.MustCompile(`\b[A-Z]{3}\b`)

// currencyIn is the code of the currency that a cell names; "" where it names none, or one of several such as $ and kr.
func currencyIn(cell string) string {
	for sign, code := range map[string]string{"€": "EUR", "£": "GBP", "zł": "PLN"} {
		if strings.Contains(cell, sign) {
			return code
		}
	}
	if code := currencyCode.FindString(cell); money.ValidCurrency(code) == nil {
		return code
	}
	return ""
}

func (p *proposal) takeOnly(field int, kind string) {
	only := -1
	for i, c := range p.columns {
		if c.Type == kind && !p.taken[i] {
			if only >= 0 {
				return
			}
			only = i
		}
	}
	if only >= 0 {
		p.take(match{field, only, byContents})
	}
}

func (p *proposal) takeFirst(field int, kinds ...string) {
	for i, c := range p.columns {
		if slices.Contains(kinds, c.Type) && !p.taken[i] {
			p.take(match{field, i, byContents})
			return
		}
	}
}

// takeCount takes the last column of whole numbers; of columns with names, only one that is called the number of something.
func (p *proposal) takeCount(field int, unnamed bool) {
	for i, c := range slices.Backward(p.columns) {
		words := wordsOf(c.Name)
		counts := unnamed || len(words) > 1 && words[1] == "of" && slices.Contains([]string{"number", "no", "count"}, words[0])
		if c.Type == "integer" && !p.taken[i] && counts {
			p.take(match{field, i, byContents})
			return
		}
	}
}

func isPartOfName(column string) bool {
	words := strings.Join(wordsOf(column), "")
	return strings.Contains(" firstname lastname givenname surname fornavn efternavn vorname nachname voornaam achternaam imię nazwisko ", " "+words+" ")
}

// takeFullName joins the first and the last name of a person.
func (p *proposal) takeFullName(field string) {
	find := func(names string) int {
		return slices.IndexFunc(p.columns, func(c tabular.Column) bool {
			return strings.Contains(" "+names+" ", " "+strings.Join(wordsOf(c.Name), "")+" ")
		})
	}
	first := find("firstname givenname forename fornavn vorname voornaam imię 名")
	last := find("lastname surname familyname efternavn nachname familienname achternaam nazwisko 姓")
	if first >= 0 && last >= 0 {
		p.m.Columns[field] = Value{Join: []Value{{Column: p.columns[first].Name}, {Column: p.columns[last].Name}}}
	}
}

// nameHint favours the kind after which the file or its sheet is called.
func nameHint(k Target, name string) float64 {
	words := wordsOf(name)
	for _, s := range append([]string{k.Key, k.Label, strings.TrimSuffix(k.Key, "s")}, k.Synonyms...) {
		if contains(words, wordsOf(s)) || strings.Contains(strings.Join(words, ""), strings.Join(wordsOf(s), "")) {
			return 0.15
		}
	}
	return 0
}

// fitness says from 0 to 1 how well a column fits a field, by its name and what is in it.
func fitness(f Field, c tabular.Column) float64 {
	score := 0.0
	name := wordsOf(c.Name)
	for i, s := range append([]string{f.Name, f.Label}, f.Synonyms...) {
		score = max(score, likeness(name, wordsOf(s))-float64(min(i, 50))/1000)
	}
	return score * plausibility(f, c)
}

// generic are words that say how a thing is named rather than what it is.
const generic = " key id no nr num number code alternate dim fact the of "

// likeness compares names word by word: the same, the same but for generic words, or one within the other.
func likeness(column, synonym []string) float64 {
	if len(column) == 0 || len(synonym) == 0 {
		return 0
	}
	if slices.Equal(column, synonym) || strings.Join(column, "") == strings.Join(synonym, "") {
		return 1
	}
	a, b := specific(column), specific(synonym)
	switch {
	case len(a) > 0 && slices.Equal(a, b):
		return 0.85
	case len(b) > 0 && len(b) == len(synonym) && contains(a, b):
		return 0.4 + 0.3*float64(len(b))/float64(len(a))
	case len(a) > 0 && len(a) == len(column) && contains(b, a):
		return 0.35 + 0.3*float64(len(a))/float64(len(b))
	}
	return 0
}

func specific(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(generic, " "+w+" ") })
}

// contains tells whether part stands in words, one after the other.
func contains(words, part []string) bool {
	for i := 0; len(part) > 0 && i+len(part) <= len(words); i++ {
		if slices.Equal(words[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// abbreviations are words that files cut short.
func abbreviations() map[string]string {
	return map[string]string{"cust": "customer", "amt": "amount", "prod": "product", "desc": "description", "addr": "address", "emp": "employee",
		"acct": "account", "ord": "order", "inv": "invoice", "curr": "currency", "tel": "telephone"}
}

// wordsOf takes a name apart: "SalesOrderNumber", "sales_order_number" and "Sales order number" are the same three words.
// Chinese characters have no case and stay together.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			text := strings.ToLower(string(word))
			if whole, cut := abbreviations()[text]; cut {
				text = whole
			}
			words = append(words, text)
		}
		word = word[:0]
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// plausibility lowers the fitness of a column whose cells do not look like the field.
func plausibility(f Field, c tabular.Column) float64 {
	in := func(types ...string) float64 {
		if slices.Contains(append(types, "empty"), c.Type) {
			return 1
		}
		return 0.3
	}
	switch f.Type {
	case Amount, Number:
		return in("integer", "number")
	case Integer:
		return in("integer")
	case Date, Month:
		if f.Type == Month && c.Type != "date" {
			return 0.8
		}
		return in("date")
	case Code:
		// Named as one, whatever the case: an import takes dkk for DKK.
		names := func(cell string) bool { return money.ValidCurrency(strings.ToUpper(cell)) == nil }
		if f.Name == currencyField && len(c.Samples) > 0 && !slices.ContainsFunc(c.Samples, names) {
			return 0.3 // the keys of another table
		}
		return in("code", "integer", "text")
	}
	if c.Type == "date" || f.Type == Text && isFlag(c) {
		return 0.4
	}
	return 1
}

// isFlag tells that a column only says yes or no.
func isFlag(c tabular.Column) bool {
	for _, s := range c.Samples {
		if !slices.Contains([]string{"yes", "no", "y", "n", "true", "false", "0", "1", "ja", "nej", "nein", "nee", "tak", "nie", "x", "是", "否"}, strings.ToLower(s)) &&
			!strings.HasPrefix(strings.ToLower(s), "no ") {
			return false
		}
	}
	return len(c.Samples) > 1
}
