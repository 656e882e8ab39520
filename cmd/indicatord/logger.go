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
	options := &slog.HandlerOptions{Level: settings.Level.Level()}
	if settings.Format == "text" || settings.Format != "json" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
