package domain_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const (
	bob  = "bob@example.com"
	away = "198.51.100.7"
)

// post composes and removes the mails that are due, and returns those that are sent.
func (w *world) mails(t testing.TB) (sent []domain.Mail) {
	t.Helper()
	now := w.clock.Now()
	items, err := w.store.Outbox().Claim(t.Context(), now, now.Add(time.Minute), 100)
	require.NoError(t, err)
	for _, item := range items {
		mail, err := w.emails.Compose(t.Context(), item)
		require.NoError(t, err)
		if mail != nil {
			require.Equal(t, item.ID, mail.ID)
			sent = append(sent, *mail)
		}
		require.NoError(t, w.store.Outbox().Delete(t.Context(), item.ID))
	}
	return sent
}

// mailedToken returns the token in the only mail that is due, which must go to an address.
func (w *world) mailedToken(t testing.TB, to domain.Email, page string) string {
	t.Helper()
	sent := w.mails(t)
	require.Len(t, sent, 1)
	require.Equal(t, to, sent[0].To)
	return tokenIn(t, sent[0], page)
}

// tokenIn returns the token in the link of a mail, which is the same in both texts.
func tokenIn(t testing.TB, m domain.Mail, page string) string {
	t.Helper()
	for line := range strings.Lines(m.Text) {
		if !strings.HasPrefix(line, "https:") {
			continue
		}
		link, err := url.Parse(strings.TrimSpace(line))
		require.NoError(t, err)
		require.Equal(t, "https://a.example/account/"+page, link.Scheme+"://"+link.Host+link.Path)
		require.Empty(t, link.RawQuery)
		require.Contains(t, m.HTML, `href="`+link.String()+`"`)
		token, found := strings.CutPrefix(link.Fragment, "token=")
		require.True(t, found)
		return token
	}
	require.Fail(t, "the mail has no link", m.Text)
	return ""
}

// subjects returns the recipients and subjects of the mails that are due.
func (w *world) subjects(t testing.TB) (subjects []string) {
	t.Helper()
	for _, m := range w.mails(t) {
		require.NotContains(t, m.Text, "https:", "a notice has no link")
		subjects = append(subjects, string(m.To)+": "+m.Subject)
	}
	return subjects
}

// confirmed registers an account, confirms its address, and logs in.
func (w *world) confirmed(t testing.TB) (domain.Tokens, domain.Caller) {
	t.Helper()
	tokens, caller := w.enter(t)
	require.NoError(t, w.emails.CompleteVerification(t.Context(), w.mailedToken(t, ada, "confirm"), domain.Client{}))
	w.events.Take()
	return tokens, caller
}

func (w *world) user(t testing.TB, id domain.UserID) domain.User {
	t.Helper()
	user, err := w.users.Get(t.Context(), id)
	require.NoError(t, err)
	return user
}

func (w *world) requestReset(ctx context.Context, email string) error {
	return w.emails.RequestReset(ctx, domain.ResetRequest{Email: email, Client: domain.Client{IP: home}})
}

func (w *world) completeReset(ctx context.Context, token, password string) error {
	return w.emails.CompleteReset(ctx, domain.ResetCompletion{
		Token: token, New: domain.NewPassword(password), Client: domain.Client{IP: home},
	})
}

