package domain

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Caller is the user and the session that an access token belongs to.
type Caller struct {
	UserID    UserID
	SessionID SessionID
}

// event returns an event without a name that concerns the caller's session.
func (c Caller) event() SecurityEvent { return SecurityEvent{UserID: c.UserID, SessionID: c.SessionID} }

// ownSession returns the caller's session, read in the transaction of the request. It returns [ErrBadToken], wrapped, if the
// session has ended or expired, or belongs to another user. Requests that cannot be undone check this row, because this
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

// badCaller returns [ErrBadToken], wrapped, if err says that the caller's account or session is gone, and otherwise err.
func badCaller(err error) error {
	if errors.Is(err, ErrUserNotFound) {
		return fmt.Errorf("%w: the account is gone", ErrBadToken)
	}
	if errors.Is(err, ErrSessionNotFound) {
		return fmt.Errorf("%w: the session has ended", ErrBadToken)
	}
	return err
}

// Client describes the device that sends a request. People recognise their sessions by it. It is not trusted.
type Client struct {
	IP        string // without port, as net/netip prints it
	UserAgent string // cut to [MaxUserAgent] characters of valid UTF-8 without NUL
}

// MaxUserAgent is how many characters of a User-Agent header are stored.
const MaxUserAgent = 256

// Network is the part of an address that a client cannot choose: an IPv4 address, or the first 64 bits of an IPv6 address.
// Clients are counted and queued by network. It is empty if the address is unknown.
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
