package pattern

// tokenKind is what a token is. Keywords are kinds of their own.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenHyphenName // a name with a hyphen: good as an object type only
	tokenString
	tokenHex
	tokenBase64
	tokenTimestamp
	tokenInteger
	tokenFloat

	tokenOpenBracket
	tokenCloseBracket
	tokenOpenParen
	tokenCloseParen
	tokenColon
	tokenDot
	tokenComma
	tokenAsterisk

	tokenEqual
	tokenNotEqual
	tokenLess
	tokenLessEqual
	tokenGreater
	tokenGreaterEqual

	tokenAnd
	tokenOr
	tokenNot
	tokenFollowedBy
	tokenIn
	tokenLike
	tokenMatches
	tokenIsSubset
	tokenIsSuperset
	tokenExists
	tokenWithin
	tokenSeconds
	tokenRepeats
	tokenTimes
	tokenStart
	tokenStop
	tokenTrue
	tokenFalse
	tokenLast // reserved by the grammar, used by no rule
)

// keywords are exact: the language knows no other letter case.
var keywords = map[string]tokenKind{
	"AND": tokenAnd, "OR": tokenOr, "NOT": tokenNot, "FOLLOWEDBY": tokenFollowedBy,
	"IN": tokenIn, "LIKE": tokenLike, "MATCHES": tokenMatches,
	"ISSUBSET": tokenIsSubset, "ISSUPERSET": tokenIsSuperset, "EXISTS": tokenExists,
	"WITHIN": tokenWithin, "SECONDS": tokenSeconds, "REPEATS": tokenRepeats, "TIMES": tokenTimes,
	"START": tokenStart, "STOP": tokenStop, "LAST": tokenLast,
	"true": tokenTrue, "false": tokenFalse,
}

// token is one word of a pattern. For a quoted literal, text is what stands
// between the quotes, with its escapes; otherwise it is the word itself.
type token struct {
	kind    tokenKind
	escaped bool // a string with at least one backslash
	start   int
	end     int
	text    string
}

// describe names the token for an error message.
func (t *token) describe() string {
	if t.kind == tokenEnd {
		return "the end of the pattern"
	}
	const longest = 40
	if len(t.text) > longest {
		return "a long literal"
	}
	switch t.kind {
	case tokenString:
		return "'" + t.text + "'"
	case tokenHex:
		return "h'" + t.text + "'"
	case tokenBase64:
		return "b'" + t.text + "'"
	case tokenTimestamp:
		return "t'" + t.text + "'"
	}
	return t.text
}
