package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// longestStop is how long a stop may take, with a margin.
const longestStop = 40 * time.Second

// manifests are the objects of deploy/kubernetes.
type manifests struct {
	deployment apps.Deployment
	job        batch.Job
	service    core.Service
	budget     policy.PodDisruptionBudget
	network    networking.NetworkPolicy
}

// readManifests decodes each document of deploy/kubernetes into the type of its kind. Unknown and double members are errors.
func readManifests(t *testing.T) *manifests {
	t.Helper()
	m := &manifests{}
	targets := map[string]any{
		"apps/v1 Deployment": &m.deployment, "batch/v1 Job": &m.job, "v1 Service": &m.service,
		"policy/v1 PodDisruptionBudget": &m.budget, "networking.k8s.io/v1 NetworkPolicy": &m.network,
	}
	paths, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	require.NoError(t, err)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(string(content), -1) {
			var kind struct{ APIVersion, Kind string }
			require.NoError(t, yaml.Unmarshal([]byte(document), &kind))
			key := kind.APIVersion + " " + kind.Kind
			require.Contains(t, targets, key, path)
			require.NoError(t, yaml.UnmarshalStrict([]byte(document), targets[key]), path)
			delete(targets, key)
		}
	}
	require.Empty(t, targets, "each kind exists once")
	return m
}

// requireHardened: the pod has no rights, a read-only root, bounded resources, settings that exist, and mounts its secrets.
func requireHardened(t *testing.T, pod core.PodSpec) core.Container {
	t.Helper()
	require.False(t, *pod.AutomountServiceAccountToken)
	require.True(t, *pod.SecurityContext.RunAsNonRoot)
	require.Equal(t, core.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type)
	require.Len(t, pod.Volumes, 1)
	require.NotEmpty(t, pod.Volumes[0].Secret.SecretName)
	require.Equal(t, int32(0o440), *pod.Volumes[0].Secret.DefaultMode, "Postern refuses secrets that others may read")
	require.Len(t, pod.Containers, 1)
	container := pod.Containers[0]
	require.Equal(t, pod.Volumes[0].Name, container.VolumeMounts[0].Name)
	require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem)
	require.False(t, *container.SecurityContext.AllowPrivilegeEscalation)
	require.Equal(t, []core.Capability{"ALL"}, container.SecurityContext.Capabilities.Drop)
	for _, resource := range []core.ResourceName{core.ResourceCPU, core.ResourceMemory} {
		request, limit := container.Resources.Requests[resource], container.Resources.Limits[resource]
		require.Positive(t, request.Sign())
		require.GreaterOrEqual(t, limit.Cmp(request), 0)
	}
	for _, variable := range container.Env {
		requireSetting(t, variable.Name)
	}
	return container
}

func TestKubernetesPods(t *testing.T) {
	t.Parallel()
	m := readManifests(t)
	server := requireHardened(t, m.deployment.Spec.Template.Spec)
	migration := requireHardened(t, m.job.Spec.Template.Spec)
	require.Equal(t, server.Image, migration.Image)
	require.Equal(t, []string{"migrate"}, migration.Args)
	require.Equal(t, core.RestartPolicyNever, m.job.Spec.Template.Spec.RestartPolicy)

	grace := time.Duration(*m.deployment.Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
	require.GreaterOrEqual(t, grace, longestStop)
	ready := server.ReadinessProbe
	settings := map[string]string{}
	for _, variable := range server.Env {
		settings[variable.Name] = variable.Value
	}
	drain, err := time.ParseDuration(settings["POSTERN_DRAIN_DELAY"])
	require.NoError(t, err)
	require.GreaterOrEqual(t, drain, time.Duration(ready.PeriodSeconds*ready.FailureThreshold)*time.Second, "a drain is noticed in time")
	require.Equal(t, "/readyz", server.StartupProbe.HTTPGet.Path)
	require.Equal(t, "/readyz", ready.HTTPGet.Path)
	require.Equal(t, "/healthz", server.LivenessProbe.HTTPGet.Path)
	require.Equal(t, "0.0.0.0:8080", settings["POSTERN_ADDR"])
	require.Equal(t, "0.0.0.0:9090", settings["POSTERN_METRICS_ADDR"])
	require.Equal(t, []core.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "metrics", ContainerPort: 9090}}, server.Ports)
}

func TestKubernetesSelectors(t *testing.T) {
	t.Parallel()
	m := readManifests(t)
	server, migration := m.deployment.Spec.Template.Labels, m.job.Spec.Template.Labels
	for name, selector := range map[string]map[string]string{
		"deployment": m.deployment.Spec.Selector.MatchLabels, "service": m.service.Spec.Selector, "budget": m.budget.Spec.Selector.MatchLabels,
	} {
		require.Equal(t, server, selector, name)
		require.NotEqual(t, migration, selector, name)
	}
	for label, value := range m.network.Spec.PodSelector.MatchLabels {
		require.Equal(t, value, server[label])
		require.Equal(t, value, migration[label])
	}
	require.Len(t, m.network.Spec.PolicyTypes, 2)
	require.Less(t, m.budget.Spec.MinAvailable.IntVal, *m.deployment.Spec.Replicas)
	for _, port := range m.service.Spec.Ports {
		require.Equal(t, port.Name, port.TargetPort.StrVal)
	}
}
