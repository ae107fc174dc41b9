//go:build bench

// Package bench compares the service with a floor: a bare net/http server on the same store. "make bench-http" runs it.
package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

const (
	root    = "../.." // the root of the service's module
	posts   = 2000
	rounds  = 3
	period  = 4 * time.Second // the duration of a run
	workers = 16
	crowd   = 64 // the workers of the heaviest load
)

// cases are the measured cases, with the requests that they send.
var cases = []struct {
	name    string
	targets func(base string, header http.Header) []target
}{
	{"GET one", getOnes},
	{"list of 20", func(base string, header http.Header) []target {
		return []target{{Method: "GET", URL: base + "/posts", Header: header}}
	}},
	{"search", func(base string, header http.Header) []target {
		return []target{{Method: "GET", URL: base + "/posts?search=brown", Header: header}}
	}},
	{"create", creates},
	{"login", logIns},
}

func getOnes(base string, header http.Header) (targets []target) {
	for id := 1; id <= posts; id += 7 {
		targets = append(targets, target{Method: "GET", URL: base + "/posts/" + strconv.Itoa(id), Header: header})
	}
	return targets
}

const text = "The quick brown fox jumps over the lazy dog. "

func creates(base string, header http.Header) []target {
	header = header.Clone()
	header.Set("Content-Type", "application/json")
	body := `{"title":"A title of some words","content":"` + strings.Repeat(text, 10) + `"}`
	return []target{{Method: "POST", URL: base + "/posts", Body: encode(body), Header: header}}
}

func logIns(base string, _ http.Header) []target { return []target{logInTarget(base, email)} }

func logInTarget(base, email string) target {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return target{Method: "POST", URL: base + "/login", Body: encode(url.Values{"username": {email}, "password": {password}}.Encode()), Header: header}
}

// BenchmarkHTTP prints the table of docs/benchmarks.md. Its figures are ratios within one run.
func BenchmarkHTTP(b *testing.B) {
	service, floor, gin := build(b, root, "./app"), build(b, ".", "./floor"), build(b, ".", "./gin")
	l := newLoad(b)
	fmt.Println("| store | case | CPU per request, service | floor | ratio | database, service | floor | requests/s, service | floor |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, store := range []string{"SQLite", "PostgreSQL"} {
		env, args, database := newStore(b, store)
		env = append(env, "POSTERN_WORK_REQUESTS=0") // an address may not have all places, and all load comes from one
		measure(b, l, store, database, start(b, env, service), func() server { return start(b, nil, floor, args...) })
		if database != "" {
			compare(b, l, database, start(b, nil, gin, args...))
		}
	}
}

// compare prints the figures of another server, on the database that the service has filled.
func compare(b *testing.B, l load, database string, other server) {
	header := logIn(b, other.url)
	for _, c := range cases {
		if c.name == "search" || c.name == "login" {
			continue // the other server has neither
		}
		var found figures
		for range rounds {
			l.measure(&found, other, database, c.targets(other.url, header))
		}
		cpu, db, rate := found.line()
		fmt.Printf("| PostgreSQL | %s, gin and gorm | %.0f us | | | %.0f us | | %.0f | |\n", c.name, cpu, db, rate)
	}
}

func newStore(b *testing.B, name string) (env, floorArgs []string, database string) {
	b.Helper()
	folder := filepath.Join(b.TempDir(), "data")
	env = []string{
		"POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATA_DIR=" + folder, "POSTERN_JWT_SECRET=k7Vt0dQ3m9XwZr5LhYp2Ns8GfBc4JuEa",
		"POSTERN_WRITES_BURST=0", // all requests come from one account
	}
	if name == "SQLite" {
		return env, []string{"-sqlite", filepath.Join(folder, "postern.db")}, ""
	}
	database = pgtest.NewServer(b).URL()
	return append(env, "POSTERN_DATABASE_URL="+database), []string{"-postgres", database}, database
}

// figures are the results of one case, one value per run.
type figures struct{ cpu, database, rate []float64 }

func (f *figures) line() (cpu, database, rate float64) {
	return median(f.cpu), median(f.database), median(f.rate)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func measure(b *testing.B, l load, store, database string, service server, startFloor func() server) {
	signUp(b, service.url)
	header := logIn(b, service.url)
	filled := l.attack(creates(service.url, header), 0, workers, 100*time.Millisecond)
	for filled.Requests < posts {
		filled.Requests += l.attack(creates(service.url, header), 0, workers, time.Second).Requests
	}
	floor := startFloor()
	floorHeader := logIn(b, floor.url)
	for _, c := range cases {
		var ours, least figures
		for range rounds {
			l.measure(&ours, service, database, c.targets(service.url, header))
			l.measure(&least, floor, database, c.targets(floor.url, floorHeader))
		}
		cpu, db, rate := ours.line()
		floorCPU, floorDB, floorRate := least.line()
		fmt.Printf("| %s | %s | %.0f us | %.0f us | %.2f | %.0f us | %.0f us | %.0f | %.0f |\n", store, c.name, cpu, floorCPU, cpu/floorCPU, db, floorDB, rate, floorRate)
	}
	for name, s := range map[string]server{"service": service, "floor": floor} {
		done := make(chan struct{})
		go func() { defer close(done); l.attack(logIns(s.url, nil), 0, crowd, period+2*time.Second) }()
		found := l.attack(getOnes(s.url, map[string]http.Header{"service": header, "floor": floorHeader}[name]), 100, crowd, period)
		<-done
		fmt.Printf("| %s | GET one beside %d logins, %s: p50 %s, p99 %s |\n", store, crowd, name, found.Latencies.P50, found.Latencies.P99)
	}
}

// measure adds the figures of one run.
func (l load) measure(f *figures, s server, database string, targets []target) {
	l.b.Helper()
	l.attack(targets, 0, workers, period/8) // opens connections and fills caches
	server, backend := cpu(l.b, s.pid), cpu(l.b, databaseProcesses(l.b, database)...)
	found := l.attack(targets, 0, workers, period)
	server, backend = cpu(l.b, s.pid)-server, cpu(l.b, databaseProcesses(l.b, database)...)-backend
	good := found.StatusCodes["200"] + found.StatusCodes["201"]
	require.Greater(l.b, good, found.Requests*9/10, "%v", found.StatusCodes)
	n := float64(found.Requests)
	f.cpu = append(f.cpu, float64(server.Microseconds())/n)
	f.database = append(f.database, float64(backend.Microseconds())/n)
	f.rate = append(f.rate, float64(found.Requests)/period.Seconds())
}
