package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSystemdUnit: systemd understands each line of the unit, and rates its exposure at most 1.5 of 10.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../deploy/postern.service")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`POSTERN_\w+`).FindAllString(strings.ReplaceAll(string(content), "POSTERN_NAME", ""), -1) {
		requireSetting(t, found)
	}
	require.Contains(t, string(content), "\nMemoryMax=")
	require.Contains(t, string(content), "\nTimeoutStopSec=40s\n", "longer than a stop may take")

	program, err := os.Executable() // systemd requires that the program exists
	require.NoError(t, err)
	unit := filepath.Join(t.TempDir(), "postern.service")
	installed := strings.ReplaceAll(string(content), "/usr/local/bin/postern", program)
	require.NoError(t, os.WriteFile(unit, []byte(installed), 0o600))

	output, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput()
	require.NoError(t, err, string(output))
	require.Empty(t, string(output), "systemd warns")
	output, err = exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager", unit).CombinedOutput()
	require.NoError(t, err, string(output))
}
