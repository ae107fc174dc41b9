package domaintest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var actionCases = []storeCase{
	{"actions of operators are read newest first, as they were inserted", actionsNewestFirst},
	{"an action is recorded with its transaction, or not at all", actionsInTx},
	{"ending every session ends all, starts an epoch without skipping ids, and is recorded", endEverySession},
	{"a new epoch is recorded", epochRecorded},
}

func newestActions(t *testing.T, r domain.Repositories, limit int) []domain.OperatorAction {
	t.Helper()
	actions, err := r.Actions().Newest(t.Context(), limit)
	require.NoError(t, err)
	return actions
}

// action returns an action that was done some seconds after moment.
func action(name domain.OperatorActionName, target int64, seconds int) domain.OperatorAction {
	return domain.OperatorAction{At: moment.Add(time.Duration(seconds) * time.Second), By: "root ünïcode", Name: name, Target: target}
}

func actionsNewestFirst(t *testing.T, s domain.Store) {
	require.Empty(t, newestActions(t, s, 10))
	first, last := action(domain.ActionSuspendUser, 7, 0), action(domain.ActionHidePost, domain.MaxID, 2)
	middle := action(domain.ActionEndEverySession, 0, 1)
	for _, a := range []domain.OperatorAction{first, last, middle, first} { // a clock may be set back, and one may act twice
		require.NoError(t, s.Actions().Insert(t.Context(), a))
	}
	want := []domain.OperatorAction{last, middle, first, first}
	for limit := range 5 {
		require.ElementsMatch(t, want[:limit], newestActions(t, s, limit))
	}
	require.Equal(t, want, newestActions(t, s, 100))
	require.Empty(t, newestActions(t, s, -1))
}

func actionsInTx(t *testing.T, s domain.Store) {
	a := action(domain.ActionRestoreUser, 7, 0)
	for _, failure := range []error{errors.New("it fails"), nil} {
		require.Equal(t, failure, s.InTx(t.Context(), func(tx domain.Repositories) error {
			require.NoError(t, tx.Actions().Insert(t.Context(), a))
			require.Equal(t, []domain.OperatorAction{a}, newestActions(t, tx, 10))
			return failure
		}))
		require.Len(t, newestActions(t, s, 10), map[bool]int{true: 1}[failure == nil])
	}
}

func endEverySession(t *testing.T, s domain.Store) {
	before := epochOf(t, s)
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	for range 3 {
		openSession(t, s, ada)
	}
	openSession(t, s, bob)
	a := action(domain.ActionEndEverySession, 0, 0)
	for _, want := range []int{4, 0} {
		ended, err := s.EndEverySession(t.Context(), a)
		require.NoError(t, err)
		require.Equal(t, want, ended)
		after := epochOf(t, s)
		require.NotEqual(t, before.ID, after.ID)
		require.False(t, after.First)
		before = after
	}
	require.Empty(t, live(t, s, ada.ID))
	require.Empty(t, live(t, s, bob.ID))
	require.Less(t, int64(newUser(t, s, "eve@example.org").ID), int64(domain.EpochIDStep))
	require.Less(t, int64(newPost(t, s, ada.ID, "text").ID), int64(domain.EpochIDStep))
	require.Equal(t, []domain.OperatorAction{a, a}, newestActions(t, s, 10))
	openSession(t, s, ada)
}

func epochRecorded(t *testing.T, s domain.Store) {
	a := action(domain.ActionNewEpoch, 0, 0)
	_, err := s.NewEpoch(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, []domain.OperatorAction{a}, newestActions(t, s, 10))
}
