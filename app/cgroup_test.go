package main

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestCgroupMemory(t *testing.T) {
	t.Parallel()
	const self, v2, v1 = "proc/self/cgroup", "sys/fs/cgroup", "sys/fs/cgroup/memory"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no control groups":       {nil, 0},
		"version 2, in a service": {map[string]string{self: "0::/system.slice/postern.service\n", v2 + "/system.slice/postern.service/memory.max": "536870912\n"}, 512 << 20},
		"version 2, no limit":     {map[string]string{self: "0::/a\n", v2 + "/a/memory.max": "max\n"}, 0},
		"version 2, around it": {map[string]string{
			self: "0::/a/b/c\n", v2 + "/a/b/c/memory.max": "max\n", v2 + "/a/b/memory.max": "2000\n", v2 + "/a/memory.max": "1000\n",
		}, 1000},
		"version 2, in a container":       {map[string]string{self: "0::/\n", v2 + "/memory.max": "1000\n"}, 1000},
		"version 2, outside the own view": {map[string]string{self: "0::/../other\n", v2 + "/memory.max": "1000\n"}, 1000},
		"version 1":                       {map[string]string{self: "5:cpu,cpuacct:/x\n4:memory:/docker/id\n", v1 + "/docker/id/memory.limit_in_bytes": "1000\n"}, 1000},
		"version 1, in a container":       {map[string]string{self: "4:memory:/docker/id\n", v1 + "/memory.limit_in_bytes": "1000\n"}, 1000},
		"version 1, no limit":             {map[string]string{self: "4:memory:/\n", v1 + "/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"version 1, another controller":   {map[string]string{self: "4:cpu:/\n", v1 + "/memory.limit_in_bytes": "1000\n"}, 0},
		"both":                            {map[string]string{self: "4:memory:/a\n0::/a\n", v1 + "/a/memory.limit_in_bytes": "1000\n", v2 + "/a/memory.max": "2000"}, 1000},
		"not a number":                    {map[string]string{self: "0::/\nx\n:\n", v2 + "/memory.max": "-1\n"}, 0},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		require.Equal(t, c.want, cgroupMemory(root), name)
	}
}
