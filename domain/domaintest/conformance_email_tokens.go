package domaintest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var emailTokenCases = []storeCase{
	{"an e-mail token is read as it was put", emailTokenRoundTrip},
	{"an e-mail token replaces the one of its kind and subject", emailTokenReplaced},
	{"an e-mail token expires", emailTokenExpires},
	{"an e-mail token is taken once", emailTokenTaken},
	{"of many concurrent takes of an e-mail token one succeeds", emailTokenTakenOnce},
	{"a take waits for a concurrent take of the same e-mail token", emailTokenHeld},
	{"of concurrent e-mail tokens of one subject one remains", emailTokensPutAtOnce},
	{"the e-mail tokens of a user are deleted", emailTokensOfUser},
	{"expired e-mail tokens are deleted in batches", emailTokensSwept},
}

// resetToken returns a token that expires after moment.
func resetToken(id string) domain.EmailToken {
	return domain.EmailToken{
		ID: id, Kind: domain.MailReset, Subject: "ada@example.org", Email: "Ada@example.org", ExpiresAt: moment.Add(time.Microsecond),
	}
}

func putToken(t *testing.T, r domain.Repositories, token domain.EmailToken) {
	t.Helper()
	require.NoError(t, r.EmailTokens().Put(t.Context(), token))
}

// findToken returns the token with an ID. It must have no other kind.
func findToken(t *testing.T, r domain.Repositories, id string) (token domain.EmailToken, found bool) {
	t.Helper()
	for _, kind := range domain.MailKinds {
		one, err := r.EmailTokens().Find(t.Context(), kind, id, moment)
		if err == nil {
			require.False(t, found)
			token, found = one, true
			continue
		}
		require.ErrorIs(t, err, domain.ErrBadEmailToken)
		require.Zero(t, one)
	}
	return token, found
}

func requireToken(t *testing.T, r domain.Repositories, want domain.EmailToken) {
	t.Helper()
	token, found := findToken(t, r, want.ID)
	require.True(t, found)
	require.Equal(t, want, token)
}

func requireNoToken(t *testing.T, r domain.Repositories, id string) {
	t.Helper()
	_, found := findToken(t, r, id)
	require.False(t, found)
}

func emailTokenRoundTrip(t *testing.T, s domain.Store) {
	all := []domain.EmailToken{
		resetToken("a"),
		{
			ID: "A", Kind: domain.MailSignUp, Subject: "ada@example.org", Email: "o'\"b@bücher.example", PasswordHash: `$argon2id$\'"`,
			ExpiresAt: moment.Add(time.Hour),
		},
		{
			ID: "change", Kind: domain.MailChange, Subject: fmt.Sprint(domain.MaxID), UserID: domain.MaxID, Email: "eve@example.org",
			SessionID: domain.NewSessionID(), ExpiresAt: moment.Add(time.Hour),
		},
	}
	for _, token := range all {
		putToken(t, s, token)
	}
	for _, token := range all {
		requireToken(t, s, token)
	}
	for _, id := range []string{"", "b", "CHANGE"} {
		requireNoToken(t, s, id)
	}
}

func emailTokenReplaced(t *testing.T, s domain.Store) {
	first, second := resetToken("first"), resetToken("second")
	otherKind, otherSubject := resetToken("kind"), resetToken("subject")
	otherKind.Kind, otherSubject.Subject = domain.MailSignUp, "Ada@example.org"
	second.Email, second.PasswordHash, second.UserID, second.SessionID = "ADA@example.org", "hash", 7, "session"
	second.ExpiresAt = moment.Add(time.Hour)
	for _, token := range []domain.EmailToken{first, otherKind, otherSubject, second} {
		putToken(t, s, token)
	}
	requireNoToken(t, s, "first")
	for _, token := range []domain.EmailToken{second, otherKind, otherSubject} {
		requireToken(t, s, token)
	}
}

func emailTokenExpires(t *testing.T, s domain.Store) {
	token := resetToken("a")
	token.ExpiresAt = moment
	putToken(t, s, token)
	requireNoToken(t, s, "a")
	_, err := s.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment)
	require.ErrorIs(t, err, domain.ErrBadEmailToken)

	token.ExpiresAt = moment.Add(time.Microsecond)
	exists, err := s.EmailTokens().Extend(t.Context(), "a", token.ExpiresAt)
	require.NoError(t, err)
	require.True(t, exists, "an expired token exists until it is swept")
	requireToken(t, s, token)
	exists, err = s.EmailTokens().Extend(t.Context(), "b", moment)
	require.NoError(t, err)
	require.False(t, exists)
	requireToken(t, s, token)
}

