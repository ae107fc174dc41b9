// Command postgres downloads the programs of PostgreSQL, in the version of its first argument, into the folder of its second.
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

// download has the library start a server, because it does not offer less, and stops it at once. A server refuses to run as
// root, but by then its programs are there.
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
