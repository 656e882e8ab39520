package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"github.com/indicatord/indicatord/internal/config"
)

// newLogger returns the logger that the configuration asks for.
func newLogger(settings config.Log, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level.Level(), ReplaceAttr: durationsInWords}
	if settings.Format == "text" || settings.Format != "json" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// durationsInWords writes "1.5s" in JSON too, where a duration would be a number
// of nanoseconds.
func durationsInWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
