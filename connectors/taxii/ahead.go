package taxii

import (
	"context"

	"github.com/indicatord/indicatord/connectors"
)

// emit hands a page on. It blocks while too many wait.
type emit func(ctx context.Context, page connectors.Page) error

// waiting is how many pages may wait for the sink. With the page that the sink
// has and the one that is on its way, this bounds what a pull holds in memory.
const waiting = 1

// ahead runs produce and gives its pages to sink in order. They run side by
// side, because a hub may forget a pull that dawdles.
func ahead(ctx context.Context, sink connectors.Sink, produce func(context.Context, emit) error) error {
	producing, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan connectors.Page, waiting)
	result := make(chan error, 1)
	go func() {
		defer close(pages)
		result <- produce(producing, func(ctx context.Context, page connectors.Page) error {
			select {
			case pages <- page:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err := drain(ctx, pages, sink)
	cancel()
	for range pages { // the producer may be about to hand one on
	}
	if produced := <-result; err == nil {
		err = produced
	}
	return err
}

// drain gives pages to sink until there are no more, or either side ends it.
func drain(ctx context.Context, pages <-chan connectors.Page, sink connectors.Sink) error {
	for page := range pages {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sink(ctx, page); err != nil {
			return err
		}
	}
	return nil
}
