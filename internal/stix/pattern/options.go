package pattern

// Options say what [Parse] accepts. The zero value is the defaults.
type Options struct {
	// MaxBytes bounds the length of a pattern, 0 meaning 1 MiB.
	MaxBytes int
	// MaxDepth bounds how deep parentheses nest, 0 meaning 64.
	MaxDepth int
	// MaxTerms bounds how many constants a pattern compares with, 0 meaning
	// 20,000. EXISTS counts as one.
	MaxTerms int
	// Strict refuses or leaves unread the spellings of [Pattern.Leniencies].
	Strict bool
	// STIX20 reads the language of STIX 2.0, in which START and STOP take
	// plain strings.
	STIX20 bool
}

const (
	defaultMaxBytes = 1 << 20
	defaultMaxDepth = 64
	defaultMaxTerms = 20_000
)

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultMaxDepth
	}
	if o.MaxTerms == 0 {
		o.MaxTerms = defaultMaxTerms
	}
	return o
}

// The leniencies: what [Parse] understands although the grammar or the
// vocabulary refuses it. Each name is stable.
const (
	// LenientUnquotedHashKey is hashes.SHA-256 for hashes.'SHA-256', which the
	// grammar refuses and OpenCTI writes.
	LenientUnquotedHashKey = "unquoted-hash-key"
	// LenientHashAlias is hashes.SHA256 for hashes.'SHA-256', and so on.
	LenientHashAlias = "hash-key-alias"
	// LenientHashCase is hashes.md5 for hashes.MD5, and so on.
	LenientHashCase = "hash-key-case"
)

// Leniencies returns the name of each spelling that [Parse] understands beyond
// the language, with a sentence for the operator.
func Leniencies() map[string]string {
	return map[string]string{
		LenientUnquotedHashKey: "A hash key with a hyphen stands without quotes, as in file:hashes.SHA-256.",
		LenientHashAlias:       "A hash key lacks the hyphen of its algorithm, as in file:hashes.SHA256.",
		LenientHashCase:        "A hash key is not in the letter case of its algorithm, as in file:hashes.md5.",
	}
}
