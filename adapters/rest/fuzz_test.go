package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// FuzzDecodeJSON compares with the standard library, which takes more: what both take must be equal.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,true,null,"x\u00e9\ud83d\ude00"]}`, `"\ud800"`, `{"a":1,"a":2}`, `[[[[]]]]`, ` 1e999 `, `{"a\/b":{}}`, "\"\xff\"", `{}x`, ``, `-0`, `"\\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, faults, err := decodeJSON(raw)
		if err != nil {
			require.True(t, errors.Is(err, errMalformed))
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var want any
		require.NoError(t, decoder.Decode(&want))
		if len(faults) == 0 && !reflect.DeepEqual(want, got) {
			t.Fatalf("%q: %#v, want %#v", raw, got, want)
		}
	})
}

// FuzzBody drives the body of a request through the whole check: it never panics, and what it takes, the generated code
// takes too.
func FuzzBody(f *testing.F) {
	operations, err := newOperations()
	require.NoError(f, err)
	check := operations["POST /posts"].body
	for _, seed := range []string{`{"title":"t","content":"c"}`, `{"title":"\u0000"}`, `[]`, `{"published":null,"title":{"a":[]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		value, faults, err := decodeJSON(raw)
		if err != nil || len(check.check(value, faults)) > 0 {
			return
		}
		var in struct {
			Title, Content string
			Published      *bool
		}
		require.NoError(t, json.Unmarshal(raw, &in))
		require.NotEmpty(t, in.Title)
		require.NotContains(t, in.Title+in.Content, "\x00")
	})
}

// verbatim seals nothing, so that what is behind the seal is tried.
type verbatim struct{}

func (verbatim) SealCursor(payload []byte) string         { return string(payload) }
func (verbatim) OpenCursor(cursor string) ([]byte, error) { return []byte(cursor), nil }

func FuzzCursor(f *testing.F) {
	list := newPostList("/posts", url.Values{"author": {"1"}}, 0)
	f.Add(list.encodeCursor(domain.PostCursor{From: domain.PostPosition{PublishedAt: time.UnixMicro(1), ID: 1}, Newer: true}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		cursor, err := list.openCursor(verbatim{}, string(payload))
		if err == nil {
			require.Equal(t, payload, list.encodeCursor(cursor), "one cursor, one payload")
		}
	})
}

func FuzzEntityTags(f *testing.F) {
	for _, field := range []string{`*`, `"a"`, `W/"a", "b,c"`, `W/"1-x-gzip"`, `"1-x;gzip"`, `,`, `"`, `"1-x",,`} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		list, err := parseEntityTags(field)
		require.Equal(t, err == nil, list.any || len(list.tags) > 0)
		require.Equal(t, list.any, list.versions() == nil)
		require.True(t, noneMatch(&field, `"no such tag"`) || err == nil)
	})
}
