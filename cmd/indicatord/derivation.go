package main

import (
	"encoding/json"
	"io"
	"iter"
	"runtime"

	"github.com/indicatord/indicatord/internal/stix"
)

// derivation is what became of one object of a file.
type derivation struct {
	raw json.RawMessage
	// unread says why there is no object.
	unread error
	// derived is what the object gives. Without an id it gives nothing.
	derived stix.Derived
	noID    bool
}

// maxInspected is the size in bytes beyond which an object is not read.
const maxInspected = 64 << 20

// The size of a batch, whichever is reached first: enough objects that passing
// them on costs nothing, and few enough bytes that memory stays small.
const (
	batchObjects = 256
	batchBytes   = 256 << 10
)

// batch is what is passed on at once. Its derivations are complete when ready
// is closed.
type batch struct {
	objects []derivation
	bytes   int
	ready   chan struct{}
}

func newBatch() *batch {
	return &batch{objects: make([]derivation, 0, batchObjects), ready: make(chan struct{})}
}

func (b *batch) full() bool { return len(b.objects) == batchObjects || b.bytes >= batchBytes }

func (b *batch) derive(options stix.Options) {
	defer close(b.ready)
	for i := range b.objects {
		if d := &b.objects[i]; d.unread == nil {
			var err error
			d.derived, err = stix.Derive(d.raw, options)
			d.noID = err != nil
		}
	}
}

// derivations yields what the objects of a bundle give, in the order of the
// bundle. One goroutine reads while others derive. Where the caller stops early,
// they end as soon as r returns from what it is reading.
func derivations(r io.Reader, options stix.Options) iter.Seq[*derivation] {
	return func(yield func(*derivation) bool) {
		workers := runtime.GOMAXPROCS(0)
		p := stages{work: make(chan *batch), ordered: make(chan *batch, 2*workers), stop: make(chan struct{})}
		defer close(p.stop)
		go p.read(r)
		for range workers {
			go p.derive(options)
		}
		for b := range p.ordered {
			<-b.ready
			for i := range b.objects {
				if !yield(&b.objects[i]) {
					return
				}
			}
		}
	}
}

// stages pass batches to whoever derives, and in their order to the caller.
type stages struct {
	work, ordered chan *batch
	stop          chan struct{}
}

func (p *stages) read(r io.Reader) {
	defer close(p.work)
	defer close(p.ordered)
	b := newBatch()
	for raw, err := range stix.ReadBundle(r, maxInspected) {
		b.objects = append(b.objects, derivation{raw: raw, unread: err})
		b.bytes += len(raw)
		if !b.full() {
			continue
		}
		if !p.pass(b) {
			return
		}
		b = newBatch()
	}
	p.pass(b)
}

// pass hands on a batch. It returns false where nobody wants it.
func (p *stages) pass(b *batch) bool {
	for _, to := range []chan *batch{p.work, p.ordered} {
		select {
		case to <- b:
		case <-p.stop:
			return false
		}
	}
	return true
}

func (p *stages) derive(options stix.Options) {
	for b := range p.work {
		b.derive(options)
	}
}
