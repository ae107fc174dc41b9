package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/postern/domain"
)

var (
	owner    = domain.Client{IP: "192.0.2.1"}
	attacker = domain.Client{IP: "198.51.100.1"}
)

// act starts a call of a random user on an instance that answers.
func (w *simulation) act() {
	i := w.instances[w.rng.IntN(instances)]
	if i.frozen {
		return
	}
	if len(w.accounts) < 2 {
		w.signUp(i)
		return
	}
	a := w.accounts[w.rng.IntN(len(w.accounts))]
	var s *session
	if len(w.sessions) > 0 {
		s = w.sessions[w.rng.IntN(len(w.sessions))]
	}
	switch n := w.rng.IntN(112); {
	case n < 3:
		w.signUp(i)
	case n < 22 || s == nil:
		w.logIn(i, a)
	case n < 26:
		for range 1 + w.rng.IntN(7) {
			w.guess(i, a)
		}
	case n < 50:
		w.use(i, s, "use", w.write)
	case n < 62:
		w.refreshSession(i, s)
	case n < 78:
		w.logOut(i, s)
	case n < 84:
		w.use(i, s, "end others", w.endOthers)
	case n < 93:
		w.use(i, s, "change password", w.changePassword)
	case n < 95:
		w.use(i, s, "delete account", w.deleteAccount)
	case n < 103:
		w.requestReset(i, a)
	case n < 107:
		w.reuseLink(i)
	default:
		w.start(i, "sweep", func(ctx context.Context) {
			for _, sweeper := range domain.Sweepers(i.network, i.clock) {
				_, _ = sweeper.Sweep(ctx)
			}
		})
	}
}

func (w *simulation) signUp(i *instance) {
	email := fmt.Sprintf("user%d@example.com", w.next)
	epoch := w.epoch
	w.start(i, "sign up "+email, func(ctx context.Context) {
		in := domain.Registration{Email: email, Password: domain.NewPassword("the first password"), Client: owner}
		user, err := i.auth.Register(ctx, in)
		w.judging.Lock()
		defer w.judging.Unlock()
		if err == nil && epoch == w.epoch {
			w.accounts = append(w.accounts, &account{id: user.ID, email: user.Email})
		}
	})
}

// password returns an account's password. The fake hash contains it.
func (w *simulation) password(a *account) string {
	known, err := w.store.Users().CredentialByID(context.Background(), a.id)
	if err != nil {
		return "nobody's password"
	}
	return strings.SplitN(known.PasswordHash, "$", 4)[3]
}

func (w *simulation) logIn(i *instance, a *account) {
	epoch := w.epoch
	w.start(i, "log in "+string(a.email), func(ctx context.Context) {
		tokens, err := i.auth.Login(ctx, domain.Credentials{
			Email: string(a.email), Password: domain.NewPassword(w.password(a)), Client: owner,
		})
		w.judging.Lock()
		defer w.judging.Unlock()
		if err != nil || epoch != w.epoch {
			return
		}
		claims, err := w.tokens.Verify(ctx, tokens.Access, time.Time{})
		if err != nil {
			w.fail("a token that was just issued is refused: %v", err)
		}
		s := &session{account: a, id: claims.SessionID, access: tokens.Access, epoch: epoch}
		w.minted(s, tokens.Refresh)
		w.sessions = append(w.sessions, s)
	})
}

func (w *simulation) guess(i *instance, a *account) {
	w.start(i, "guess "+string(a.email), func(ctx context.Context) {
		_, err := i.auth.Login(ctx, domain.Credentials{Email: string(a.email), Password: domain.NewPassword("a guess"), Client: attacker})
		w.judging.Lock()
		defer w.judging.Unlock()
		if errors.Is(err, domain.ErrInvalidCredentials) {
			w.guessed(a)
		}
	})
}

// use makes a call with a session's access token.
func (w *simulation) use(i *instance, s *session, what string, then func(ctx context.Context, i *instance, s *session, c domain.Caller)) {
	w.start(i, what+" as "+w.nameOf(s), func(ctx context.Context) {
		began, reason, epoch, cut, cutAt := time.Now(), w.refusalReason(s), w.epoch, i.cut, i.cutAt
		caller, err := i.auth.Authenticate(ctx, s.access)
		if err != nil {
			return
		}
		w.judging.Lock()
		w.accepted(s, caller)
		if reason != "" && epoch == w.epoch {
			w.fail("%s let in %s: %s", i.name, w.nameOf(s), reason)
		}
		if cut && i.cut && cutAt.Equal(i.cutAt) && began.Sub(cutAt) > delay {
			w.fail("%s let in %s without the store", i.name, w.nameOf(s))
		}
		w.judging.Unlock()
		then(ctx, i, s, caller)
	})
}

