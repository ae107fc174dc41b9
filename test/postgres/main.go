// Command postgres downloads a version of PostgreSQL, the first argument, into a folder, the second argument.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	embedded "github.com/fergusstrange/embedded-postgres"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: postgres VERSION FOLDER")
		os.Exit(2)
	}
	if err := download(embedded.PostgresVersion(os.Args[1]), os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// download downloads PostgreSQL. The library can only start a server, so download stops that server at once. A server
// refuses to run as root, but the programs have been downloaded by then.
func download(version embedded.PostgresVersion, dir string) (err error) {
	scratch, err := os.MkdirTemp("", "postern-postgres-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	port, err := freePort()
	if err != nil {
		return err
	}
	server := embedded.NewDatabase(embedded.DefaultConfig().Version(version).BinariesPath(dir).RuntimePath(scratch + "/run").
		CachePath(scratch + "/archive").Port(port).Logger(io.Discard))
	err = server.Start()
	if err == nil {
		return server.Stop()
	}
	if _, missing := os.Stat(dir + "/bin/postgres"); missing == nil && os.Geteuid() == 0 {
		return nil
	}
	return err
}

func freePort() (uint32, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return uint32(listener.Addr().(*net.TCPAddr).Port), listener.Close()
}
