package main

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/metrics"
)

// TestIdleScrapersAreClosed keeps a connection to the metrics open. The service closes it.
func TestIdleScrapersAreClosed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	a := sideListener{handler: metrics.New(), listener: listener, writeTimeout: writeTimeout, idleTimeout: 10 * time.Millisecond}
	go a.serve(t.Context(), slog.New(slog.DiscardHandler))
	connection, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	require.NoError(t, connection.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(connection, "GET /metrics HTTP/1.1\r\nHost: postern\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(connection)
	answer, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	_, err = reader.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}
