package indicator

import (
	"strings"
	"unicode/utf8"
)

// maxRefangRounds is how deep disguises may be nested. People write one.
const maxRefangRounds = 4

// fangs maps the schemes that people write, so that nobody clicks, to the
// schemes that they mean.
var fangs = map[string]string{
	"hxxp": "http", "hxxps": "https",
	"meow": "http", "meows": "https",
	"fxp": "ftp", "fxps": "ftps",
}

// fangedMarks are the disguises of single characters. A bracketed IPv6 address
// holds none of them: it begins with "[" and a digit, or with "[::".
var fangedMarks = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".",
	"[dot]", ".", "(dot)", ".", "{dot}", ".",
	"[DOT]", ".", "(DOT)", ".", "{DOT}", ".",
	"[Dot]", ".", "(Dot)", ".", "{Dot}", ".",
	`\.`, ".",
	"[:]", ":", "[://]", "://", "[/]", "/",
	"[@]", "@", "(@)", "@",
	"[at]", "@", "(at)", "@",
	"[AT]", "@", "(AT)", "@",
	"[At]", "@", "(At)", "@",
)

// Refang undoes what people do to values in text so that nobody clicks on them,
// and what copying does to them: it folds full-width characters, removes
// characters that cannot be seen, and restores dots, colons, at signs and
// schemes. It reports whether anything changed. Text that is not valid UTF-8,
// or disguised many times over, comes back as it is.
func Refang(text string) (string, bool) {
	if !looksFanged(text) {
		return text, false
	}
	plain := text
	for range maxRefangRounds {
		next := refangOnce(plain)
		if next == plain {
			return plain, plain != text
		}
		plain = next
	}
	return text, false
}

// looksFanged sorts out, cheaply, the many values that nobody touched.
func looksFanged(text string) bool {
	suspicious := false
	for i := range len(text) {
		switch b := text[i]; {
		case b >= utf8.RuneSelf:
			return utf8.ValidString(text)
		case b == '[' || b == '(' || b == '{' || b == '\\':
			suspicious = true
		case b == ':' && strings.HasPrefix(text[i:], "://"):
			suspicious = true
		}
	}
	return suspicious
}

func refangOnce(text string) string {
	return refangSchemes(fangedMarks.Replace(strings.Map(fold, text)))
}

func refangSchemes(text string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return text
		}
		end := from + i
		start := end
		for start > 0 && isLetter(text[start-1]) {
			start--
		}
		if scheme := fangs[strings.ToLower(text[start:end])]; scheme != "" {
			text = text[:start] + scheme + text[end:]
			end = start + len(scheme)
		}
		from = end + len("://")
	}
}

// fold drops the characters that cannot be seen and replaces full-width ASCII.
func fold(r rune) rune {
	switch {
	case r == '\u00ad', '\u200b' <= r && r <= '\u200d', r == '\u2060', r == '\ufeff':
		return -1
	case '\uff01' <= r && r <= '\uff5e':
		return r - '\uff01' + '!'
	}
	return r
}
