package engine

import (
	"errors"
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenOther     tokenKind = iota // operators, numbers, blanks, comments, quoted text: passed on as they are
	tokenWord                       // a bare name or keyword
	tokenParameter                  // :name, without the colon
	tokenHole                       // {{name}}, without the braces
	tokenMark                       // ?
)

// scan splits a text of ours into tokens.
func scan(text string, take func(tokenKind, string) error) error {
	return (&scanner{rest: text, take: take}).run()
}

// scanClause splits the text of a compiled clause, in which only "?" stands for values.
func scanClause(text string, take func(tokenKind, string) error) error {
	return (&scanner{rest: text, take: take, clause: true}).run()
}

// scanner knows as much of SQL's lexical rules as is needed to tell what is code and what is quoted.
type scanner struct {
	rest   string
	take   func(tokenKind, string) error
	clause bool
	ended  bool // a semicolon was seen
}

func (s *scanner) run() error {
	for s.rest != "" {
		kind, length, err := s.next()
		if err != nil {
			return err
		}
		token := s.rest[:length]
		s.rest = s.rest[length:]
		switch kind {
		case tokenParameter:
			token = token[1:]
		case tokenHole:
			token = strings.TrimSpace(token[2 : length-2])
		}
		if err := s.take(kind, token); err != nil {
			return err
		}
		if s.rest != "" && s.rest[0] == ';' {
			if s.clause {
				return errors.New("a clause may not hold a semicolon")
			}
			s.ended, s.rest = true, s.rest[1:]
		}
	}
	return nil
}

func (s *scanner) next() (tokenKind, int, error) {
	kind, length, err := s.classify()
	if err == nil && s.ended && !isIdle(s.rest[:length]) {
		err = errors.New("a text holds one statement")
	}
	return kind, length, err
}

// isIdle tells blanks and comments, which may follow a semicolon.
func isIdle(token string) bool {
	return strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") || strings.HasPrefix(token, "/*")
}

func (s *scanner) classify() (tokenKind, int, error) {
	text := s.rest
	switch c := text[0]; {
	case c == '\'' || c == '"':
		n, err := quoted(text)
		return tokenOther, n, err
	case strings.HasPrefix(text, "--"):
		return tokenOther, lineLength(text), nil
	case strings.HasPrefix(text, "/*"):
		n, err := commentLength(text)
		return tokenOther, n, err
	case strings.HasPrefix(text, "::"):
		return tokenOther, 2, nil
	case c == ':' && !s.clause && len(text) > 1 && isNameStart(text[1]):
		return tokenParameter, 1 + nameLength(text[1:]), nil
	case strings.HasPrefix(text, "{{") && !s.clause:
		end := strings.Index(text, "}}")
		if end < 0 {
			return 0, 0, errors.New("a {{ is not closed")
		}
		return tokenHole, end + 2, nil
	case c == '?' && s.clause:
		return tokenMark, 1, nil
	case c == '?', c == '$', c == 0:
		return 0, 0, fmt.Errorf("%q may not stand outside quotes; name the parameter", c)
	case isNameStart(c):
		return tokenWord, nameLength(text), nil
	case c >= '0' && c <= '9':
		return tokenOther, nameLength(text), nil
	}
	return tokenOther, 1, nil
}

// quoted returns the length of the quoted text at the start of text; a doubled quote stands for itself.
func quoted(text string) (int, error) {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			i++
			continue
		}
		return i + 1, nil
	}
	return 0, fmt.Errorf("a %c is not closed", quote)
}

func lineLength(text string) int {
	if n := strings.IndexByte(text, '\n'); n >= 0 {
		return n + 1
	}
	return len(text)
}

// commentLength returns the length of the block comment at the start of text. They nest in DuckDB.
func commentLength(text string) (int, error) {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, errors.New("a /* is not closed")
}

func isNameStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func nameLength(text string) int {
	n := 0
	for n < len(text) && (isNameStart(text[n]) || text[n] >= '0' && text[n] <= '9') {
		n++
	}
	return n
}
