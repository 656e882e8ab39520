package outputs

import (
	"context"
	"io"
)

// Installer is an output whose tool has to be prepared by somebody who may do more
// there than the daemon should. Install prepares it; what is there already stays,
// so installing twice changes nothing. It is called by the command "setup", never
// while the output delivers.
type Installer interface {
	Install(ctx context.Context, how Installation) error
}

// Installation says how an [Installer] goes to work.
type Installation struct {
	// Username and PasswordFile are who prepares the tool, in place of what the
	// settings give the daemon; both are empty where it is the daemon's account.
	Username, PasswordFile string
	// DryRun is whether nothing is sent. The requests are those for a tool that
	// has nothing yet.
	DryRun bool
	// Out takes what a person reads: what is done, and what remains to be done by
	// hand, such as an account for the daemon. No secret is written to it.
	Out io.Writer
}
