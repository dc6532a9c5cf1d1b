// Package dateform knows the forms in which people and programs write dates: which forms a cell can be read in, and how
// the engine reads them.
package dateform

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Form is a form in which dates are written. The engine reads most by a format of its own; the others (months by
// name, the years of Taiwan) by a pattern whose groups are the parts. ISO dates are understood whatever the form is.
type Form struct {
	Name             string
	Strptime         string         // what the engine calls it; "" where Pattern is used
	layout           string         // what Go calls it
	Pattern          *regexp.Regexp // with three groups
	Day, Month, Year int            // which group is which part
	Named            bool           // the month is a name
	YearZero         int            // is added to the year
}

// NamedMonth is a month by its name and its year, of two or four digits, whatever stands between them.
var NamedMonth = regexp.MustCompile(`^(\p{L}{3,12})\.?[ /.\-]*'?(\d{4}|\d{2})$`)

// The forms that have no format of their own in the engine.
var (
	dashedName  = regexp.MustCompile(`^(\d{1,2})-(\p{L}{3,12})\.?-(\d{4})$`)
	spacedName  = regexp.MustCompile(`^(\d{1,2})\.?[ /]*(\p{L}{3,12})\.?,?[ /]*(\d{4})$`)
	nameFirst   = regexp.MustCompile(`^(\p{L}{3,12})\.?[ -](\d{1,2})(?:st|nd|rd|th)?\.?,?[ -]+(\d{4})$`)
	nameAndYear = regexp.MustCompile(`^(\d{1,2})[-. ]+(\p{L}{3,12})\.?[- ]+(\d{2})$`)
	ofTaiwan    = regexp.MustCompile(`^(1\d\d)[-/.](\d{1,2})[-/.](\d{1,2})$`)
)

// All lists the forms, the likelier first.
func All() []Form {
	plain := func(name, strptime, layout string) Form {
		return Form{Name: name, Strptime: strptime, layout: layout}
	}
	return []Form{
		plain("yyyy-mm-dd", "%Y-%m-%d", "2006-1-2"), plain("dd.mm.yyyy", "%d.%m.%Y", "2.1.2006"), plain("dd/mm/yyyy", "%d/%m/%Y", "2/1/2006"),
		plain("mm/dd/yyyy", "%m/%d/%Y", "1/2/2006"), plain("dd-mm-yyyy", "%d-%m-%Y", "2-1-2006"), plain("yyyy/mm/dd", "%Y/%m/%d", "2006/1/2"),
		plain("yyyy.mm.dd", "%Y.%m.%d", "2006.1.2"), plain("yyyymmdd", "%Y%m%d", "20060102"), plain("dd.mm.yy", "%d.%m.%y", "2.1.06"),
		plain("dd/mm/yy", "%d/%m/%y", "2/1/06"), plain("mm/dd/yy", "%m/%d/%y", "1/2/06"), plain("dd-mm-yy", "%d-%m-%y", "2-1-06"),
		plain("mm-dd-yyyy", "%m-%d-%Y", "1-2-2006"),
		{Name: "dd-mmm-yyyy", Pattern: dashedName, Day: 1, Month: 2, Year: 3, Named: true},
		{Name: "dd mmm yyyy", Pattern: spacedName, Day: 1, Month: 2, Year: 3, Named: true},
		{Name: "mmm dd yyyy", Pattern: nameFirst, Month: 1, Day: 2, Year: 3, Named: true},
		{Name: "dd-mmm-yy", Pattern: nameAndYear, Day: 1, Month: 2, Year: 3, Named: true, YearZero: 2000},
		{Name: "yyy/mm/dd", Pattern: ofTaiwan, Year: 1, Month: 2, Day: 3, YearZero: 1911},
		plain("ddmmyyyy", "%d%m%Y", "02012006"),
	}
}

// Find returns the form of dates of that name.
func Find(name string) (Form, bool) {
	for _, f := range All() {
		if f.Name == strings.ToLower(name) {
			return f, true
		}
	}
	return Form{}, false
}

// Names lists the forms of dates by name.
func Names() string {
	names := make([]string, len(All()))
	for i, f := range All() {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// Months are the names of months, whole and cut, in lower case, in English, Danish, German, Dutch and Polish. No name
// means different months in two of them.
func Months() map[string]int {
	names := [12]string{
		"jan january januar jänner januari styczeń stycznia sty", "feb february februar februari luty lutego lut",
		"mar march marts märz maerz mär mrz maart mrt marzec marca", "apr april kwiecień kwietnia kwi", "may maj mai mei maja",
		"jun june juni czerwiec czerwca cze", "jul july juli lipiec lipca lip", "aug august augustus sierpień sierpnia sie",
		"sep sept september wrzesień września wrz", "oct october okt oktober październik października paź",
		"nov november listopad listopada lis", "dec december dez dezember grudzień grudnia gru",
	}
	months := map[string]int{}
	for i, of := range names {
		for _, n := range strings.Fields(of) {
			months[n] = i + 1
		}
	}
	return months
}

// MonthNames lists the names of Months in a fixed order.
func MonthNames() []string { return slices.Sorted(maps.Keys(Months())) }

// TimeOfDay is a time of day behind a date, which is left out.
var TimeOfDay = regexp.MustCompile(`[ T]\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?:Z| ?[-+]\d{2}(?::?\d{2})?)?$`)

// Is tells whether a cell is a date in any form that is understood. Eight digits are one only if they can be.
func Is(cell string) bool { return len(In(cell)) > 0 }

// In returns which forms the cell can be read in. Eight digits with the day in front look too much like a number to
// be guessed.
func In(cell string) (fits []Form) {
	if cell == "" || len(cell) > 40 {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(cell)
	digit := first >= '0' && first <= '9'
	if !digit && !(unicode.IsLetter(first) && strings.ContainsAny(cell, "0123456789")) {
		return nil
	}
	cell = TimeOfDay.ReplaceAllString(cell, "")
	if len(cell) < 6 || len(cell) > 24 {
		return nil
	}
	named := !digit || strings.IndexFunc(cell, unicode.IsLetter) >= 0
	for _, f := range All() {
		if f.Name == "ddmmyyyy" || f.Named != named {
			continue
		}
		if _, ok := f.read(cell); ok {
			fits = append(fits, f)
		}
	}
	return fits
}

// Read reads a date in one of the forms, as the engine does.
func Read(cell, form string) (time.Time, bool) {
	f, known := Find(form)
	if !known {
		return time.Time{}, false
	}
	return f.read(cell)
}

func (f Form) read(cell string) (t time.Time, ok bool) {
	err := error(nil)
	if f.Pattern == nil {
		t, err = time.Parse(f.layout, cell)
	} else {
		parts := f.Pattern.FindStringSubmatch(cell)
		if parts == nil {
			return time.Time{}, false
		}
		month, year := parts[f.Month], 0
		if f.Named {
			month = strconv.Itoa(Months()[strings.ToLower(month)])
		}
		if year, err = strconv.Atoi(parts[f.Year]); err == nil {
			t, err = time.Parse("2006-1-2", fmt.Sprintf("%04d-%s-%s", year+f.YearZero, month, parts[f.Day]))
		}
	}
	return t, err == nil && t.Year() >= MinYear && t.Year() <= MaxYear
}

// MinYear and MaxYear: dates outside these years are mistakes in any sales system.
const MinYear, MaxYear = 1800, 2199
