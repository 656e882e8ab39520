package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
)

// decide lets a held change through, or keeps it out.
func (o Operator) decide(ctx context.Context, order Order) (string, error) {
	holds, err := o.Store.Holds(ctx)
	if err != nil {
		return "", err
	}
	subject, names, err := o.holders(order.Output, holds)
	if err != nil {
		return "", err
	}
	said := []string{}
	for _, name := range names {
		hold, held := holds[name]
		if !held || order.Change != "" && order.Change != hold.Digest {
			continue
		}
		sentence, err := o.decideOn(ctx, &order, subject, &hold)
		if err != nil {
			return strings.Join(said, "; "), err
		}
		said = append(said, sentence)
	}
	if len(said) == 0 {
		return "", notHeld(&order, names, holds)
	}
	return strings.Join(said, "; "), nil
}

// notHeld says why there is nothing to decide.
func notHeld(order *Order, names []string, holds map[string]store.Hold) error {
	for _, name := range names {
		if hold, held := holds[name]; held {
			return fmt.Errorf("the change %s of %s is held no more: it has become %s; look at it again with \"indicatord plan\"", order.Change, order.Output, hold.Digest)
		}
	}
	return fmt.Errorf("no change of %s is held", order.Output)
}

// holders returns the names under which changes of a subject are held: an output
// that each machine of a pair has for itself has as many as there are machines.
func (o Operator) holders(name string, holds map[string]store.Hold) (subject string, names []string, err error) {
	if source, ok := strings.CutPrefix(name, "connector/"); ok {
		if !slices.ContainsFunc(o.Config.Connectors, func(c config.Connector) bool { return c.Name == source }) {
			return "", nil, &UnknownNameError{Kind: "connector", Name: source}
		}
		return name, []string{store.HeldSource(source)}, nil
	}
	name = strings.TrimPrefix(name, "output/")
	inspector := Inspector{Config: o.Config}
	output := inspector.findOutput(name)
	if output == nil {
		return "", nil, &UnknownNameError{Kind: "output", Name: name}
	}
	for held := range holds {
		if held == name || strings.HasPrefix(held, name+"@") {
			names = append(names, held)
		}
	}
	slices.Sort(names)
	return "output/" + name, names, nil
}

func (o Operator) decideOn(ctx context.Context, order *Order, subject string, hold *store.Hold) (string, error) {
	decision, said := store.Approved, "goes through with the next round"
	if order.Action == Reject {
		decision, said = store.Rejected, "stays out until it has become another"
	}
	if decided, err := o.Store.Decide(ctx, hold.Output, hold.Digest, decision, o.Who); err != nil || !decided {
		return "", errors.Join(err, fmt.Errorf("the change of %s has become another meanwhile: look at it again", order.Output))
	}
	return fmt.Sprintf("the change %s of %s %s: %s", hold.Digest, hold.Output, said, describeChange(hold.Shown)),
		o.audit(ctx, order, subject, hold, map[string]string{"change": hold.Digest, "decision": string(decision)})
}
