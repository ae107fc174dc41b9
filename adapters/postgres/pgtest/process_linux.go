package pgtest

import "syscall"

// attributes make a server run as an account and end with the test binary, also when that is killed. SIGQUIT is how PostgreSQL
// ends at once without leaving shared memory behind.
func attributes(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: account, Pdeathsig: syscall.SIGQUIT}
}
