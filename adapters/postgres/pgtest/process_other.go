//go:build !linux

package pgtest

import "syscall"

// attributes makes a server run as an account.
func attributes(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: account}
}
