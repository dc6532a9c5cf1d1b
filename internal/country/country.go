// Package country knows the countries by their codes and by their names in the program's languages.
package country

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/kvadrant/kvadrant/internal/fold"
)

// Known tells whether code is the two-letter code of a country.
func Known(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.Canonicalize().String() == code
}

// names maps the folded names of countries in the program's six languages, and those that people use beside them,
// to their codes.
var names = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	languages := []language.Tag{language.English, language.Danish, language.German, language.Dutch, language.Polish, language.TraditionalChinese}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			if !Known(code) {
				continue
			}
			for _, tag := range languages {
				all[fold.Text(display.Regions(tag).Name(language.MustParseRegion(code)))] = code
			}
		}
	}
	for name, code := range map[string]string{"United States of America": "US", "Great Britain": "GB", "England": "GB", "Scotland": "GB", "Holland": "NL", "Nederlandene": "NL",
		"The Netherlands": "NL", "Czech Republic": "CZ", "Turkey": "TR", "Taiwan, R.O.C.": "TW", "Hong Kong": "HK", "Macau": "MO", "Korea": "KR", "中華民國": "TW"} {
		all[fold.Text(name)] = code
	}
	return all
})

// Code reads a country as files write it: a two- or three-letter code, or a name in one of the six languages,
// whatever its letter case and accents. An empty text is no country, which is fine.
func Code(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", true
	}
	if len(text) == 2 || len(text) == 3 {
		if r, err := language.ParseRegion(text); err == nil && r.IsCountry() {
			return r.Canonicalize().String(), true
		}
	}
	code, ok = names()[fold.Text(text)]
	return code, ok
}
