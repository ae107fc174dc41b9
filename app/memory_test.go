package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTuneCollector is not parallel, because it changes settings of the process.
func TestTuneCollector(t *testing.T) {
	const untouched = 77
	tests := map[string]struct {
		config      config
		environment []string
		percent     int
		limit       func(c config) int64
	}{
		"by default":         {config{WorkMemory: 128}, nil, gcPercent, func(c config) int64 { return c.memoryLimit() }},
		"GOGC is set":        {config{WorkMemory: 128}, []string{"GOGC=100"}, untouched, nil},
		"GOMEMLIMIT is set":  {config{WorkMemory: 128}, []string{"GOMEMLIMIT=1GiB"}, gcPercent, nil},
		"requests unbounded": {config{}, nil, untouched, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			percent, limit := debug.SetGCPercent(untouched), debug.SetMemoryLimit(-1)
			defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
			test.config.tuneCollector(lookUp(test.environment))
			want := limit
			if test.limit != nil {
				want = test.limit(test.config)
			}
			require.Equal(t, want, debug.SetMemoryLimit(-1))
			require.Equal(t, test.percent, debug.SetGCPercent(untouched))
		})
	}
}
