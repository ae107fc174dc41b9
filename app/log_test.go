package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogFormat(t *testing.T) {
	t.Parallel()
	for format, isJSON := range map[string]bool{"auto": true, "json": true, "text": false} {
		var log bytes.Buffer
		newLogger(&log, format, "info").Info("a line\nand more", "n", 1)
		require.Equal(t, isJSON, json.Valid(log.Bytes()), format)
		require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")), "a logged value cannot begin a new line")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	newLogger(file, "auto", "info").Info("to a file")
	written, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	require.True(t, json.Valid(written), "a file is not a terminal")
	require.NoError(t, file.Close())
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	for level, lines := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		var out bytes.Buffer
		log := newLogger(&out, "json", level)
		log.Debug("d")
		log.Info("i")
		log.Warn("w")
		log.Error("e")
		require.Equal(t, lines, bytes.Count(out.Bytes(), []byte("\n")), level)
	}
}
