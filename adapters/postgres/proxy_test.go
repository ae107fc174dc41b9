package postgres

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy forwards connections to a server until its trigger closes them.
type proxy struct {
	listener net.Listener
	server   string
	trigger  atomic.Pointer[trigger]
	cuts     atomic.Int32
	pumps    sync.WaitGroup
}

// trigger is a text in a client's messages at which the proxy closes the connection, for a number of times. The proxy closes
// it before the server receives the message, or before the client receives the answer.
type trigger struct {
	words    string
	answered bool
	times    atomic.Int32
}

// newProxy starts a proxy for a database, and returns the URL through it.
func newProxy(t *testing.T, database string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	p := &proxy{server: u.Host}
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.pumps.Go(p.accept)
	t.Cleanup(func() {
		require.NoError(t, p.listener.Close())
		p.pumps.Wait()
	})
	u.Host = p.listener.Addr().String()
	return p, u.String()
}

// cutAt sets the trigger.
func (p *proxy) cutAt(words string, answered bool, times int32) {
	tr := &trigger{words: words, answered: answered}
	tr.times.Store(times)
	p.trigger.Store(tr)
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		var deaf atomic.Bool // the client receives nothing more
		closeBoth := func() { _, _ = client.Close(), server.Close() }
		p.pumps.Go(func() {
			defer closeBoth()
			pump(server, client, func(chunk []byte) bool {
				tr := p.trigger.Load()
				if tr == nil || !bytes.Contains(chunk, []byte(tr.words)) || tr.times.Add(-1) < 0 {
					return true
				}
				p.cuts.Add(1)
				deaf.Store(tr.answered)
				return tr.answered
			})
		})
		p.pumps.Go(func() {
			defer closeBoth()
			pump(client, server, func([]byte) bool { return !deaf.Load() })
		})
	}
}

// pump copies until either side ends or pass returns false.
func pump(to io.Writer, from io.Reader, pass func(chunk []byte) bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !pass(buffer[:n]) {
			return
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}
