package domaintest

import (
	"context"
	"time"

	"example.com/postern/domain"
)

type emailTokens struct{ access }

func (r emailTokens) Put(ctx context.Context, token domain.EmailToken) error {
	return r.write(ctx, func(t *tables) error {
		for id, kept := range t.emailTokens {
			if kept.Kind == token.Kind && kept.Subject == token.Subject {
				delete(t.emailTokens, id)
			}
		}
		t.emailTokens[token.ID] = token
		return nil
	})
}

func (r emailTokens) Find(
	ctx context.Context, kind domain.MailKind, id string, now time.Time,
) (token domain.EmailToken, err error) {
	err = r.read(ctx, func(t *tables) error {
		kept, found := t.emailTokens[id]
		if !found || kept.Kind != kind || !kept.ExpiresAt.After(now) {
			return domain.ErrBadEmailToken
		}
		token = kept
		return nil
	})
	return token, err
}

func (r emailTokens) Extend(ctx context.Context, id string, expires time.Time) (exists bool, err error) {
	err = r.write(ctx, func(t *tables) error {
		token, found := t.emailTokens[id]
		if exists = found; exists {
			token.ExpiresAt = expires
			t.emailTokens[id] = token
		}
		return nil
	})
	return exists && err == nil, err
}

func (r emailTokens) Take(
	ctx context.Context, kind domain.MailKind, id string, now time.Time,
) (token domain.EmailToken, err error) {
	err = r.write(ctx, func(t *tables) error {
		kept, found := t.emailTokens[id]
		if !found || kept.Kind != kind || !kept.ExpiresAt.After(now) {
			return domain.ErrBadEmailToken
		}
		token = kept
		delete(t.emailTokens, id)
		return nil
	})
	return token, err
}

func (r emailTokens) DeleteOfUser(ctx context.Context, user domain.UserID, e domain.Email) error {
	return r.write(ctx, func(t *tables) error {
		for id, kept := range t.emailTokens {
			if kept.UserID == user && user != 0 || kept.Subject == e.Key() {
				delete(t.emailTokens, id)
			}
		}
		return nil
	})
}

func (r emailTokens) DeleteExpired(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		n = removeSome(t.emailTokens, limit, func(token domain.EmailToken) bool { return !token.ExpiresAt.After(now) })
		return nil
	})
	return n, err
}

// EmailTokensOf returns all tokens that name a user.
func (s *Store) EmailTokensOf(user domain.UserID) (tokens []domain.EmailToken) {
	for _, token := range s.snapshot().emailTokens {
		if token.UserID == user {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// EmailTokenID returns the ID of the token of a kind and subject, or "".
func (s *Store) EmailTokenID(kind domain.MailKind, subject string) string {
	for id, token := range s.snapshot().emailTokens {
		if token.Kind == kind && token.Subject == subject {
			return id
		}
	}
	return ""
}
