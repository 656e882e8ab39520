package elasticsearch

import (
	"context"
	"fmt"
	"io"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs"
)

var _ outputs.Installer = (*output)(nil)

// Install implements [outputs.Installer]. It puts the templates, makes the index
// or brings its mappings up to date, and prints the role that is enough for the
// daemon from then on.
func (o *output) Install(ctx context.Context, how outputs.Installation) error {
	c, err := o.installer(how)
	if err != nil {
		return err
	}
	if err := o.install(ctx, c, how.Out); err != nil {
		_ = c.close(ctx)
		return fmt.Errorf("setting up Elasticsearch: %w", err)
	}
	o.printAccount(how.Out)
	return c.close(ctx)
}

// installer is the way to the cluster under the account of an installation.
func (o *output) installer(how outputs.Installation) (*cluster, error) {
	s := o.settings
	if how.Username != "" {
		s.Auth = httpx.Auth{
			Basic:             &httpx.Basic{Username: how.Username, Password: secret.Ref{File: how.PasswordFile}},
			ClientCertificate: s.Auth.ClientCertificate,
		}
	}
	c, err := newCluster(&s, o.env.Agent)
	if err != nil {
		return nil, err
	}
	c.report = &report{to: how.Out, rehearsed: how.DryRun}
	return c, nil
}

func (o *output) install(ctx context.Context, c *cluster, out io.Writer) error {
	found, err := c.lookUp(ctx, o.settings.Index)
	if err != nil {
		return fmt.Errorf("looking up the index %s: %w", o.settings.Index, err)
	}
	if _, _, err := c.installSchema(ctx, o.settings.Index, found); err != nil {
		return err
	}
	if o.settings.History.Stream == "" {
		return nil
	}
	return c.installHistory(ctx, &o.settings, out)
}
