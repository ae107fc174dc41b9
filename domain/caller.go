package domain

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Caller is who makes a request, proven by an access token.
type Caller struct {
	UserID    UserID
	SessionID SessionID
}

// ownSession returns the caller's session from inside the transaction of what it asks for, or [ErrBadToken], wrapped, if the
// session has ended or expired, or is another user's. What cannot be undone, or gives power, rests on the row, because this
// instance may not know yet that the session has ended.
func ownSession(ctx context.Context, tx Repositories, caller Caller, now time.Time) (Session, error) {
	session, err := tx.Sessions().ByID(ctx, caller.SessionID)
	if err != nil {
		return Session{}, badCaller(err)
	}
	if session.UserID != caller.UserID || !session.ExpiresAt.After(now) {
		return Session{}, badCaller(ErrSessionNotFound)
	}
	return session, nil
}

// badCaller turns the error that the caller's account or session is not there into what it means: the token is no longer good.
func badCaller(err error) error {
	if errors.Is(err, ErrUserNotFound) {
		return fmt.Errorf("%w: the account is gone", ErrBadToken)
	}
	if errors.Is(err, ErrSessionNotFound) {
		return fmt.Errorf("%w: the session has ended", ErrBadToken)
	}
	return err
}

// Client is what is known of the device that logs in. Both members are for its owner to recognise it by; neither is
// trusted.
type Client struct {
	IP        string // the address without port, as net/netip prints it
	UserAgent string // cut to [MaxUserAgent] characters of valid UTF-8 without NUL
}

// MaxUserAgent is how many characters of a User-Agent header are kept.
const MaxUserAgent = 256

// Network is the part of a client's address that the client cannot choose: a whole IPv4 address, or the first 64 bits of an
// IPv6 address. Clients are counted and queued by it. It is empty if the address is unknown.
type Network string

// Network returns the network of the client's address.
func (c Client) Network() Network {
	address, err := netip.ParseAddr(c.IP)
	if err != nil {
		return ""
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return Network(address.String())
	}
	return Network(netip.PrefixFrom(address, 64).Masked().String())
}