func emailTokenTaken(t *testing.T, s domain.Store) {
	want := resetToken("a")
	putToken(t, s, want)
	for _, kind := range []domain.MailKind{domain.MailSignUp, domain.MailConfirm, domain.MailChange, ""} {
		_, err := s.EmailTokens().Take(t.Context(), kind, "a", moment)
		require.ErrorIs(t, err, domain.ErrBadEmailToken)
	}
	failure := errors.New("boom")
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := tx.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment)
		return errors.Join(err, failure)
	}), failure)
	requireToken(t, s, want)
	token, err := s.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment)
	require.NoError(t, err)
	require.Equal(t, want, token)
	token, err = s.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment)
	require.ErrorIs(t, err, domain.ErrBadEmailToken)
	require.Zero(t, token)
	requireNoToken(t, s, "a")
}

func emailTokenTakenOnce(t *testing.T, s domain.Store) {
	const rivals = 16
	putToken(t, s, resetToken("a"))
	begin, results := make(chan struct{}), make(chan error, rivals)
	for i := range rivals {
		go func() {
			<-begin
			take := func(r domain.Repositories) error {
				return second(r.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment))
			}
			if i%2 == 0 {
				results <- take(s)
			} else {
				results <- s.InTx(t.Context(), take)
			}
		}()
	}
	close(begin)
	taken := 0
	for range rivals {
		if err := wait(t, results); err == nil {
			taken++
		} else {
			require.ErrorIs(t, err, domain.ErrBadEmailToken)
		}
	}
	require.Equal(t, 1, taken)
}

// emailTokenHeld takes a token in a transaction that stays open while another one takes it too.
func emailTokenHeld(t *testing.T, s domain.Store) {
	for _, outcome := range []error{nil, errors.New("boom")} {
		putToken(t, s, resetToken("a"))
		p := newPause()
		first := start(func() error {
			return s.InTx(t.Context(), func(tx domain.Repositories) error {
				err := second(tx.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment))
				p.hold()
				return errors.Join(err, outcome)
			})
		})
		rival := p.during(t, func() error {
			return s.InTx(t.Context(), func(tx domain.Repositories) error {
				return second(tx.EmailTokens().Take(t.Context(), domain.MailReset, "a", moment))
			})
		})
		require.ErrorIs(t, wait(t, first), outcome)
		if err := wait(t, rival); outcome == nil {
			require.ErrorIs(t, err, domain.ErrBadEmailToken)
		} else {
			require.NoError(t, err, "the first was rolled back")
		}
	}
}

func emailTokensPutAtOnce(t *testing.T, s domain.Store) {
	const rivals = 8
	results := make(chan error, rivals)
	for i := range rivals {
		go func() {
			results <- s.InTx(t.Context(), func(tx domain.Repositories) error {
				return tx.EmailTokens().Put(t.Context(), resetToken(fmt.Sprint(i)))
			})
		}()
	}
	for range rivals {
		require.NoError(t, wait(t, results))
	}
	remaining := 0
	for i := range rivals {
		if _, found := findToken(t, s, fmt.Sprint(i)); found {
			remaining++
		}
	}
	require.Equal(t, 1, remaining)
}

func emailTokensOfUser(t *testing.T, s domain.Store) {
	of := func(id string, kind domain.MailKind, subject string, user domain.UserID) domain.EmailToken {
		token := resetToken(id)
		token.Kind, token.Subject, token.UserID = kind, subject, user
		putToken(t, s, token)
		return token
	}
	of("reset", domain.MailReset, "ada@example.org", 0)
	of("signup", domain.MailSignUp, "ada@example.org", 0)
	of("confirm", domain.MailConfirm, "7", 7)
	of("change", domain.MailChange, "7", 7)
	others := []domain.EmailToken{
		of("another address", domain.MailReset, "bob@example.org", 0), of("another user", domain.MailConfirm, "77", 77),
	}
	require.NoError(t, s.EmailTokens().DeleteOfUser(t.Context(), 7, "ADA@example.org"))
	for _, id := range []string{"reset", "signup", "confirm", "change"} {
		requireNoToken(t, s, id)
	}
	for _, token := range others {
		requireToken(t, s, token)
	}
}

func emailTokensSwept(t *testing.T, s domain.Store) {
	for i := range 7 {
		token := resetToken(fmt.Sprint(i))
		token.Subject, token.ExpiresAt = token.ID, moment.Add(time.Duration(i)*time.Microsecond)
		putToken(t, s, token)
	}
	now := moment.Add(4 * time.Microsecond)
	for _, c := range []struct{ limit, want int }{{-1, 0}, {0, 0}, {3, 3}, {3, 2}, {3, 0}} {
		n, err := s.EmailTokens().DeleteExpired(t.Context(), now, c.limit)
		require.NoError(t, err)
		require.Equal(t, c.want, n)
	}
	for i := range 7 {
		exists, err := s.EmailTokens().Extend(t.Context(), fmt.Sprint(i), now)
		require.NoError(t, err)
		require.Equal(t, i > 4, exists)
	}
}
