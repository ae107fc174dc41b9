package client

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer is how many octets of an answer are read at most. A page of the longest posts has fewer.
const maxAnswer = 64 << 20

// API is a Postern server and what anyone may do there. It is safe for concurrent use.
type API struct {
	base      string
	raw       *ClientWithResponses
	client    *http.Client
	retry     Retry
	userAgent string
}

// Option is a choice for New.
type Option func(*API)

// UseClient sends requests by way of c. By default, they are sent by one that gives a single attempt 30 seconds and follows no
// redirects, as Postern makes none and they could lead passwords astray.
func UseClient(c *http.Client) Option { return func(a *API) { a.client = c } }

// UseRetry replaces DefaultRetry.
func UseRetry(r Retry) Option { return func(a *API) { a.retry = r } }

// UseUserAgent says who is calling. Users see it in the list of their sessions. The default is "postern-go".
func UseUserAgent(name string) Option { return func(a *API) { a.userAgent = name } }

// New returns the API at baseURL, an absolute http or https URL without query; anything else is an error. It sends nothing yet.
func New(baseURL string, options ...Option) (*API, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("client: the base URL must be an absolute http or https URL")
	}
	a := &API{base: base.String(), retry: DefaultRetry, userAgent: "postern-go", client: &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, option := range options {
		option(a)
	}
	a.raw, err = NewClientWithResponses(a.base, WithHTTPClient(doer(a.send)))
	return a, err
}

// Raw returns the generated client, with every operation. It retries as the API does, and sends no token.
func (a *API) Raw() *ClientWithResponses { return a.raw }

// doer is a function that sends requests for the generated client.
type doer func(*http.Request) (*http.Response, error)

// Do sends a request.
func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }
