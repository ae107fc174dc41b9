package client

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"example.com/postern/api/client/wire"
)

// maxAnswer is the maximum size of an answer, in bytes. A page of the longest posts is shorter.
const maxAnswer = 64 << 20

// API calls the operations of a Postern server that need no account. It is safe for concurrent use.
type API struct {
	caller

	base      string
	client    *http.Client
	retry     Retry
	userAgent string
}

// Option configures an API.
type Option func(*API)

// UseClient sends requests with c. The default client gives each attempt 30 seconds and follows no redirects: Postern never
// redirects, and a redirect could send a password to another server.
func UseClient(c *http.Client) Option { return func(a *API) { a.client = c } }

// UseRetry replaces DefaultRetry.
func UseRetry(r Retry) Option { return func(a *API) { a.retry = r } }

// UseUserAgent sets the User-Agent header. Users see it in the list of their sessions. The default is "postern-go".
func UseUserAgent(name string) Option { return func(a *API) { a.userAgent = name } }

// New returns the API at baseURL, which must be an absolute http or https URL without a query. It sends nothing.
func New(baseURL string, options ...Option) (*API, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("client: the base URL must start with http:// or https://, name a host and have no query")
	}
	a := &API{base: base.String(), retry: DefaultRetry, userAgent: "postern-go", client: &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, option := range options {
		option(a)
	}
	a.caller, err = newCaller(a.base, a.send)
	return a, err
}

// caller offers what an API and a Session have in common. A session's requests carry its token.
type caller struct{ raw *wire.ClientWithResponses }

func newCaller(base string, send doer) (caller, error) {
	raw, err := wire.NewClientWithResponses(base, wire.WithHTTPClient(send))
	return caller{raw}, err
}

// Raw returns a generated client with every operation. It retries as the other methods do. The client of a session sends the
// session's token and renews it.
func (c *caller) Raw() *wire.ClientWithResponses { return c.raw }

// doer is a function that sends requests for the generated client.
type doer func(*http.Request) (*http.Response, error)

// Do sends a request.
func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }
