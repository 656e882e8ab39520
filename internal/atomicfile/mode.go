package atomicfile

import (
	"fmt"
	"io/fs"
	"strconv"
)

// Mode is the permission bits of a file, written in octal: "0644".
type Mode fs.FileMode

// String returns the bits as four octal digits.
func (m Mode) String() string { return fmt.Sprintf("%04o", uint32(m)) }

// MarshalText writes the bits as four octal digits.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads octal digits. The owner must be able to read and to write,
// and nothing beyond the permission bits may be set.
func (m *Mode) UnmarshalText(text []byte) error {
	bits, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || bits > 0o777 || bits&0o600 != 0o600 {
		return fmt.Errorf("%q is not the mode of a file that its owner can read and write: want octal digits such as 0644", text)
	}
	*m = Mode(bits)
	return nil
}
