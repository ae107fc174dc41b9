package pgtest

import "syscall"

// attributes makes a server run as an account, and end with the test binary, even if that is killed. On SIGQUIT, PostgreSQL
// ends at once and frees its shared memory.
func attributes(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: account, Pdeathsig: syscall.SIGQUIT}
}
