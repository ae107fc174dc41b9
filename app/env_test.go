package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kubernetesVariables are the variables in a container beside the Services postern (ports 80 and http) and postern-db.
var kubernetesVariables = []string{
	"POSTERN_SERVICE_HOST=10.96.0.10", "POSTERN_SERVICE_PORT=80", "POSTERN_SERVICE_PORT_HTTP=80",
	"POSTERN_PORT=tcp://10.96.0.10:80", "POSTERN_PORT_80_TCP=tcp://10.96.0.10:80", "POSTERN_PORT_80_TCP_PROTO=tcp",
	"POSTERN_PORT_80_TCP_PORT=80", "POSTERN_PORT_80_TCP_ADDR=10.96.0.10", "POSTERN_PORT_53_UDP=udp://10.96.0.10:53",
	"POSTERN_DB_SERVICE_HOST=fd00::1", "POSTERN_DB_SERVICE_PORT=5432", "POSTERN_DB_SERVICE_PORT_PG_MAIN=5432",
	"POSTERN_DB_PORT=tcp://[fd00::1]:5432", "POSTERN_DB_PORT_5432_TCP=tcp://[fd00::1]:5432",
	"POSTERN_DB_PORT_5432_TCP_PROTO=tcp", "POSTERN_DB_PORT_5432_TCP_PORT=5432", "POSTERN_DB_PORT_5432_TCP_ADDR=fd00::1",
	"POSTERN_2_PORT=sctp://10.96.0.11:7", "POSTERN_2_PORT_7_SCTP_ADDR=10.96.0.11",
}

func TestVariablesOfKubernetesAreIgnored(t *testing.T) {
	t.Parallel()
	code, _, stderr := postern(t, kubernetesVariables, "version")
	require.Zero(t, code, stderr)
}

// TestNoSettingLooksLikeAVariableOfKubernetes matters because the name of a Service in Kubernetes can be anything.
func TestNoSettingLooksLikeAVariableOfKubernetes(t *testing.T) {
	t.Parallel()
	names, err := variableNames()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.False(t, isServiceVariable(name, "tcp://10.96.0.10:80"), name)
	}
}

func TestVariablesThatResembleThoseOfKubernetesAreRefused(t *testing.T) {
	t.Parallel()
	for entry, says := range map[string]string{
		"POSTERN_PORT=" + canary:             "POSTERN_PORT is not a setting: the port is part of POSTERN_ADDR, such as 127.0.0.1:8080 or :8080",
		"POSTERN_PORT=":                      "POSTERN_PORT is not a setting: the port is part of POSTERN_ADDR, such as 127.0.0.1:8080 or :8080",
		"POSTERN_DB_PORT=" + canary:          "POSTERN_DB_PORT is not a setting; see postern --help",
		"POSTERN_SERVICE_HOSTS=" + canary:    "POSTERN_SERVICE_HOSTS is not a setting; see postern --help",
		"POSTERN_PORT_HTTP=" + canary:        "POSTERN_PORT_HTTP is not a setting; see postern --help",
		"POSTERN_PORT_80_TCP_HOST=" + canary: "POSTERN_PORT_80_TCP_HOST is not a setting; see postern --help",
		"POSTERN_service_host=" + canary:     "POSTERN_service_host is not a setting; see postern --help",
	} {
		code, _, stderr := postern(t, []string{entry}, "version")
		require.Equal(t, exitUsage, code)
		require.Equal(t, "postern: "+says, strings.TrimSpace(stderr))
	}
}
