package conformance

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestACommandForALongPassword: the body is too long to be shown, but short without its secret.
func TestACommandForALongPassword(t *testing.T) {
	t.Parallel()
	r := newRunner(&url.URL{Scheme: "http", Host: "h.example"}, specification{}, Options{})
	password := strings.Repeat("s", 2*maxCurl)
	r.addSecret(password, "$PASSWORD")
	command := r.curl(newRequest("POST", "/login", []option{withForm("password", password)}))
	require.True(t, strings.HasSuffix(command, "# 4009 bytes that begin with 'password=$PASSWORD'"), command)
}
