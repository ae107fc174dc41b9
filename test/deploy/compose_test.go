package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// TestCompose checks compose.yaml against the schema of Compose, and that it names files and settings that exist.
func TestCompose(t *testing.T) {
	t.Parallel()
	folder, err := filepath.Abs("../../deploy")
	require.NoError(t, err)
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: types.ToConfigFiles([]string{filepath.Join(folder, "compose.yaml")}),
		Environment: types.Mapping{"POSTERN_JWT_SECRET": "a", "POSTGRES_PASSWORD": "b", "GRAFANA_PASSWORD": "c"},
	})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"grafana", "nginx", "postern", "postgres", "prometheus"}, project.ServiceNames())
	for _, service := range project.Services {
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind && volume.Source != filepath.Join(folder, "tls") {
				_, err := os.Stat(volume.Source)
				require.NoError(t, err, service.Name)
			}
		}
		if service.Image != "" {
			require.Regexp(t, `:v?\d`, service.Image, "an image has a version")
		}
	}
	postern := project.Services["postern"]
	for name := range postern.Environment {
		requireSetting(t, name)
	}
	require.FileExists(t, filepath.Join(postern.Build.Context, postern.Build.Dockerfile))
	require.GreaterOrEqual(t, time.Duration(*postern.StopGracePeriod), longestStop)
	require.True(t, postern.ReadOnly)
}

var setting = regexp.MustCompile("(?m)^\\| `(POSTERN_[A-Z_]+)` \\|")

// requireSetting fails if docs/configuration.md has no such setting.
func requireSetting(t *testing.T, name string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	var settings []string
	others, secrets, found := strings.Cut(string(page), "\n## Secrets\n")
	require.True(t, found)
	for _, row := range setting.FindAllStringSubmatch(others, -1) {
		settings = append(settings, row[1])
	}
	for _, row := range setting.FindAllStringSubmatch(secrets, -1) {
		settings = append(settings, row[1], row[1]+"_FILE")
	}
	require.Contains(t, settings, name)
}
