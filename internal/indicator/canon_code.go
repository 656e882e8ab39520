package indicator

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Code says in one stable word why a value was not taken, such as
// "not-an-address". Codes are counted, shown and documented; one that was
// released keeps its meaning for ever. Packages that read patterns and objects
// add codes of their own.
type Code string

// The codes of [Canon]. [Codes] says in a sentence what each one means.
const (
	CodeEmpty            Code = "empty"
	CodeTooLong          Code = "too-long"
	CodeInvalidUTF8      Code = "invalid-utf8"
	CodeControlCharacter Code = "control-character"
	CodeUnknownKind      Code = "unknown-kind"
	CodeDefanged         Code = "defanged"
	CodeNotAddress       Code = "not-an-address"
	CodeAmbiguousAddress Code = "ambiguous-address"
	CodeZoneID           Code = "zone-id"
	CodeReservedAddress  Code = "reserved-address"
	CodeTooWide          Code = "too-wide"
	CodeRangeReversed    Code = "range-reversed"
	CodeRangeMixed       Code = "range-mixed"
	CodeNotDomain        Code = "not-a-domain"
	CodeLabelTooLong     Code = "label-too-long"
	CodeNameTooLong      Code = "name-too-long"
	CodePublicSuffix     Code = "public-suffix"
	CodeNotURL           Code = "not-a-url"
	CodeNotEmail         Code = "not-an-email"
	CodeNotMAC           Code = "not-a-mac"
	CodeNotRule          Code = "not-a-rule"
	CodeNotHex           Code = "not-hex"
	CodeWrongHashLength  Code = "wrong-hash-length"
	CodeHashOfNothing    Code = "empty-file-hash"
	CodeTrivialHash      Code = "trivial-hash"
)

// maxQuoted is how many bytes of a value a detail repeats.
const maxQuoted = 80

// CodeInfo is one row of the table of reject codes in the documentation.
type CodeInfo struct {
	Code Code
	// Meaning is one sentence for the operator.
	Meaning string
}

// Codes returns every code that [Canon] gives, in the order of the
// documentation.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeEmpty, "The value is empty or holds nothing but spaces."},
		{CodeTooLong, "The value, or its canonical form, is longer than 8 KiB."},
		{CodeInvalidUTF8, "The value is not valid UTF-8."},
		{CodeControlCharacter, "The value holds a control character, such as a tab, a line end or NUL."},
		{CodeUnknownKind, "The kind is not one of the kinds that indicatord knows."},
		{CodeDefanged, "The value is written so that nobody clicks on it, as hxxp://example[.]com is, and its source is not set to have that undone."},
		{CodeNotAddress, "The value is not an IP address, a prefix or a range of addresses."},
		{CodeAmbiguousAddress, "The IPv4 address is written with leading zeros, in hexadecimal, or with fewer than four numbers, and tools disagree on what that means."},
		{CodeZoneID, "The IPv6 address has a zone, which means something on one machine only."},
		{CodeReservedAddress, "The address, or a part of the prefix or range, is in a block that no machine on the internet has: private, loopback, link-local, multicast, documentation or another reserved use, or the NAT64 or 6to4 form of such an IPv4 block."},
		{CodeTooWide, "The prefix or range holds more addresses than one indicator may."},
		{CodeRangeReversed, "The range ends before it begins."},
		{CodeRangeMixed, "The range begins with an address of one family and ends with one of the other."},
		{CodeNotDomain, "The value is not a domain name of two labels or more."},
		{CodeLabelTooLong, "The name has a label of more than 63 octets."},
		{CodeNameTooLong, "The name has more than 253 octets."},
		{CodePublicSuffix, "The name is a public suffix, below which anybody can register names."},
		{CodeNotURL, "The value is not a URL with a host."},
		{CodeNotEmail, "The value is not an e-mail address."},
		{CodeNotMAC, "The value is not a MAC address of 48 or 64 bits."},
		{CodeNotRule, "The value does not name a detection rule by its language and the SHA-256 of its text."},
		{CodeNotHex, "The hash holds a character that is not a hexadecimal digit, so it may be a fuzzy hash."},
		{CodeWrongHashLength, "The length of the hash is not that of its algorithm."},
		{CodeHashOfNothing, "The hash is that of an empty file, which every machine holds."},
		{CodeTrivialHash, "Every digit of the hash is 0, or every digit is f."},
	}
}

// Reject says why a value has no canonical form. It is the error of [Canon].
type Reject struct {
	Code Code
	// Detail is a sentence about this value for the operator. It repeats at
	// most the beginning of the value.
	Detail string
}

// Error writes the code before the detail.
func (r *Reject) Error() string { return string(r.Code) + ": " + r.Detail }

// maxDetail bounds a detail, in bytes: a library may write a value in a longer
// form than the value itself is.
const maxDetail = 600

func rejectf(code Code, format string, args ...any) *Reject {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > maxDetail {
		detail = wholeRunes(detail, maxDetail) + "…"
	}
	return &Reject{Code: code, Detail: detail}
}

// quote writes the beginning of a value so that it can stand in a detail.
func quote(value string) string {
	if len(value) <= maxQuoted {
		return strconv.Quote(value)
	}
	return strconv.Quote(wholeRunes(value, maxQuoted)) + "…"
}

// wholeRunes returns the beginning of a longer text, at most limit bytes, without
// cutting a character in two.
func wholeRunes(text string, limit int) string {
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
