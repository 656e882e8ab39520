package outputtest

import (
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// Suite tells the tests how to get at one output and its tool.
type Suite struct {
	// Spec is what the output's folder exports.
	Spec outputs.Spec
	// New makes a tool that is fresh and empty, and cleans it up with t.Cleanup.
	// Nothing may be left of the tool that an earlier call made.
	New func(t *testing.T) Tool
}

// Tool is a tool on which the output can be opened, several times in a row.
// Exactly one of Read and Events is set.
type Tool struct {
	// Settings lead to the tool.
	Settings outputs.Settings
	// Read returns the keys that the tool holds, in any order. A value that it
	// holds twice is returned twice.
	Read func(t *testing.T) []indicator.Key
	// Events is set in place of Read where the tool is a log, to which the
	// output only appends: it returns everything in the log, oldest first. What
	// the log says last of a key is what the tool holds.
	Events func(t *testing.T) []Event
	// Break makes the tool refuse everything until mend is called. It is nil
	// where a test cannot do that.
	Break func(t *testing.T) (mend func())
	// Secret is a text of the settings that no error and no receipt may show,
	// "" where there is none.
	Secret string
}

// Event is one line of a log.
type Event struct {
	Op  outputs.Op
	Key indicator.Key
}

// Run runs every test of the suite, each on a tool of its own.
func Run(t *testing.T, suite Suite) {
	t.Run("Settings", suite.testSettings)
	t.Run("Sample", suite.testSample)
	t.Run("OpenTouchesNothing", suite.testOpenTouchesNothing)
	var shapes map[string]bool
	t.Run("EveryShapeIsHeldOrCounted", func(t *testing.T) {
		shapes = probeShapes(newSession(t, suite, nil))
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if len(shapes) == 0 {
				t.Skip("the tool holds no shape of key, so there is nothing to test with")
			}
			c.run(newSession(t, suite, shapes))
		})
	}
}

var cases = []struct {
	name string
	run  func(*session)
}{
	{"FirstDelivery", testFirstDelivery},
	{"AddUpdateRemove", testAddUpdateRemove},
	{"SameDeliveryTwice", testSameDeliveryTwice},
	{"EmptyView", testEmptyView},
	{"EmptiedView", testEmptiedView},
	{"RemovalOfWhatIsNotHeld", testRemovalOfWhatIsNotHeld},
	{"Restart", testRestart},
	{"TenThousandEntries", testTenThousandEntries},
	{"HostileText", testHostileText},
	{"HostileValues", testHostileValues},
	{"ErrorInTheSequence", testErrorInTheSequence},
	{"ErrorAtOnce", testErrorAtOnce},
	{"CancelledBefore", testCancelledBefore},
	{"CancelledInTheMiddle", testCancelledInTheMiddle},
	{"ToolBroken", testToolBroken},
}