// TestMailsAreThrottled checks the limits per address and per client of each method that causes a mail.
func TestMailsAreThrottled(t *testing.T) {
	t.Parallel()
	methods := map[string]func(w *world, c domain.Caller, email, ip string) error{
		"reset": func(w *world, _ domain.Caller, email, ip string) error {
			return w.emails.RequestReset(context.Background(), domain.ResetRequest{Email: email, Client: domain.Client{IP: ip}})
		},
		"account": func(w *world, _ domain.Caller, email, ip string) error {
			return w.emails.RequestAccount(context.Background(), domain.Registration{
				Email: email, Password: domain.NewPassword(password), Client: domain.Client{IP: ip},
			})
		},
		"change": func(w *world, c domain.Caller, email, ip string) error {
			return w.emails.ChangeEmail(context.Background(), c, emailChange(email, password, ip))
		},
	}
	for name, request := range methods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, caller := w.enter(t)
			for _, spelling := range []string{bob, "BOB@example.com", bob, bob, "bob@EXAMPLE.com"} {
				require.NoError(t, request(w, caller, spelling, home))
			}
			requireThrottled(t, request(w, caller, bob, home), "mail", time.Hour)
			requireThrottled(t, request(w, caller, bob, away), "mail", time.Hour)
			w.clock.Advance(time.Hour)
			require.NoError(t, request(w, caller, bob, home))
			for i := range 99 {
				require.NoError(t, request(w, caller, strings.Repeat("a", i/4+1)+string(rune('a'+i%4))+"@example.com", home))
			}
			requireThrottled(t, request(w, caller, "eve@example.com", home), "mail", time.Hour)
			require.NoError(t, request(w, caller, "eve@example.com", away))
		})
	}
}

// TestKnownAddressesDoTheSameWork compares the calls of the store for a known address with those for an unknown one.
func TestKnownAddressesDoTheSameWork(t *testing.T) {
	t.Parallel()
	methods := map[string]func(w *world, c domain.Caller, email string) error{
		"reset": func(w *world, _ domain.Caller, email string) error {
			return w.requestReset(context.Background(), email)
		},
		"account": func(w *world, _ domain.Caller, email string) error {
			return w.emails.RequestAccount(context.Background(), domain.Registration{Email: email, Password: domain.NewPassword(newPassword)})
		},
		"change": func(w *world, c domain.Caller, email string) error {
			return w.emails.ChangeEmail(context.Background(), c, emailChange(email, password, home))
		},
	}
	for name, request := range methods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			calls := &callStore{Store: w.store.Store}
			w.store.Store = calls
			_, caller := w.enter(t)
			w.register(t, bob)
			work := func(email string) (done []string, hashes int) {
				hashes = w.hasher.Hashes()
				calls.take()
				require.NoError(t, request(w, caller, email))
				return calls.take(), w.hasher.Hashes() - hashes
			}
			known, knownHashes := work(bob)
			unknown, unknownHashes := work("eve@example.com")
			require.Equal(t, known, unknown)
			require.Equal(t, knownHashes, unknownHashes)
			require.Contains(t, known, "outbox")
			require.Contains(t, known, "email tokens")
			require.NotContains(t, known, "credential by address")
		})
	}
}

// callStore is a store that lists the calls of it.
type callStore struct {
	domain.Store
	calls []string
}

func (s *callStore) take() []string {
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *callStore) note(call string) { s.calls = append(s.calls, call) }

func (s *callStore) Now(ctx context.Context) (time.Time, error) {
	s.note("now")
	return s.Store.Now(ctx)
}

func (s *callStore) Users() domain.UserRepository { return callUsers{s.Store.Users(), s} }

func (s *callStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	s.note("begin")
	defer s.note("end")
	return s.Store.InTx(ctx, func(tx domain.Repositories) error { return fn(callTx{tx, s}) })
}

type callTx struct {
	domain.Repositories
	s *callStore
}

func (t callTx) Users() domain.UserRepository { return callUsers{t.Repositories.Users(), t.s} }

func (t callTx) EmailTokens() domain.EmailTokenRepository {
	t.s.note("email tokens")
	return t.Repositories.EmailTokens()
}

func (t callTx) Outbox() domain.OutboxRepository {
	t.s.note("outbox")
	return t.Repositories.Outbox()
}

type callUsers struct {
	domain.UserRepository
	s *callStore
}

func (u callUsers) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	u.s.note("credential by address")
	return u.UserRepository.Credential(ctx, e)
}

func (u callUsers) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	u.s.note("user")
	return u.UserRepository.ByID(ctx, id)
}
