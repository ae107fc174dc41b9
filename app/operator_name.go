package main

import (
	"os"
	osuser "os/user"
	"strconv"
	"strings"
)

// operatorName returns the name of this process's account on the operating system. No environment variable changes it. Commands must
// call it before they become the owner of a data folder.
func operatorName() string {
	uid := os.Getuid()
	if uid < 0 { // Windows
		if account, err := osuser.Current(); err == nil {
			return strings.ToValidUTF8(account.Username, "?")
		}
		return "unknown"
	}
	_ = os.Unsetenv("USER") // without cgo, os/user believes it if /etc/passwd lacks the account
	if account, err := osuser.LookupId(strconv.Itoa(uid)); err == nil {
		return strings.ToValidUTF8(account.Username, "?")
	}
	return "uid " + strconv.Itoa(uid) // as in a container without /etc/passwd
}
