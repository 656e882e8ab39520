package outputtest

import (
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// probeShapes delivers a key of every shape and returns the shapes that the
// tool holds. It checks that the output accounts for all others.
func probeShapes(s *session) map[string]bool {
	s.t.Helper()
	v := NewView(EachShape()...)
	receipt, err := s.deliver(s.t.Context(), v.Delivery())
	unsaid := len(s.refused(err))
	if err != nil && unsaid == 0 {
		s.t.Fatalf("Deliver: %v", err)
	}
	for _, n := range receipt.Skipped {
		unsaid += n
	}
	var held []indicator.Key
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if held = s.tool.held(s.t); len(held)+unsaid >= len(v.Keys()) {
			break
		}
	}
	if len(held)+unsaid != len(v.Keys()) {
		s.t.Fatalf("of %d entries the tool holds %d, and %d were skipped or refused: some are lost without a word\nheld: %v",
			len(v.Keys()), len(held), unsaid, held)
	}
	if receipt.Held >= 0 && receipt.Held != len(held) {
		s.t.Errorf("Receipt.Held is %d, but the tool holds %d", receipt.Held, len(held))
	}
	shapes := map[string]bool{}
	for _, k := range held {
		if !slices.Contains(v.Keys(), k) {
			s.t.Errorf("the tool holds %s, which nobody delivered", k)
		}
		shapes[shape(k)] = true
	}
	return shapes
}

func testFirstDelivery(s *session) {
	v := NewView(Entries(1, 100)...)
	receipt := s.accept(v)
	s.converged(v)
	if receipt.Written == 0 {
		s.t.Error("Receipt.Written is 0 after a delivery that wrote something")
	}
	if receipt.Where == "" {
		s.t.Error("Receipt.Where does not say where the entries are")
	}
}

func testAddUpdateRemove(s *session) {
	entries := Entries(2, 60)
	v := NewView(entries[:40]...)
	s.accept(v)
	s.converged(v)

	v.Put(entries[40:]...)
	s.accept(v)
	s.converged(v)

	v.Remove("expired", keysOf(entries[:20])...)
	v.Put(revised(entries[20:30])...)
	s.accept(v)
	s.converged(v)

	v.Put(entries[:10]...)
	s.accept(v)
	s.converged(v)
}

// testSameDeliveryTwice does what happens when the ledger could not be written
// after a delivery: the same is offered again.
func testSameDeliveryTwice(s *session) {
	entries := Entries(3, 60)
	v := NewView(entries[:50]...)
	s.accept(v)
	v.Put(entries[50:]...)
	v.Put(revised(entries[:5])...)
	v.Remove("revoked", keysOf(entries[10:20])...)

	again := v.Delivery()
	s.accept(v)
	s.converged(v)
	receipt, err := s.deliver(s.t.Context(), again)
	if err != nil && len(s.refused(err)) == 0 {
		s.t.Fatalf("the second time: %v", err)
	}
	s.converged(v)
	if s.ranged && receipt.Written != 0 {
		s.t.Errorf("Receipt.Written is %d the second time, though the list is the same", receipt.Written)
	}
}

func testEmptyView(s *session) {
	v := NewView()
	s.accept(v)
	s.converged(v)
}

func testEmptiedView(s *session) {
	v := NewView(Entries(4, 30)...)
	s.accept(v)
	v.Remove("expired", v.Keys()...)
	s.accept(v)
	s.converged(v)
}

func testRemovalOfWhatIsNotHeld(s *session) {
	entries := Entries(5, 20)
	v := NewView(entries...)
	v.Accept()
	v.Remove("revoked", keysOf(entries[:10])...)
	v.Put(revised(entries[10:])...)
	s.accept(v)
	s.converged(v)
}

// testRestart lets the view change while the output is closed.
func testRestart(s *session) {
	entries := Entries(6, 60)
	v := NewView(entries[:50]...)
	s.accept(v)
	s.close()

	v.Remove("revoked", keysOf(entries[:25])...)
	v.Put(entries[50:]...)
	s.open()
	d := v.Delivery()
	d.First = true
	if _, err := s.deliver(s.t.Context(), d); err != nil && len(s.refused(err)) == 0 {
		s.t.Fatalf("Deliver after a restart: %v", err)
	}
	v.Accept()
	s.converged(v)
}

func testTenThousandEntries(s *session) {
	v := NewView(Entries(8, 10_000)...)
	s.accept(v)
	s.converged(v)
}

func testHostileText(s *session) {
	v := NewView(hostileEntries()...)
	s.accept(v)
	s.converged(v)
}

func testHostileValues(s *session) {
	v := NewView(hostileKeys()...)
	s.accept(v)
	s.converged(v)
}

func keysOf(entries []indicator.Entry) []indicator.Key {
	keys := make([]indicator.Key, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	return keys
}

// revised returns newer versions of the entries.
func revised(entries []indicator.Entry) []indicator.Entry {
	newer := slices.Clone(entries)
	for i := range newer {
		assertion := newer[i].Assertions[0]
		assertion.Version = Now
		assertion.Confidence = 30
		newer[i].Assertions = []indicator.Assertion{assertion}
	}
	return newer
}
