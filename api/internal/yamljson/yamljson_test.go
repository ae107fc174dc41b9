package yamljson_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/internal/yamljson"
)

func TestConvertKeepsTheOrder(t *testing.T) {
	t.Parallel()
	converted, err := yamljson.Convert([]byte("b: {z: 1, a: [x, null, true, 1.5]}\na: '2026-11-24' # a comment\nc: |\n  <two>\n  lines\n'200': 9007199254740991\n"))
	require.NoError(t, err)
	require.Equal(t, `{
  "b": {
    "z": 1,
    "a": [
      "x",
      null,
      true,
      1.5
    ]
  },
  "a": "2026-11-24",
  "c": "<two>\nlines\n",
  "200": 9007199254740991
}
`, string(converted))
}

func TestConvertRejectsValuesThatJSONLacks(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"a: &x 1\nb: *x\n", "a: 2026-11-24\n", "a: ["} {
		_, err := yamljson.Convert([]byte(source))
		require.Error(t, err, source)
	}
}
