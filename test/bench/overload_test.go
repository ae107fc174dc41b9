//go:build bench

package bench

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	overload     = 5 // the offered load, in multiples of the peak
	overloadTime = 20 * time.Second
	peakTime     = 3 * time.Second
	recoverTime  = 2 * time.Second // from the end of the overload to the next measurement
	serverCore   = "0"             // the core of the server and of PostgreSQL
	clientCore   = "1"             // the core of the load generator
)

var loads = []struct {
	name    string
	targets func(base string, header http.Header) []target
}{
	{"mix", mix},
	{"login", logInMany},
}

const accounts = 50

// logInMany logs in to several accounts in turn, because parallel logins to one account wait for each other.
func logInMany(base string, _ http.Header) (targets []target) {
	for i := range accounts {
		targets = append(targets, logInTarget(base, account(i)))
	}
	return targets
}

func account(i int) string { return fmt.Sprintf("user%d@example.com", i) }

// mix reads posts, reads lists and writes posts, in equal parts.
func mix(base string, header http.Header) (targets []target) {
	for _, one := range getOnes(base, header) {
		targets = append(targets, one, target{Method: "GET", URL: base + "/posts", Header: header}, creates(base, header)[0])
	}
	return targets
}

// BenchmarkOverload prints the table "Overload" of docs/benchmarks.md. The server and the load generator have a core each,
// so that they do not slow each other down.
func BenchmarkOverload(b *testing.B) {
	service := build(b, root, "./app")
	fmt.Println("| store | load | peak/s | offered/s | goodput/s | ratio | accepted p50, p99 | refused/s | refused p50, p99 | without Retry-After | unsent | failed | generator CPU | probes, worst | probes failed | after 2 s, of peak | refused then |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, store := range []string{"SQLite", "PostgreSQL"} {
		env, _, database := newStore(b, store)
		server := start(b, env, "taskset", "-c", serverCore, service)
		for _, pid := range databaseProcesses(b, database) {
			pin(b, pid, serverCore)
		}
		signUp(b, server.url)
		for i := range accounts {
			signUpAs(b, server.url, account(i))
		}
		header := logIn(b, server.url)
		newLoad(b).attack(creates(server.url, header), 0, workers, time.Second)
		for _, l := range loads {
			overrun(b, store, l.name, server.url, l.targets(server.url, header))
		}
	}
}

// pin binds a process, and the processes that it starts later, to a core.
func pin(b *testing.B, pid int, core string) {
	b.Helper()
	output, err := exec.Command("taskset", "-a", "-c", "-p", core, strconv.Itoa(pid)).CombinedOutput()
	require.NoError(b, err, string(output))
}

// overrun finds the peak, offers a multiple of it, and then measures the peak again. It prints one line.
func overrun(b *testing.B, store, name, base string, targets []target) {
	c := newClient(b, base, targets)
	var peak float64
	var best int
	for _, n := range []int{workers, crowd} {
		c.closedLoop(n, time.Second)
		if rate := c.closedLoop(n, peakTime).rate(ok, peakTime); rate > peak {
			peak, best = rate, n
		}
	}
	probing := probe(base)
	used := cpu(b, os.Getpid())
	all := c.openLoop(overload*peak, overloadTime)
	used = cpu(b, os.Getpid()) - used
	time.Sleep(recoverTime)
	worst, failedProbes := probing()
	after := c.closedLoop(best, peakTime)
	accepted, refused := all.of(ok), all.of(busy)
	fmt.Printf("| %s | %s | %.0f | %.0f | %.0f | %.2f | %s | %.0f | %s | %d | %d | %d | %.0f%% | %s | %d | %.2f | %d |\n",
		store, name, peak, float64(len(all))/overloadTime.Seconds(), all.rate(ok, overloadTime), all.rate(ok, overloadTime)/peak,
		quantiles(accepted), all.rate(busy, overloadTime), quantiles(refused), len(all.of(silent)), len(all.of(unsent)), len(all.of(failed)), 100*used.Seconds()/overloadTime.Seconds(),
		worst.Round(time.Millisecond), failedProbes, after.rate(ok, peakTime)/peak, len(after)-len(after.of(ok)))
}

func quantiles(latencies []time.Duration) string {
	if len(latencies) == 0 {
		return "none"
	}
	slices.Sort(latencies)
	at := func(q int) time.Duration { return latencies[(len(latencies)-1)*q/100].Round(time.Millisecond) }
	return fmt.Sprintf("%s, %s", at(50), at(99))
}

// probe requests /healthz and /readyz ten times a second until stop is called. Then stop returns the duration of the slowest
// answer, and the number of answers other than 200.
func probe(base string) (stop func() (worst time.Duration, failures int)) {
	end, done := make(chan struct{}), make(chan struct{})
	var worst time.Duration
	var failures int
	client := &http.Client{Timeout: 10 * time.Second}
	go func() {
		defer close(done)
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticker.C:
			}
			for _, path := range []string{"/healthz", "/readyz"} {
				begun := time.Now()
				answer, err := client.Get(base + path)
				worst = max(worst, time.Since(begun))
				if err != nil || answer.StatusCode != http.StatusOK {
					failures++
				}
				if err == nil {
					_ = answer.Body.Close()
				}
			}
		}
	}()
	return func() (time.Duration, int) {
		close(end)
		<-done
		return worst, failures
	}
}
