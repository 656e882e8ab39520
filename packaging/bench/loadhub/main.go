// Loadhub serves a large number of generated indicators from a TAXII 2.1 hub on
// loopback, for measuring. It prints a line "READY URL" with the URL of its API
// root, and ends on SIGTERM, on an interrupt, or when its standard input, if
// that is a pipe, is closed.
//
//	loadhub [-n 1000000] [-generation 1] [-churn 0.01] [-page 10000] [-listen 127.0.0.1:0]
//
// What an indicator holds depends on its number alone, so that every run serves
// the same. In the second generation a share of the indicators has a newer
// version with another value, added at the end: a pull with added_after brings
// only those, and one without brings everything.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/indicatord/indicatord/internal/taxiihub"
)

// collectionID is the one collection's; its alias is "load".
const collectionID = "2d9f5b0e-7c1a-4f57-9a3b-5f0c6d1e8a47"

type options struct {
	dataset
	page   int
	listen string
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if isPipe(os.Stdin) {
		ctx = untilEnd(ctx, os.Stdin)
	}
	if err := serve(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loadhub:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("loadhub", flag.ContinueOnError)
	flags.Uint64Var(&o.size, "n", 1_000_000, "how many indicators to serve")
	flags.IntVar(&o.generation, "generation", 1, "1, or 2 for the same indicators after some have changed")
	flags.Float64Var(&o.churn, "churn", 0.01, "the share of indicators that changed in generation 2, above 0 and at most 1")
	flags.IntVar(&o.page, "page", 10_000, "the most objects in one page")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "the address to listen on")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	err := o.validate()
	if err != nil {
		fmt.Fprintln(flags.Output(), "loadhub:", err)
	}
	return o, err
}

// isPipe tells a pipe, which says by its end that the parent is gone, from a
// terminal and from /dev/null.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// untilEnd returns a context that ends when r does.
func untilEnd(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, r)
	}()
	return ctx
}

// serve runs the hub until ctx ends.
func serve(ctx context.Context, o options, out io.Writer) error {
	// No gzip: what is measured is the client, on the same two cores.
	hub := taxiihub.New(taxiihub.Options{Title: "Load", Root: "load", MaxPage: o.page, Uncompressed: true})
	info := taxiihub.Info{ID: collectionID, Title: "Generated indicators", Alias: "load"}
	if err := hub.Attach(info, holdings{o.dataset}); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "READY http://%s%s\n", listener.Addr(), hub.Path())
	return hub.Serve(ctx, listener)
}
