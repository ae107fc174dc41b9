package password

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// BenchmarkHash measures what a login costs at the default parameters.
func BenchmarkHash(b *testing.B) {
	h, err := New(Options{})
	require.NoError(b, err)
	for b.Loop() {
		_, err := h.Hash(b.Context(), "", domain.NewPassword("correct horse"))
		require.NoError(b, err)
	}
}
