// Package statement checks the SQL that people write to read other systems' databases: one statement, that reads.
package statement

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// The servers whose SQL is known.
const (
	PostgreSQL = "postgresql"
	MySQL      = "mysql" // and MariaDB
	SQLServer  = "sqlserver"
)

// Check refuses everything but one statement that reads, and tells whether it uses :since.
//
// On PostgreSQL, MySQL and MariaDB the transaction is read-only besides, and the protocol takes one statement only. SQL
// Server has no read-only transactions and takes several statements in a row without a semicolon: there the words below,
// and the rights of the user, are what protects. A word counts where it stands bare; in quotes it is a name or a text.
func Check(driver, text string) (usesSince bool, err error) {
	tokens, problem := scan(driver, text)
	if problem != "" {
		return false, Bad("%s", problem)
	}
	if len(tokens) > 0 && tokens[len(tokens)-1].text == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 || !slices.Contains([]string{"SELECT", "WITH"}, tokens[0].word()) {
		return false, Bad("Write one SELECT; it begins with SELECT or WITH.")
	}
	for i, t := range tokens {
		switch {
		case t.text == ";":
			return false, Bad("Write one statement only, without a semicolon in between.")
		case t.since:
			usesSince = true
		case t.text == "?" && driver == MySQL:
			return false, Bad("A question mark cannot stand here. For the watermark write :since.")
		case slices.Contains(writing(), t.word()) && (i == 0 || tokens[i-1].text != "."):
			return false, Bad("%s is not for reading. If it is the name of a column or a table, put it in quotation marks.", t.word())
		}
	}
	return usesSince, nil
}

// writing are the words that change something, lock something, run something or leave the transaction.
func writing() []string {
	return []string{"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "TRUNCATE", "CREATE", "ALTER", "DROP", "RENAME", "GRANT", "REVOKE", "DENY",
		"EXEC", "EXECUTE", "CALL", "COPY", "LOAD", "LOCK", "BEGIN", "COMMIT", "ROLLBACK", "SAVE", "SET", "DECLARE", "BACKUP", "RESTORE",
		"SHUTDOWN", "KILL", "DBCC", "WAITFOR", "RECONFIGURE", "OPENROWSET", "OPENQUERY", "OPENDATASOURCE", "BULK", "WRITETEXT", "UPDATETEXT"}
}

// Bad is the fault of a statement that is not taken.
func Bad(detail string, args ...any) error {
	f := fault.New(fault.Invalid, "source.statement", detail, args...)
	return f.At("statement", "%s", f.Detail)
}

// token is a bare word, a mark, a quoted part or a use of :since, with its place in the text.
type token struct {
	text     string
	from, to int
	quoted   bool
	since    bool
}

// word is the token in capitals, "" when it is no bare word.
func (t token) word() string {
	if t.quoted || t.since {
		return ""
	}
	return strings.ToUpper(t.text)
}

// Prepare replaces each :since by the driver's own placeholder and returns how many there are.
func Prepare(driver, text string) (sql string, uses int) {
	tokens, _ := scan(driver, text)
	var b strings.Builder
	last := 0
	for _, t := range tokens {
		if !t.since {
			continue
		}
		b.WriteString(text[last:t.from])
		b.WriteString(map[string]string{PostgreSQL: "$1", MySQL: "?", SQLServer: "@p1"}[driver])
		last, uses = t.to, uses+1
	}
	b.WriteString(text[last:])
	return b.String(), uses
}

// scan takes a text apart as the driver's server does, without its comments. problem is a sentence when it cannot.
func scan(driver, text string) (tokens []token, problem string) {
	s := scanner{driver: driver, text: text}
	for s.at < len(text) && s.problem == "" {
		s.step()
	}
	return s.tokens, s.problem
}

type scanner struct {
	driver, text string
	at           int
	tokens       []token
	problem      string
}

func (s *scanner) rest() string { return s.text[s.at:] }

func (s *scanner) emit(to int, quoted, since bool) {
	s.tokens = append(s.tokens, token{text: s.text[s.at:to], from: s.at, to: to, quoted: quoted, since: since})
	s.at = to
}