// nameOf returns a name for a session in the trace, which must not contain its random id.
func (w *simulation) nameOf(s *session) string {
	for n, other := range w.sessions {
		if other == s {
			return fmt.Sprintf("session %d of %s", n, s.email)
		}
	}
	return "no session"
}

func (w *simulation) write(ctx context.Context, i *instance, s *session, c domain.Caller) {
	epoch := w.epoch
	created, err := i.posts.Create(ctx, c.UserID, domain.PostInput{Title: "t", Content: "c", Published: true}, nil)
	w.judging.Lock()
	defer w.judging.Unlock()
	if err == nil && epoch == w.epoch && s.epoch == epoch {
		s.posts = append(s.posts, created.ID)
	}
}

func (w *simulation) refreshSession(i *instance, s *session) {
	token := s.refresh[max(len(s.refresh)-1-w.rng.IntN(4)/3, 0)] // sometimes not the newest token
	w.start(i, "refresh "+w.nameOf(s), func(ctx context.Context) {
		epoch, refused := w.epoch, w.mustBeRefusedAtOnce(s)
		tokens, err := i.auth.Refresh(ctx, token)
		w.judging.Lock()
		defer w.judging.Unlock()
		if err != nil {
			return
		}
		if refused {
			w.fail("%s refreshed %s, which had ended", i.name, w.nameOf(s))
		}
		if epoch == w.epoch {
			s.access = tokens.Access
			w.minted(s, tokens.Refresh)
		}
	})
}

func (w *simulation) logOut(i *instance, s *session) {
	if w.rng.IntN(2) == 0 {
		token := s.refresh[len(s.refresh)-1]
		w.start(i, "log out by refresh token "+w.nameOf(s), func(ctx context.Context) {
			epoch := w.epoch
			err := i.sessions.LogOut(ctx, token)
			w.judging.Lock()
			defer w.judging.Unlock()
			if err == nil && epoch == w.epoch && s.epoch == epoch {
				w.end(s)
			}
		})
		return
	}
	w.use(i, s, "log out", func(ctx context.Context, i *instance, s *session, c domain.Caller) {
		epoch := w.epoch
		err := i.sessions.End(ctx, c, c.SessionID)
		w.judging.Lock()
		defer w.judging.Unlock()
		if err == nil && epoch == w.epoch {
			w.end(s)
		}
	})
}

func (w *simulation) endOthers(ctx context.Context, i *instance, s *session, c domain.Caller) {
	w.ending(s, func() error { return i.sessions.EndOthers(ctx, c) }, s)
}

// ending makes a call that ends all current sessions of an account, except one if except is not nil.
func (w *simulation) ending(s *session, do func() error, except *session) (done bool) {
	w.judging.Lock()
	epoch, before := w.epoch, w.of(s.account)
	w.judging.Unlock()
	err := do()
	w.judging.Lock()
	defer w.judging.Unlock()
	if err != nil || epoch != w.epoch {
		return false
	}
	for _, other := range before {
		if other != except {
			w.end(other)
		}
	}
	return true
}

func (w *simulation) changePassword(ctx context.Context, i *instance, s *session, c domain.Caller) {
	fresh := fmt.Sprintf("password number %d", w.next)
	in := domain.PasswordChange{Current: domain.NewPassword(w.password(s.account)), New: domain.NewPassword(fresh), Client: owner}
	w.judging.Lock()
	refused := w.mustBeRefusedAtOnce(s)
	s.changes++
	mine := s.changes
	w.judging.Unlock()
	if !w.ending(s, func() error { return i.auth.ChangePassword(ctx, c, in) }, s) {
		return
	}
	w.judging.Lock()
	defer w.judging.Unlock()
	if refused {
		w.fail("%s changed the password of %s, which had ended", i.name, w.nameOf(s))
	}
	if s.changes == mine && mine == 1 && !s.deleted && w.password(s.account) != fresh {
		w.fail("an acknowledged password is not there")
	}
}

func (w *simulation) deleteAccount(ctx context.Context, i *instance, s *session, c domain.Caller) {
	w.judging.Lock()
	refused := w.mustBeRefusedAtOnce(s)
	s.deleted = true
	w.judging.Unlock()
	if w.ending(s, func() error { return i.auth.DeleteAccount(ctx, c) }, nil) && refused {
		w.judging.Lock()
		defer w.judging.Unlock()
		w.fail("%s deleted the account of %s, which had ended", i.name, w.nameOf(s))
	}
}
