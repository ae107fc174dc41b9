package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"example.com/postern/adapters/mail"
	"example.com/postern/domain/diagnosis"
)

// checkDataFolder checks the folder of the embedded store.
func (c *config) checkDataFolder(context.Context) diagnosis.Finding {
	if c.databaseURL.IsSet() {
		return diagnosis.Skipped("the store is a PostgreSQL database")
	}
	info, err := os.Stat(c.DataDir)
	switch {
	case err != nil:
		return diagnosis.Problem("the data folder cannot be used: "+cause(err),
			"check POSTERN_DATA_DIR (--data-dir); the first start of the service creates the folder")
	case !info.IsDir():
		return diagnosis.Problem("the data folder is a file", "check POSTERN_DATA_DIR (--data-dir)")
	case info.Mode().Perm()&0o007 != 0:
		return diagnosis.Warning(fmt.Sprintf("the data folder has mode %04o: every user may enter it", info.Mode().Perm()), "run chmod o-rwx on it")
	}
	return diagnosis.OK(fmt.Sprintf("the data folder has mode %04o", info.Mode().Perm()))
}

// maxKeyAge is the age at which a signing key should be replaced.
const maxKeyAge = 365 * 24 * time.Hour

// checkKeys checks the key file: mode, owner, contents, and the age of the signing key.
func (c *config) checkKeys(context.Context) diagnosis.Finding {
	keys, err := c.listKeys()
	switch {
	case errors.Is(err, errNoKeysFile) && !c.databaseURL.IsSet():
		return diagnosis.Warning("there is no key file",
			"if there was one, put it back: the next start creates another, and all users must log in again")
	case errors.Is(err, errNoKeysFile):
		return diagnosis.Problem("there is no key file", "give every instance the same file, from postern keys create, or POSTERN_JWT_SECRET")
	case err != nil:
		return diagnosis.Problem("the keys cannot be used: "+err.Error(), "correct the file of POSTERN_KEYS_FILE (--keys-file)")
	case c.jwtSecret.IsSet():
		return diagnosis.OK("the keys are derived from POSTERN_JWT_SECRET")
	}
	info, err := os.Stat(c.keysFile())
	if err != nil {
		return diagnosis.Problem("the key file cannot be examined: "+cause(err), "correct the file of POSTERN_KEYS_FILE (--keys-file)")
	}
	if folder, err := os.Stat(filepath.Dir(c.keysFile())); err == nil &&
		folder.Mode().Perm()&0o002 != 0 && folder.Mode()&os.ModeSticky == 0 {
		return diagnosis.Problem("every user may replace the key file: its folder can be written to by all",
			"run chmod o-w on the folder, and replace the keys")
	}
	uid, _ := ids(info)
	message := fmt.Sprintf("the key file has mode %04o and belongs to user %d", info.Mode().Perm(), uid)
	for _, k := range keys {
		if k.State != "signing" {
			continue
		}
		age := clock().Sub(k.NotBefore)
		message += fmt.Sprintf("; the signing key is %d days old", age/(24*time.Hour))
		if age > maxKeyAge {
			return diagnosis.Warning(message, "run postern keys rotate: nobody is logged out")
		}
	}
	return diagnosis.OK(message)
}

// checkTrustedProxies looks for networks that are larger than any set of proxies. Their hosts can claim any address, and so
// evade the limits on guessing.
func (c *config) checkTrustedProxies(context.Context) diagnosis.Finding {
	const action = "list only your own proxies in POSTERN_TRUSTED_PROXIES (--trusted-proxies)"
	for _, prefix := range c.TrustedProxies {
		if isInternet(prefix) {
			return diagnosis.Problem(fmt.Sprintf("a network of size /%d is trusted: clients can claim any address", prefix.Bits()), action)
		}
	}
	for _, prefix := range c.TrustedProxies {
		if isWide(prefix) {
			return diagnosis.Warning(fmt.Sprintf("a public network of size /%d is trusted: its hosts can claim any address", prefix.Bits()), action)
		}
	}
	if len(c.TrustedProxies) == 0 {
		return diagnosis.OK("none: X-Forwarded-For is ignored")
	}
	return diagnosis.OK(fmt.Sprintf("%d addresses or networks", len(c.TrustedProxies)))
}

// isInternet reports whether a network is a large part of the Internet. The largest private networks are 10.0.0.0/8 and fc00::/7.
func isInternet(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 7 || p.Bits() < 16 && !p.Addr().IsPrivate()
}

// isWide reports whether a network is public, and larger than the networks that proxies of one operator usually have.
func isWide(p netip.Prefix) bool {
	address := p.Addr()
	if address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	return address.Is4() && p.Bits() < 16 || address.Is6() && p.Bits() < 32
}

// checkMail connects to the mail server and logs in. It also looks at where links lead.
func (c *config) checkMail(ctx context.Context) diagnosis.Finding {
	if c.smtp == nil {
		return diagnosis.Skipped("there is no mail server: mails are written to files, and reach nobody")
	}
	if err := mail.NewSMTP(*c.smtp, c.MailFrom).Check(ctx); err != nil {
		return diagnosis.Problem("mails cannot be sent: "+err.Error(),
			"check POSTERN_SMTP_URL and POSTERN_MAIL_FROM with postern mail test")
	}
	if c.hasUselessLinks("http://" + reachable(c.Addr)) {
		return diagnosis.Warning("links in mails lead to this machine",
			"set POSTERN_PUBLIC_URL or POSTERN_MAIL_LINK to what people can open")
	}
	return diagnosis.OK("the mail server can be reached, and accepts the credentials")
}