func (s *scanner) step() {
	rest := s.rest()
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--") && (s.driver != MySQL || len(rest) == 2 || rest[2] <= ' '), c == '#' && s.driver == MySQL:
		s.at += len(rest)
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			s.at += end + 1 - len(rest)
		}
	case strings.HasPrefix(rest, "/*"):
		s.comment()
	case c == '\'':
		escapes := s.driver == MySQL || s.driver == PostgreSQL && s.afterE()
		s.quoted('\'', escapes)
	case c == '"':
		s.quoted('"', s.driver == MySQL)
	case c == '`' && s.driver == MySQL:
		s.quoted('`', false)
	case c == '[' && s.driver == SQLServer:
		s.quoted(']', false)
	case c == '$' && s.driver == PostgreSQL && s.dollar():
	case strings.HasPrefix(rest, "::"): // a cast of PostgreSQL
		s.emit(s.at+2, false, false)
	case strings.HasPrefix(rest, ":since") && !inWord(rest[len(":since"):]):
		s.emit(s.at+len(":since"), false, true)
	case c <= ' ':
		s.at++
	case isLetter(rune(c)) || c >= 0x80:
		n := 0
		for n < len(rest) && (isLetter(rune(rest[n])) || rest[n] >= 0x80 || rest[n] >= '0' && rest[n] <= '9') {
			n++
		}
		s.emit(s.at+n, false, false)
	default:
		s.emit(s.at+1, false, false)
	}
}

func isLetter(r rune) bool { return r == '_' || r == '@' || r < 0x80 && unicode.IsLetter(r) }

func inWord(rest string) bool {
	return rest != "" && (isLetter(rune(rest[0])) || rest[0] >= 0x80 || rest[0] >= '0' && rest[0] <= '9')
}

// afterE tells whether the quote belongs to PostgreSQL's E'…', in which a backslash escapes.
func (s *scanner) afterE() bool {
	if len(s.tokens) == 0 {
		return false
	}
	last := s.tokens[len(s.tokens)-1]
	return last.to == s.at && last.word() == "E"
}

// quoted passes a quoted part whose closing mark is doubled to stand for itself.
func (s *scanner) quoted(closing byte, escapes bool) {
	for i := s.at + 1; i < len(s.text); i++ {
		switch {
		case escapes && s.text[i] == '\\':
			i++
		case s.text[i] == closing && i+1 < len(s.text) && s.text[i+1] == closing:
			i++
		case s.text[i] == closing:
			s.emit(i+1, true, false)
			return
		}
	}
	s.problem = "A quotation mark is opened and never closed."
}

// dollar passes PostgreSQL's $tag$…$tag$; false when there is none.
func (s *scanner) dollar() bool {
	rest := s.rest()
	end := strings.IndexByte(rest[1:], '$')
	if end < 0 {
		return false
	}
	tag := rest[:end+2]
	for _, r := range tag[1 : len(tag)-1] {
		if !isLetter(r) && (r < '0' || r > '9') {
			return false
		}
	}
	if len(tag) > 2 && tag[1] >= '0' && tag[1] <= '9' { // $1$: a parameter
		return false
	}
	closing := strings.Index(rest[len(tag):], tag)
	if closing < 0 {
		s.problem = "A text in dollar signs is opened and never closed."
		return true
	}
	s.emit(s.at+closing+2*len(tag), true, false)
	return true
}

// comment passes a comment; they nest but for MySQL, where some are carried out.
func (s *scanner) comment() {
	if s.driver == MySQL && (strings.HasPrefix(s.rest(), "/*!") || strings.HasPrefix(s.rest(), "/*M!")) {
		s.problem = "A comment that begins with /*! is carried out by the server; leave it out."
		return
	}
	depth := 0
	for i := s.at; i+1 < len(s.text); i++ {
		switch s.text[i : i+2] {
		case "/*":
			if depth == 0 || s.driver != MySQL {
				depth++
			}
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				s.at = i + 1
				return
			}
		}
	}
	s.problem = "A comment is opened and never closed."
}
