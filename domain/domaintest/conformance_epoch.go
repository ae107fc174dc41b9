package domaintest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var epochCases = []storeCase{
	{"a new store has its own epoch, which does not change", epochStays},
	{"a new epoch differs from the last one and is not the first", epochRenewed},
	{"a new epoch ends every session", epochEndsSessions},
	{"a new epoch deletes the mails that wait", epochDeletesMails},
	{"a new epoch deletes e-mail tokens", epochDeletesEmailTokens},
	{"a new epoch skips ids", epochSkipsIDs},
	{"a new epoch changes nothing else", epochKeepsTheRest},
	{"of many concurrent new epochs the last one remains", epochsAtOnce},
}

func epochOf(t *testing.T, r domain.Repositories) domain.Epoch {
	t.Helper()
	epoch, err := r.Epoch(t.Context())
	require.NoError(t, err)
	return epoch
}

func renewEpoch(t *testing.T, s domain.Store) domain.Epoch {
	t.Helper()
	epoch, err := s.NewEpoch(t.Context(), domain.OperatorAction{})
	require.NoError(t, err)
	require.Equal(t, epoch, epochOf(t, s))
	return epoch
}

func epochDeletesEmailTokens(t *testing.T, s domain.Store) {
	putToken(t, s, resetToken("a"))
	renewEpoch(t, s)
	requireNoToken(t, s, "a")
}

func epochStays(t *testing.T, s domain.Store) {
	epoch := epochOf(t, s)
	require.GreaterOrEqual(t, len(epoch.ID), 26, "128 bits as text")
	require.False(t, epoch.First, "the store never issued a token without an epoch")
	newUser(t, s, "ada@example.org")
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		require.Equal(t, epoch, epochOf(t, tx))
		return nil
	}))
	require.Equal(t, epoch, epochOf(t, s))
}

func epochRenewed(t *testing.T, s domain.Store) {
	seen := map[string]bool{epochOf(t, s).ID: true}
	for range 3 {
		epoch := renewEpoch(t, s)
		require.False(t, epoch.First)
		require.GreaterOrEqual(t, len(epoch.ID), 26)
		require.NotContains(t, seen, epoch.ID)
		seen[epoch.ID] = true
		require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
			require.Equal(t, epoch, epochOf(t, tx))
			return nil
		}))
	}
}

func epochEndsSessions(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	var sessions []domain.Session
	for _, user := range []domain.User{ada, ada, bob} {
		sessions = append(sessions, openSession(t, s, user))
	}
	renewEpoch(t, s)
	require.Empty(t, live(t, s, ada.ID))
	require.Empty(t, live(t, s, bob.ID))
	for _, session := range sessions {
		_, err := s.Sessions().ByID(t.Context(), session.ID)
		require.ErrorIs(t, err, domain.ErrSessionNotFound)
		refreshed, err := s.Sessions().Refresh(t.Context(), session, session.RefreshCount)
		require.NoError(t, err)
		require.False(t, refreshed)
	}
	openSession(t, s, ada)
	require.Len(t, live(t, s, ada.ID), 1)
}

// A restored outbox would send mails again.
func epochDeletesMails(t *testing.T, s domain.Store) {
	addMail(t, s, "waiting", moment)
	addMail(t, s, "buried", moment)
	require.NoError(t, s.Outbox().Bury(t.Context(), "buried", moment))
	renewEpoch(t, s)
	require.Equal(t, domain.OutboxCount{}, countMails(t, s))
}

func epochSkipsIDs(t *testing.T, s domain.Store) {
	renewEpoch(t, s) // before any id was generated
	user := newUser(t, s, "ada@example.org")
	post := newPost(t, s, user.ID, "text")
	require.Greater(t, int64(user.ID), int64(domain.EpochIDStep))
	require.Greater(t, int64(post.ID), int64(domain.EpochIDStep))
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
	renewEpoch(t, s)
	require.Greater(t, newUser(t, s, "bob@example.org").ID, user.ID+domain.EpochIDStep)
	require.Greater(t, newPost(t, s, user.ID, "text").ID, post.ID+domain.EpochIDStep)
}

func epochKeepsTheRest(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	post := newPost(t, s, user.ID, "text")
	ended := openSession(t, s, user)
	_, err := s.Sessions().End(t.Context(), user.ID, ended.ID, moment)
	require.NoError(t, err)
	renewEpoch(t, s)
	requireStored(t, s, post)
	require.Equal(t, "hash of ada@example.org", hashOf(t, s, "ada@example.org"))
	require.True(t, isEnded(t, s, ended.ID))
}

func epochsAtOnce(t *testing.T, s domain.Store) {
	const rivals = 4
	var made [rivals]domain.Epoch
	var results [rivals]<-chan error
	for i := range rivals {
		results[i] = start(func() (err error) {
			made[i], err = s.NewEpoch(t.Context(), domain.OperatorAction{})
			return err
		})
	}
	for _, result := range results {
		require.NoError(t, wait(t, result))
	}
	require.Contains(t, made, epochOf(t, s))
	require.Greater(t, int64(newUser(t, s, "ada@example.org").ID), int64(rivals*domain.EpochIDStep))
}
