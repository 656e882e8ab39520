package indicator

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfidenceWord(t *testing.T) {
	for c, want := range map[Confidence]string{
		Unstated: "Not Specified", 0: "None", 1: "Low", 29: "Low", 30: "Medium", 69: "Medium", 70: "High", 100: "High",
	} {
		if got := c.Word(); got != want {
			t.Errorf("the word for %d is %q, want %q", c, got, want)
		}
	}
}

func TestParseTLP(t *testing.T) {
	for name, want := range map[string]TLP{
		"clear": TLPClear, "white": TLPClear, "WHITE": TLPClear, "Green": TLPGreen, "AMBER": TLPAmber,
		"amber+strict": TLPAmberStrict, "red": TLPRed,
	} {
		if got, err := ParseTLP(name); err != nil || got != want {
			t.Errorf("ParseTLP(%q) = %s, %v, want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"", "TLP:RED", "amber strict", "blue"} {
		if got, err := ParseTLP(name); err == nil || got != TLPUnmarked {
			t.Errorf("ParseTLP(%q) = %s, %v, want an error and no level", name, got, err)
		}
	}
}

func TestTLPGrowsStricter(t *testing.T) {
	order := []TLP{TLPUnmarked, TLPClear, TLPGreen, TLPAmber, TLPAmberStrict, TLPRed}
	for i := range order[1:] {
		if order[i] >= order[i+1] {
			t.Errorf("%q is not below %q", order[i], order[i+1])
		}
	}
}

func TestParseDirection(t *testing.T) {
	for _, d := range []Direction{DirectionUnknown, DirectionTo, DirectionFrom, DirectionBoth} {
		if got, err := ParseDirection(d.String()); err != nil || got != d {
			t.Errorf("ParseDirection(%q) = %s, %v", d, got, err)
		}
	}
	if _, err := ParseDirection("sideways"); err == nil || !strings.Contains(err.Error(), "unknown, to, from, both") {
		t.Errorf("the error is %v, want one that lists the directions", err)
	}
}

func TestAttributesHaveNames(t *testing.T) {
	for _, c := range []struct {
		got  any
		want string
	}{
		{TLPUnmarked, ""},
		{TLP(9), "tlp(9)"},
		{DirectionBoth, "both"},
		{Direction(9), "direction(9)"},
		{ScopeExact, "exact"},
		{ScopeSubdomains, "subdomains"},
		{Scope(9), "scope(9)"},
		{Exact, "exact"},
		{Widened, "widened"},
		{Compound, "compound"},
		{Exactness(9), "exactness(9)"},
		{EndNone, "none"},
		{EndHub, "hub"},
		{EndLifetime, "lifetime"},
		{EndCeiling, "ceiling"},
		{End(9), "end(9)"},
	} {
		if got := c.got.(interface{ String() string }).String(); got != c.want {
			t.Errorf("%T is written %q, want %q", c.got, got, c.want)
		}
	}
}

// documented is what attributes look like in documents and settings.
type documented struct {
	Kind      Kind      `json:"kind"`
	TLP       TLP       `json:"tlp"`
	Direction Direction `json:"direction"`
}

func TestAttributesInJSON(t *testing.T) {
	const text = `{"kind":"sha256","tlp":"amber+strict","direction":"from"}`
	value := documented{SHA256, TLPAmberStrict, DirectionFrom}
	written, err := json.Marshal(value)
	if err != nil || string(written) != text {
		t.Errorf("written as %s (%v), want %s", written, err, text)
	}
	var read documented
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(value, read); diff != "" {
		t.Errorf("read back differently (-want +got):\n%s", diff)
	}
	for _, bad := range []string{`{"kind":"ipv4"}`, `{"tlp":"blue"}`, `{"direction":"up"}`} {
		if err := json.Unmarshal([]byte(bad), &read); err == nil {
			t.Errorf("%s is read without an error", bad)
		}
	}
}

func TestAttributesOfAssertionsInJSON(t *testing.T) {
	type told struct {
		Scope     Scope
		Exactness Exactness
		End       End
		State     State
	}
	value := told{ScopeSubdomains, Widened, EndCeiling, Withdrawn}
	written, err := json.Marshal(value)
	if want := `{"Scope":"subdomains","Exactness":"widened","End":"ceiling","State":"withdrawn"}`; err != nil || string(written) != want {
		t.Errorf("written as %s (%v), want %s", written, err, want)
	}
	var read told
	if err := json.Unmarshal(written, &read); err != nil || read != value {
		t.Errorf("read back as %+v (%v), want %+v", read, err, value)
	}
	for _, bad := range []string{`{"Scope":"wide"}`, `{"Exactness":""}`, `{"End":"never"}`, `{"State":"dead"}`} {
		if err := json.Unmarshal([]byte(bad), &read); err == nil {
			t.Errorf("%s is read without an error", bad)
		}
	}
}
