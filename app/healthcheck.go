package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// healthcheckTimeout bounds the whole check.
const healthcheckTimeout = 2 * time.Second

type healthcheckCommand struct {
	Addr string `type:"address" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"Network" help:"Where the service listens. For a service on all interfaces, the loopback address is asked."`
}

// Run requests /readyz and fails unless the answer is 200.
func (c *healthcheckCommand) Run(p *process) error {
	ctx, cancel := context.WithTimeout(p.ctx, healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(c.Addr)+"/readyz", nil)
	if err != nil {
		return errors.New("not ready: POSTERN_ADDR (--addr) is not an address that can be called")
	}
	// A proxy from the environment is not used, because it would answer instead of the service.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("not ready: no answer at POSTERN_ADDR (--addr) within %v", healthcheckTimeout)
	} else if err != nil {
		return fmt.Errorf("not ready: no answer at POSTERN_ADDR (--addr): %s", cause(err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: the answer is %s", http.StatusText(response.StatusCode))
	}
	_, err = fmt.Fprintln(p.stdout, "ready")
	return err
}

// reachable returns an address at which this machine can call a server that listens on address. If the server listens on all
// interfaces, that is the loopback address.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	switch {
	case host == "" || host == "0.0.0.0":
		host = "127.0.0.1"
	case isUnspecified(host):
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

func isUnspecified(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsUnspecified()
}
