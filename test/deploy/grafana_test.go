package deploy_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/require"
)

// TestDashboard checks the dashboard against Grafana's types, and that no panels overlap.
func TestDashboard(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../deploy/grafana/dashboard.json")
	require.NoError(t, err)
	// If there is no error, the value is empty, but not nil.
	require.Empty(t, new(dashboard.Dashboard).UnmarshalJSONStrict(content))
	var board dashboard.Dashboard
	require.NoError(t, json.Unmarshal(content, &board))
	require.Empty(t, board.Validate())

	ids, places := map[uint32]bool{}, map[dashboard.GridPos]bool{}
	for _, either := range board.Panels {
		panel := either.Panel
		require.NotEmpty(t, panel.Targets, *panel.Title)
		require.Equal(t, "${datasource}", *panel.Datasource.Uid, *panel.Title)
		ids[*panel.Id] = true
		place := *panel.GridPos
		require.True(t, place.W == 8 && place.H == 8 && place.X%8 == 0 && place.Y%8 == 0, *panel.Title)
		places[place] = true
	}
	require.Len(t, ids, 26)
	require.Len(t, places, 26)
}
