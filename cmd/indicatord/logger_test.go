package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/config"
)

func TestLoggerFormat(t *testing.T) {
	for format, want := range map[config.LogFormat]string{
		"text": "time=",
		"json": `{"time":`,
		"auto": `{"time":`, // a buffer is no terminal
	} {
		var out bytes.Buffer
		newLogger(config.Log{Level: "info", Format: format}, &out).Info("pulled")
		if !strings.HasPrefix(out.String(), want) {
			t.Errorf("with format %s a line is %q, want one that begins with %s", format, out.String(), want)
		}
	}
}

func TestLoggerInAFileWritesJSON(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	newLogger(config.Log{Format: "auto"}, file).Info("pulled")
	if text, _ := os.ReadFile(file.Name()); !bytes.HasPrefix(text, []byte(`{"time":`)) {
		t.Errorf("the file has %q", text)
	}
}

func TestLoggerLevel(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(config.Log{Level: "warn", Format: "json"}, &out)
	log.Info("left out")
	log.Warn("kept")
	if lines := strings.Count(out.String(), "\n"); lines != 1 || log.Enabled(t.Context(), slog.LevelInfo) {
		t.Errorf("at level warn the log has %q", out.String())
	}
}
