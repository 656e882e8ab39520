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
	m := masker{data: data}
	for i := 0; i >= 0 && i < len(data); {
		i = m.step(i)
	}
	return m.masked, m.masked != nil
}

// masker walks an envelope that need not be valid.
type masker struct {
	data, masked []byte
	depth        int
	start        int  // of the object
	tooDeep      bool // the object is
}

// step looks at the byte at i and returns where the next one is, -1 for nowhere.
func (m *masker) step(i int) int {
	switch m.data[i] {
	case '"':
		return stringEnd(m.data, i)
	case '{', '[':
		if m.depth++; m.depth == objectDepth {
			m.start = i
		}
		m.tooDeep = m.tooDeep || m.depth > deepest
	case '}', ']':
		if m.depth == objectDepth && m.tooDeep {
			m.mask(i + 1)
		}
		m.depth--
	}
	return i + 1
}

// mask makes one string of the object, which ends before end.
func (m *masker) mask(end int) {
	if m.masked == nil {
		m.masked = bytes.Clone(m.data)
	}
	object := m.masked[m.start:end]
	for i := range object {
		object[i] = 'x'
	}
	object[0], object[len(object)-1] = '"', '"'
	m.tooDeep = false
}
