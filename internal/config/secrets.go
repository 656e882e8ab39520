package config

import (
	"fmt"
	"os"
)

// checkSecrets reads every secret that the configuration names, and reports
// those that cannot be read. It keeps none of them. A systemd credential that
// only the service can see gives a warning.
func (c *Config) checkSecrets(report *reporter) {
	for _, s := range c.secrets {
		if !s.ref.IsZero() && s.ref.Validate() == nil {
			report.checkSecret(s)
		}
	}
}

func (r *reporter) checkSecret(s placedSecret) {
	if s.ref.Credential != "" && os.Getenv("CREDENTIALS_DIRECTORY") == "" {
		r.warn(s.at, fmt.Sprintf("credential %q can be checked by the service alone", s.ref.Credential), "")
		return
	}
	if _, err := s.ref.Read(); err != nil {
		r.fail(s.at, err.Error(), "")
		return
	}
	r.checkMode(s)
}

// checkMode warns of a secret that every user of the host can read.
func (r *reporter) checkMode(s placedSecret) {
	if s.ref.File == "" {
		return
	}
	const others = 0o007
	if info, err := os.Stat(s.ref.File); err == nil && info.Mode().Perm()&others != 0 {
		r.warn(s.at, fmt.Sprintf("every user of this host may open %s", s.ref.File), fmt.Sprintf("chmod o= %s", s.ref.File))
	}
}
