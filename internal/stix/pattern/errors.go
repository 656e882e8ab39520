package pattern

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
)

// SyntaxError says where a pattern leaves the language and what was expected
// there. A malformed pattern matches nothing (STIX 2.1, section 9.1), so no part
// of it is ever used.
type SyntaxError struct {
	// Offset counts the bytes of the pattern before the place.
	Offset int
	// Message says what was expected or is wrong, without the place.
	Message string
	// Code is [CodeSyntax], or [CodeLimit] where the pattern is well formed so
	// far but larger than the options allow.
	Code indicator.Code
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at byte %d: %s", e.Offset, e.Message)
}

func syntaxf(offset int, format string, args ...any) error {
	return &SyntaxError{Offset: offset, Message: fmt.Sprintf(format, args...), Code: CodeSyntax}
}

func limitf(offset int, format string, args ...any) error {
	return &SyntaxError{Offset: offset, Message: fmt.Sprintf(format, args...), Code: CodeLimit}
}
