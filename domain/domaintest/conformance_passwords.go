package domaintest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var passwordCases = []storeCase{
	{"a login that begins before a password change does not outlive it", loginThen(change)},
	{"a login that begins during a password change does not outlive it", loginDuring(change)},
	{"a login that a password change has not seen does not outlive it", loginUnseenBy(change)},
	{"a login that a deletion has not seen does not outlive it", insertBehindDeletion},
	{"a rehash that begins before a password change cannot undo it", rehashThenChange},
	{"a rehash that begins during a password change cannot undo it", changeThenRehash},
	{"a password that an operator sets replaces a rehash", rehashThenOperator},
	{"a rehash cannot undo a password that an operator sets", operatorThenRehash},
	{"no link to another address outlives the sessions that an operator ends", changeRequestThenEnd},
}

const oldHash = "hash of ada@example.org"

// change runs the store's part of a password change: it replaces the current hash and ends all sessions. It calls hooks after
// it has read the hash and after it has written it.
func change(t *testing.T, s domain.Store, user domain.UserID, hasRead, hasWritten func()) error {
	return s.InTx(t.Context(), func(tx domain.Repositories) error {
		credential, err := tx.Users().CredentialByID(t.Context(), user)
		if err != nil {
			return err
		}
		hasRead()
		swapped, err := tx.Users().UpdatePasswordHash(t.Context(), user, credential.PasswordHash, "changed")
		if err != nil {
			return err
		}
		if !swapped {
			return errors.New("the hash is not the one that the transaction has read")
		}
		hasWritten()
		_, err = tx.Sessions().EndAll(t.Context(), user, "", moment)
		return err
	})
}

func noHook() {}

// pause makes the first caller of hold wait until the test continues it.
type pause struct {
	once    sync.Once
	reached chan struct{}
	release chan struct{}
}

func newPause() *pause { return &pause{reached: make(chan struct{}), release: make(chan struct{})} }

func (p *pause) hold() {
	p.once.Do(func() {
		close(p.reached)
		<-p.release
	})
}

// fairChance is enough time for a complete write in a faulty store, which may have to connect first.
const fairChance = 6 * chance

// during waits for the pause, lets the rival run for fairChance, and ends the pause.
func (p *pause) during(t *testing.T, rival func() error) (result <-chan error) {
	t.Helper()
	wait(t, p.reached)
	ended, result := relay(start(rival))
	select {
	case <-ended:
	case <-time.After(fairChance):
	}
	close(p.release)
	return result
}

// relay forwards a result and closes a channel when there is one.
func relay(from <-chan error) (ended <-chan struct{}, result <-chan error) {
	done, to := make(chan struct{}), make(chan error, 1)
	go func() {
		to <- <-from
		close(done)
	}()
	return done, to
}

// requireNoSession checks that a login with the old hash failed or that its session was ended.
func requireNoSession(t *testing.T, s domain.Store, session domain.NewSession, login error) {
	t.Helper()
	require.Empty(t, live(t, s, session.UserID))
	if login == nil {
		requireEnded(t, s, session.ID)
	} else {
		require.ErrorIs(t, login, domain.ErrPasswordChanged)
	}
	require.ErrorIs(t, s.Sessions().Insert(t.Context(), newSession(session.UserID, oldHash)), domain.ErrPasswordChanged)
}

// ending is the store's part of an act that ends all sessions of a user. It calls hooks after it has read the user and after
// it has made new logins fail.
type ending func(t *testing.T, s domain.Store, user domain.UserID, hasRead, hasWritten func()) error

// loginThen returns a case in which the ending begins while the transaction of a login is open.
func loginThen(end ending) func(*testing.T, domain.Store) {
	return func(t *testing.T, s domain.Store) {
		user, p := newUser(t, s, "ada@example.org"), newPause()
		session := newSession(user.ID, oldHash)
		login := start(func() error {
			return s.InTx(t.Context(), func(tx domain.Repositories) error {
				err := tx.Sessions().Insert(t.Context(), session)
				p.hold()
				return err
			})
		})
		ended := p.during(t, func() error { return end(t, s, user.ID, noHook, noHook) })
		require.NoError(t, wait(t, login))
		require.NoError(t, wait(t, ended))
		requireEnded(t, s, session.ID)
		requireNoSession(t, s, session, nil)
	}
}

// loginDuring returns a case in which a login begins after the ending has made new logins fail, and before it commits.
func loginDuring(end ending) func(*testing.T, domain.Store) {
	return func(t *testing.T, s domain.Store) {
		p := newPause()
		requireLoginEnded(t, s, p, func(user domain.UserID) error { return end(t, s, user, noHook, p.hold) })
	}
}

// loginUnseenBy returns a case for stores whose transactions read a snapshot, where no lock prevents the login.
func loginUnseenBy(end ending) func(*testing.T, domain.Store) {
	return func(t *testing.T, s domain.Store) {
		p := newPause()
		requireLoginEnded(t, s, p, func(user domain.UserID) error { return end(t, s, user, p.hold, noHook) })
	}
}

