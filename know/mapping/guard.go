package mapping

// guard is an apostrophe before what a spreadsheet would calculate, or before a text that has such an apostrophe itself.
const guard = `^''*[\s\x00-\x1f\x{00A0}\x{3000};\x{FEFF}\x{200B}]*[=+\-@＝＋－＠]`

// unguarded takes away the apostrophe that our own exports put before what a spreadsheet would calculate, so that a text
// comes back as it went out.
func unguarded(t string) string {
	return "CASE WHEN starts_with(" + t + ", '''') AND regexp_matches(" + t + ", " + quoted(guard) + ") THEN substr(" + t + ", 2) ELSE " + t + " END"
}
