package fault

import (
	"strconv"
	"strings"
)

// Reason is a sentence that can be told in other languages: a code, what stands in the places of the sentence, and the
// sentence itself in English. It says why one of many things, such as a row of a file, was not taken.
type Reason struct {
	Code   string            `json:"code,omitempty" doc:"Stable key for translations; absent where there is the sentence alone."`
	Params map[string]string `json:"params,omitempty" doc:"What stands in the places of the sentence."`
	Text   string            `json:"text" doc:"The sentence in English, with the cure."`
}

// Why returns a reason. The sentence has its places in braces, and params are their names, each followed by what stands
// there: Why("unknown_unit", `There is no unit with the code "{code}".`, "code", code).
func Why(code, sentence string, params ...string) Reason {
	r := Reason{Code: code, Text: sentence}
	if len(params) == 0 {
		return r
	}
	r.Params = make(map[string]string, len(params)/2)
	places := make([]string, 0, len(params))
	for i := 0; i+1 < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
		places = append(places, "{"+params[i]+"}", params[i+1])
	}
	r.Text = strings.NewReplacer(places...).Replace(sentence) // in one go: a value may hold braces itself
	return r
}

// TooLong is the reason of a text that has more characters than are kept.
func TooLong(text string, most int) Reason {
	shown := []rune(text)
	return Why("text_long", `"{value}…" is too long: it may have {most} characters; shorten it.`,
		"value", string(shown[:min(len(shown), 40)]), "most", strconv.Itoa(most))
}

// NoCurrency is the reason of a text that is no currency's code.
func NoCurrency(text string) Reason {
	return Why("currency", `"{value}" is not a currency; use the ISO code, such as EUR or DKK.`, "value", text)
}

// Reasons tells what an error says is wrong, all of it, and the first place of the input at which it is; none where it is
// about the whole.
func Reasons(err error) (path string, all []Reason) {
	f := Of(err)
	if f == nil || len(f.Fields) == 0 {
		return "", []Reason{{Text: err.Error()}}
	}
	for _, at := range f.Fields {
		if at.why.Text == "" {
			at.why.Text = at.Detail
		}
		all = append(all, at.why)
	}
	return f.Fields[0].Path, all
}