// requireLoginEnded logs in while the ending is held, and checks that no session is left.
func requireLoginEnded(t *testing.T, s domain.Store, p *pause, end func(domain.UserID) error) {
	t.Helper()
	user := newUser(t, s, "ada@example.org")
	session := newSession(user.ID, oldHash)
	ended := start(func() error { return end(user.ID) })
	login := p.during(t, func() error { return s.Sessions().Insert(t.Context(), session) })
	require.NoError(t, wait(t, ended))
	requireNoSession(t, s, session, wait(t, login))
}

func insertBehindDeletion(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	session := newSession(user.ID, oldHash)
	deleted := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			if _, err := tx.Users().ByID(t.Context(), user.ID); err != nil {
				return err
			}
			p.hold()
			if err := tx.Users().Delete(t.Context(), user.ID, moment); err != nil {
				return err
			}
			_, err := tx.Sessions().EndAll(t.Context(), user.ID, "", moment)
			return err
		})
	})
	login := p.during(t, func() error { return s.Sessions().Insert(t.Context(), session) })
	require.NoError(t, wait(t, deleted))
	requireNoSession(t, s, session, wait(t, login))
}

// rehash replaces the old hash with another hash of the same password. It returns an error if the hash has changed.
func rehash(t *testing.T, r domain.Repositories, user domain.UserID) error {
	swapped, err := r.Users().UpdatePasswordHash(t.Context(), user, oldHash, "rehashed")
	if err == nil && !swapped {
		err = errNotSwapped
	}
	return err
}

var errNotSwapped = errors.New("the hash has changed")

func rehashThenChange(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	rehashed := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			err := rehash(t, tx, user.ID)
			p.hold()
			return err
		})
	})
	changed := p.during(t, func() error { return change(t, s, user.ID, noHook, noHook) })
	require.NoError(t, wait(t, rehashed))
	require.NoError(t, wait(t, changed))
	require.Equal(t, "changed", hashOf(t, s, "ada@example.org"))
}

func changeThenRehash(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	changed := start(func() error { return change(t, s, user.ID, noHook, p.hold) })
	rehashed := p.during(t, func() error { return rehash(t, s, user.ID) })
	require.NoError(t, wait(t, changed))
	require.ErrorIs(t, wait(t, rehashed), errNotSwapped)
	require.Equal(t, "changed", hashOf(t, s, "ada@example.org"))
}

func rehashThenOperator(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	rehashed := start(func() error {
		return openTx{s, p}.InTx(t.Context(), func(tx domain.Repositories) error { return rehash(t, tx, user.ID) })
	})
	set := p.during(t, func() error { return operatorSets(t, s) })
	require.NoError(t, wait(t, rehashed))
	require.NoError(t, wait(t, set))
	require.Regexp(t, "^fake.*"+operatorsPassword, hashOf(t, s, "ada@example.org"))
}

func operatorThenRehash(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	set := start(func() error { return operatorSets(t, openTx{s, p}) })
	rehashed := p.during(t, func() error { return rehash(t, s, user.ID) })
	require.NoError(t, wait(t, set))
	require.ErrorIs(t, wait(t, rehashed), errNotSwapped)
	require.Regexp(t, "^fake.*"+operatorsPassword, hashOf(t, s, "ada@example.org"))
}

// changeRequestThenEnd adds a link as a request to change the address does, while an operator ends the sessions.
func changeRequestThenEnd(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	link := domain.EmailToken{
		ID: "link", Kind: domain.MailChange, Subject: fmt.Sprint(user.ID), UserID: user.ID, Email: "thief@example.org", ExpiresAt: moment.Add(time.Hour),
	}
	requested := start(func() error {
		return openTx{s, p}.InTx(t.Context(), func(tx domain.Repositories) error {
			if err := tx.EmailTokens().Put(t.Context(), link); err != nil {
				return err
			}
			_, err := tx.Users().UpdatePasswordHash(t.Context(), user.ID, oldHash, oldHash)
			return err
		})
	})
	ended := p.during(t, func() error {
		_, err := operator(s).EndSessions(t.Context(), "ada@example.org")
		return err
	})
	require.NoError(t, wait(t, requested))
	require.NoError(t, wait(t, ended))
	requireNoToken(t, s, link.ID)
}

const operatorsPassword = "seven brown foxes sing"

// operatorSets is what an operator does to set a password.
func operatorSets(t *testing.T, s domain.Store) error {
	return operator(s).SetPassword(t.Context(), "ada@example.org", domain.NewPassword(operatorsPassword))
}

func operator(s domain.Store) *domain.AccountOperator {
	return domain.NewAccountOperator(s, &Hasher{}, NewClock(realTime()), domain.MinPassword, &Events{}, false, "root")
}
