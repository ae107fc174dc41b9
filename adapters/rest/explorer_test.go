package rest_test

import (
	"net/http"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/exploretest"
	"example.com/postern/adapters/rest/resttest"
)

// explorerSteps takes one or two seconds.
const explorerSteps = 3000

// TestExplorer sends requests generated from the contract. They are always the same unless a seed is given:
//
//	POSTERN_EXPLORER_SEED=17 POSTERN_EXPLORER_STEPS=100000 go test -run 'TestExplorer$' ./adapters/rest
func TestExplorer(t *testing.T) {
	t.Parallel()
	seed, steps := fromEnv(t, "POSTERN_EXPLORER_SEED", 1), int(fromEnv(t, "POSTERN_EXPLORER_STEPS", explorerSteps))
	report := explore(t, newService(t).Config.Handler, seed, steps, "")
	for _, finding := range report.Findings {
		t.Errorf("POSTERN_EXPLORER_SEED=%d POSTERN_EXPLORER_STEPS=%d: %s", seed, steps, finding)
	}
	t.Logf("POSTERN_EXPLORER_SEED=%d POSTERN_EXPLORER_STEPS=%d", seed, steps)
	if steps >= explorerSteps {
		requireEveryOperation(t, report)
	}
}

// requireEveryOperation requires that the explorer reached each operation with valid and invalid requests. An explorer that
// reaches little finds little.
func requireEveryOperation(t *testing.T, report exploretest.Report) {
	t.Helper()
	for id, wanted := range map[string][]int{
		"CreateUser": {201, 409, 422}, "Login": {200, 403, 415}, "CreateToken": {200, 400}, "Logout": {204, 401}, "ChangePassword": {204, 403},
		"ListSessions": {200}, "EndSession": {204, 404}, "EndOtherSessions": {204}, "DeleteCurrentUser": {204}, "GetCurrentUser": {200, 401},
		"CreatePost": {201, 400, 401, 415, 422}, "GetPost": {200, 304, 404, 422}, "UpdatePost": {200, 403, 404, 412}, "PatchPost": {200, 403, 412},
		"DeletePost": {204, 403}, "VoteForPost": {204, 404}, "WithdrawVote": {204, 404}, "ListPosts": {200, 422}, "ListOwnPosts": {200, 422},
		"RequestPasswordReset": {202, 422}, "CompletePasswordReset": {403, 422}, "CompleteEmailVerification": {403, 422},
		"RequestEmailVerification": {202, 401}, "ChangeEmail": {202, 401, 403},
	} {
		for _, status := range wanted {
			require.NotZero(t, report.Statuses[id][status], "%s was never %d", id, status)
		}
	}
	require.Greater(t, len(report.Invalid), 50)
}

func explore(t *testing.T, handler http.Handler, seed uint64, steps int, until string) exploretest.Report {
	t.Helper()
	return exploretest.Explore(handler, resttest.Document(t), resttest.Answers(t), seed, steps, until)
}

func fromEnv(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}
