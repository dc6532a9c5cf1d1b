package fault

import "strings"

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

// Plain is a reason that is known by its English sentence alone.
func Plain(sentence string) Reason { return Reason{Text: sentence} }
