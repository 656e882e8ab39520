package stix

import "bytes"

// deepest is how deep JSON may nest for the decoder, which refuses all of a text
// that is deeper anywhere.
const deepest = 10_000

// objectDepth is the depth of the objects of an envelope: within its own braces
// and the brackets of their list.
const objectDepth = 3

// maskDeep returns the envelope with a string of the same length in the place of
// each object that nests too deep, and whether there was one. It lets one hostile
// object be told from the page around it. The strings mean nothing.
func maskDeep(data []byte) (masked []byte, some bool) {
	depth, start, tooDeep := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			end := stringEnd(data, i)
			if end < 0 {
				return masked, some
			}
			i = end - 1
		case '{', '[':
			if depth++; depth == objectDepth {
				start = i
			}
			tooDeep = tooDeep || depth > deepest
		case '}', ']':
			if depth == objectDepth && tooDeep {
				if !some {
					masked, some = bytes.Clone(data), true
				}
				mask(masked[start : i+1])
				tooDeep = false
			}
			depth--
		}
	}
	return masked, some
}

// mask makes one JSON string of the bytes.
func mask(value []byte) {
	for i := range value {
		value[i] = 'x'
	}
	value[0], value[len(value)-1] = '"', '"'
}
