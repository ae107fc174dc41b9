package contract_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/contract"
)

const jsonType = "application/json"

func validNoteWith(members string) string { return `{"title":"t","text":"x",` + members + `}` }

func TestValidJSON(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for _, body := range []string{
		`{"title":"t","text":"x"}`,
		` {"text":"` + strings.Repeat("é", 2000) + `","title":"😀😀😀"} `,
		validNoteWith(`"published":false,"color":null,"rank":9,"mark":7,"tags":["a","b"],"author":{"name":""}`),
		validNoteWith(`"color":"red","mark":"abc","rank":0`),
		validNoteWith(`"id":"whatever","owner":[1,{"x":2}]`),
		validNoteWith(`"author":{"name":"\ud83d\ude00 \\ud83d"}`),
	} {
		in, err := s.send(request("PUT", "/notes/1", jsonType, body))
		require.NoError(t, err, body)
		require.Equal(t, body, string(in.Body))
	}
}

func TestInvalidMembers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for body, want := range map[string][]string{
		`null`:                                 {"body  type"},
		`[]`:                                   {"body  type"},
		`"x"`:                                  {"body  type"},
		`{}`:                                   {"body /title required", "body /text required"},
		`{"zz":1,"aa":{"b":[1]}}`:              {"body /title required", "body /text required", "body /aa unknown", "body /zz unknown"},
		`{"TITLE":"t","text":1}`:               {"body /title required", "body /text type", "body /TITLE unknown"},
		`{"text":"a\u0000","title":""}`:        {"body /title min_length", "body /text pattern"},
		`{"text":"\ud800","title":"\udfff x"}`: {"body /title format", "body /text format"},
		`{"title":"abcd","text":null}`:         {"body /title max_length", "body /text type"},
		validNoteWith(`"published":"true"`):    {"body /published type"},
		validNoteWith(`"color":"blue"`):        {"body /color enum"},
		validNoteWith(`"rank":-1`):             {"body /rank minimum"},
		validNoteWith(`"rank":10`):             {"body /rank maximum"},
		validNoteWith(`"rank":1e999`):          {"body /rank type"},
		validNoteWith(`"rank":1.0`):            {"body /rank type"},
		validNoteWith(`"rank":` + strings.Repeat("9", 400)): {"body /rank maximum"},
		validNoteWith(`"mark":"A"`):                         {"body /mark pattern"},
		validNoteWith(`"mark":0`):                           {"body /mark type"},
		validNoteWith(`"tags":["a","bbb","c"]`):             {"body /tags max_length", "body /tags/1 max_length"},
		validNoteWith(`"author":{"x":1}`):                   {"body /author/name required", "body /author/x unknown"},
		validNoteWith(`"a/b~c":["\ud800"]`):                 {"body /a~1b~0c unknown", "body /a~1b~0c/0 format"},
	} {
		_, err := s.send(request("PUT", "/notes/1", jsonType, body))
		require.Equal(t, want, fieldErrors(t, err), body)
	}
}

func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, body := range []string{
		"", " \n", `{"title":`, `title=t`, `{"title":"t","text":"x"}{}`, `{"title":"t","text":"x"} x`, "\uFEFF{}", "{\"title\":\"\xff\"}",
		`{"title":"a","title":"b"}`, `{"title":"a","\u0074itle":"b"}`, `{"x":{"y":1,"y":2}}`, deep(33), `{"x":` + deep(32) + `}`, `{"title":NaN}`,
		"{\"title\":\"a\nb\"}", `{"x":[1,]}`, `{"x":01}`,
	} {
		_, err := s.send(request("PUT", "/notes/1", jsonType, body))
		require.ErrorIs(t, err, contract.ErrMalformedBody, body)
	}
	_, err := s.send(request("PUT", "/notes/1", jsonType, deep(32)))
	require.Equal(t, []string{"body  type"}, fieldErrors(t, err))
}

// TestUnknownValuesAreNotBuilt: the memory for skipped values does not grow with their number.
func TestUnknownValuesAreNotBuilt(t *testing.T) {
	s := newTestServer(t)
	allocated := func(elements int) uint64 {
		body := validNoteWith(`"owner":[` + strings.Repeat("{},", elements) + `{}]`)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.send(request("PUT", "/notes/1", jsonType, body))
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		return after.Mallocs - before.Mallocs
	}
	few := allocated(10)
	require.Less(t, allocated(10_000), few+100)
}

func TestNumberOfProblemsIsLimited(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	var body strings.Builder
	for i := range 3000 {
		body.WriteString(`"` + strings.Repeat("u", 1+i%3) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + `":1,`)
	}
	_, err := s.send(request("PUT", "/notes/1", jsonType, validNoteWith(body.String()+`"x`+strings.Repeat("n", 200)+`":1`)))
	var invalid *contract.Invalid
	require.ErrorAs(t, err, &invalid)
	require.Len(t, invalid.Fields, 1000)
	require.NotContains(t, invalid.Error(), "uu", "unknown names are not logged")
	for _, f := range invalid.Fields {
		require.LessOrEqual(t, len([]rune(*f.Pointer)), contract.MaxPointer+1)
	}
}

// FuzzJSON fails on a panic, and on an accepted body that contains NUL.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"title":"t","text":"x"}`, validNoteWith(`"mark":1`), validNoteWith(`"owner":{"a":[{}]}`), `{"text":"\ud800"}`, `[[[]]]`} {
		f.Add(seed)
	}
	s := newTestServer(f)
	f.Fuzz(func(t *testing.T, body string) {
		in, err := s.send(request("PUT", "/notes/1", jsonType, body))
		if err == nil {
			require.Equal(t, body, string(in.Body))
			require.NotContains(t, body, "\x00")
		}
	})
}
