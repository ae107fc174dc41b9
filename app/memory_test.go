package main

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTuneCollector is not parallel, because it changes settings of the process.
func TestTuneCollector(t *testing.T) {
	const untouched = 77
	budget := config{WorkMemory: 128}
	needed := int64(128+restMemory+runtime.GOMAXPROCS(0)*hashMemory) << 20
	tests := map[string]struct {
		config      config
		environment []string
		machine     int64
		percent     int
		limit       int64 // 0 if it is untouched
		warns       bool
	}{
		"by default":              {budget, nil, 0, gcPercent, 2 * needed, false},
		"GOGC is set":             {budget, []string{"GOGC=100"}, 0, untouched, 2 * needed, false},
		"GOMEMLIMIT is set":       {budget, []string{"GOMEMLIMIT=1GiB"}, 100 << 30, gcPercent, 0, false},
		"both are set":            {budget, []string{"GOMEMLIMIT=1GiB", "GOGC=100"}, 100 << 30, untouched, 0, false},
		"requests unbounded":      {config{}, nil, 0, untouched, 0, false},
		"a large machine":         {budget, nil, 100 << 30, gcPercent, 2 * needed, false},
		"a small machine":         {budget, nil, needed / 2 * 3, gcPercent, needed / 2 * 3 / 10 * 9, false},
		"too small a machine":     {budget, nil, 100 << 20, gcPercent, (100 << 20) / 10 * 9, true},
		"unbounded, on a machine": {config{}, nil, 1 << 30, gcPercent, (1 << 30) / 10 * 9, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			percent, limit := debug.SetGCPercent(untouched), debug.SetMemoryLimit(-1)
			defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
			warning := test.config.tuneCollector(lookUp(test.environment), test.machine)
			want := limit
			if test.limit != 0 {
				want = test.limit
			}
			require.Equal(t, want, debug.SetMemoryLimit(-1))
			require.Equal(t, test.percent, debug.SetGCPercent(untouched))
			require.Equal(t, test.warns, warning != "", warning)
		})
	}
}
