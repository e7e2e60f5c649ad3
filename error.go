package luoshi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code is the small vocabulary of what can go wrong. The gate maps it to an HTTP
// status and the command line to an exit code; nothing else looks at it.
type Code string

// The codes. An error that is not an [Error] counts as Internal.
const (
	Invalid     Code = "invalid"     // the input breaks a rule; the message names it
	NotFound    Code = "not_found"   // nothing has that code or address
	Conflict    Code = "conflict"    // it collides with what is stored
	SignIn      Code = "sign_in"     // nobody is signed in
	Forbidden   Code = "forbidden"   // the actor may not
	TooLarge    Code = "too_large"   // more than is accepted in one go
	Unavailable Code = "unavailable" // try again later
	Internal    Code = "internal"    // our fault
)

// Message is a sentence before it has a language: a key into the words of
// internal/locale and its named arguments (Quantity, Date, Period, Names, string,
// int ...), which the language formats.
type Message struct {
	Key  string
	Args map[string]any
}

// Say builds a Message from a key and name, value pairs.
func Say(key string, pairs ...any) Message {
	m := Message{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if m.Args == nil {
			m.Args = make(map[string]any, len(pairs)/2)
		}
		m.Args[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// String writes the bare key and arguments, for logs and tests.
func (m Message) String() string {
	names := make([]string, 0, len(m.Args))
	for name := range m.Args {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(m.Key)
	for _, name := range names {
		fmt.Fprintf(&b, " %s=%v", name, m.Args[name])
	}
	return b.String()
}

// Error is the one error of the program. Users see Message in their language,
// operators see Err.
type Error struct {
	Code    Code
	Message Message
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message.String() + ": " + e.Err.Error()
	}
	return e.Message.String()
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first [Error] in the chain, else Internal.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Severity tells whether a problem stops its row.
type Severity string

// A Blocking problem keeps its row out; a Warning lets it pass and says so.
const (
	Blocking Severity = "blocking"
	Warning  Severity = "warning"
)

// Place is where in the input something stands: file, sheet, row and column
// counted from one (0 = the whole row, sheet or file).
type Place struct {
	File, Sheet string
	Row, Col    int
}

// Ref writes the spreadsheet address, "C7", "row 7" as "7", or "".
func (p Place) Ref() string {
	if p.Row == 0 && p.Col == 0 {
		return ""
	}
	var letters string
	for c := p.Col; c > 0; c = (c - 1) / 26 {
		letters = string(rune('A'+(c-1)%26)) + letters
	}
	if p.Row == 0 {
		return letters
	}
	return fmt.Sprintf("%s%d", letters, p.Row)
}

// Problem is one thing wrong with the input. The words of its Message.Key say
// which rule is broken; the words of Key + ".fix" say the way out.
type Problem struct {
	Place
	Severity Severity
	Message  Message
}

// Blocked reports whether any problem is Blocking.
func Blocked(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Blocking })
}

// Names is a name in the three written languages. Hans is always there.
type Names struct {
	Hans string `json:"zh-Hans"`
	Hant string `json:"zh-Hant,omitempty"`
	En   string `json:"en,omitempty"`
}

// String is the simplified Chinese name.
func (n Names) String() string { return n.Hans }
