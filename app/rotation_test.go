package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/token"
	client "example.com/postern/api/client/wire"
)

// kid returns the id of the key that signed a token.
func kid(t *testing.T, access string) string {
	t.Helper()
	head, _, _ := strings.Cut(access, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	require.NoError(t, err)
	var header struct{ Kid string }
	require.NoError(t, json.Unmarshal(text, &header))
	return header.Kid
}

// user sends requests to two instances in turn, with the first and the newest access token.
type user struct {
	instances [2]*instance
	first     *client.Token
	requests  *atomic.Int64
}

// sendRequests sends requests until stop is closed. Each must succeed.
func (u *user) sendRequests(t *testing.T, stop <-chan struct{}) (newest string) {
	refresh := u.first.RefreshToken
	for n := 0; ; n++ {
		select {
		case <-stop:
			return newest
		default:
		}
		here, there := u.instances[n%2], u.instances[1-n%2]
		tokens, status := here.refresh(t, refresh)
		if !assertOK(t, status) || !assertOK(t, there.me(t, tokens.AccessToken)) || !assertOK(t, there.me(t, u.first.AccessToken)) {
			return newest
		}
		refresh, newest = tokens.RefreshToken, tokens.AccessToken
		u.requests.Add(3)
	}
}

func assertOK(t *testing.T, status int) bool {
	if status != http.StatusOK {
		t.Errorf("a request failed during the rotation: status %d", status)
	}
	return status == http.StatusOK
}

// TestRotationUnderLoad replaces every key and changes the algorithm while users send requests. The new keys take over after 6
// seconds. With postern keys rotate they take over after 60.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, token.CreateFile(keys, clock().Add(-time.Hour), token.HS256))
	env := map[string]string{"POSTERN_DATABASE_URL": pgtest.Migrated(t, postgres.Migrate), "POSTERN_KEYS_FILE": keys}
	instances := [2]*instance{launch(t, env), launch(t, env)}
	var requests atomic.Int64
	var load sync.WaitGroup
	stop := make(chan struct{})
	stopLoad := sync.OnceFunc(func() { close(stop); load.Wait() })
	defer stopLoad()
	newest := make(chan string, 3)
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		u := &user{instances, instances[0].signUp(t, email), &requests}
		load.Go(func() { newest <- u.sendRequests(t, stop) })
	}
	added, err := token.RotateAllFile(keys, clock().Add(6*time.Second-time.Minute), token.EdDSA)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return published(t, instances[0], added[0].KeyID) && published(t, instances[1], added[0].KeyID)
	}, patience, 50*time.Millisecond)
	var late *client.Token
	require.Eventually(t, func() bool {
		late = instances[1].logIn(t, "a@example.com", goodPassword)
		return kid(t, late.AccessToken) == added[0].KeyID
	}, patience, 100*time.Millisecond)
	before := requests.Load()
	require.Eventually(t, func() bool { return requests.Load() > before+100 }, patience, 10*time.Millisecond)
	stopLoad()
	for range cap(newest) {
		require.Equal(t, added[0].KeyID, kid(t, <-newest))
	}
	for _, s := range instances {
		require.Equal(t, http.StatusOK, s.me(t, late.AccessToken))
		require.NoError(t, s.shutDown())
		require.Equal(t, 1, strings.Count(s.stderr.String(), `"event":"keys_rotated"`))
	}
	t.Logf("%d requests, none failed", requests.Load())
}

// published reports whether the instance publishes the key.
func published(t *testing.T, s *instance, keyID string) bool {
	t.Helper()
	answer, err := s.client(t).GetKeysWithResponse(t.Context())
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, string(answer.Body))
	return strings.Contains(string(answer.Body), keyID)
}
