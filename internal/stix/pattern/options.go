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
	// Refuse holds the spellings beyond the language that are not understood.
	// By default all of them are; [AllLeniencies] is the language and no more.
	Refuse Leniencies
	// STIX20 reads the language of STIX 2.0, in which START and STOP take plain
	// strings, and whose vocabulary of hashes has "ssdeep" in small letters.
	STIX20 bool
}

// The limits of a pattern unless the options say otherwise.
const (
	DefaultMaxBytes = 1 << 20
	DefaultMaxDepth = 64
	DefaultMaxTerms = 20_000
)

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.MaxTerms == 0 {
		o.MaxTerms = DefaultMaxTerms
	}
	return o
}
