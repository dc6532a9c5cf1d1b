package customer

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

func knownCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.Canonicalize().String() == code
}

// countryNames maps the folded names of countries in the program's six languages, and those that people use beside them,
// to their codes.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	languages := []language.Tag{language.English, language.Danish, language.German, language.Dutch, language.Polish, language.TraditionalChinese}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			if !knownCountry(code) {
				continue
			}
			for _, tag := range languages {
				names[fold(display.Regions(tag).Name(language.MustParseRegion(code)))] = code
			}
		}
	}
	for name, code := range map[string]string{"United States of America": "US", "Great Britain": "GB", "England": "GB", "Scotland": "GB", "Holland": "NL", "Nederlandene": "NL",
		"The Netherlands": "NL", "Czech Republic": "CZ", "Turkey": "TR", "Taiwan, R.O.C.": "TW", "Hong Kong": "HK", "Macau": "MO", "Korea": "KR", "中華民國": "TW"} {
		names[fold(name)] = code
	}
	return names
})

// countryCode reads a country as files write it: a two- or three-letter code, or a name in one of the six languages,
// whatever its letter case and accents. An empty text is no country, which is fine.
func countryCode(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", true
	}
	if len(text) == 2 || len(text) == 3 {
		if r, err := language.ParseRegion(text); err == nil && r.IsCountry() {
			return r.Canonicalize().String(), true
		}
	}
	code, ok = countryNames()[fold(text)]
	return code, ok
}
