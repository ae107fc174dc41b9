package domain_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var kinds = []error{
	domain.ErrInvalid, domain.ErrUnauthenticated, domain.ErrForbidden, domain.ErrNotFound, domain.ErrConflict, domain.ErrTooMany,
	domain.ErrBusy, domain.ErrPrecondition,
}

var named = []*domain.Error{
	domain.ErrNotAuthenticated, domain.ErrBadToken, domain.ErrInvalidCredentials, domain.ErrEmailTaken, domain.ErrUserNotFound,
	domain.ErrPostNotFound, domain.ErrNotPostOwner, domain.ErrHasherBusy, domain.ErrOutcomeUnknown, domain.ErrStoreUnavailable,
	domain.ErrPostChanged, domain.ErrSearchTooSlow, domain.ErrSearchBusy, domain.ErrExportRunning, domain.ErrExportBusy,
	domain.ErrIdempotencyKeyReused, domain.ErrIdempotencyInProgress,
	domain.ErrIdempotencyKeyTaken, domain.ErrNoIdempotencyRecord,
	domain.ErrPasswordChanged, domain.ErrAccountSuspended, domain.ErrBadRefreshToken, domain.ErrReauthentication, domain.ErrSessionNotFound,
}

func TestEveryNamedErrorIsInTheseTests(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	require.Len(t, named, strings.Count(string(source), "= &Error{"))
}

func TestANamedErrorHasOneKindAndItsOwnCode(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, e := range named {
		require.NotEmpty(t, e.Code)
		if e != domain.ErrSearchBusy && e != domain.ErrExportBusy { // they share their code: for a program they are the same
			require.False(t, codes[e.Code], "%s is used twice", e.Code)
		}
		codes[e.Code] = true
		require.NotEmpty(t, e.Error())

		matches := 0
		for _, kind := range kinds {
			if errors.Is(e, kind) {
				matches++
			}
		}
		require.Equal(t, 1, matches, e.Code)
		again := errors.Is(e, domain.ErrBusy) || e == domain.ErrExportRunning || e == domain.ErrIdempotencyInProgress
		require.Equal(t, again, e.RetryAfter > 0, "%s: who is busy says when to come again", e.Code)
	}
}

func TestAWrappedErrorKeepsNameAndKind(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("twice: %w", fmt.Errorf("once: %w", domain.ErrPostNotFound))
	require.ErrorIs(t, err, domain.ErrPostNotFound)
	require.ErrorIs(t, err, domain.ErrNotFound)
	require.NotErrorIs(t, err, domain.ErrUserNotFound)
	var found *domain.Error
	require.ErrorAs(t, err, &found)
	require.Equal(t, "post_not_found", found.Code)
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	require.NoError(t, domain.Invalid())
	title := domain.FieldError{Field: "title", Code: "min_length", Message: "must not be empty"}
	content := domain.FieldError{Field: "content", Code: "min_length", Message: "must not be empty"}
	require.EqualError(t, domain.Invalid(title), "1 field is not valid.")
	err := domain.Invalid(title, content)
	require.EqualError(t, err, "2 fields are not valid.")
	require.ErrorIs(t, err, domain.ErrInvalid)
	requireFields(t, err, "title min_length", "content min_length")
}
