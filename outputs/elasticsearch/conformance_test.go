package elasticsearch

import (
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	t.Setenv("INDICATORD_TEST_API_KEY", "a-key-that-nobody-may-see")
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			f := newFake(t)
			settings := f.settings()
			settings.Auth = httpx.Auth{APIKey: &secret.Ref{Env: "INDICATORD_TEST_API_KEY"}}
			return outputtest.Tool{
				Settings: settings,
				Read:     f.keys,
				Break:    f.breakOff,
				Secret:   "a-key-that-nobody-may-see",
			}
		},
	})
}
