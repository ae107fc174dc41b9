package mailtext_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain/mailtext"
)

var update = flag.Bool("update", false, "write the golden files")

var data = mailtext.Data{
	Host: "accounts.example.com", Link: "https://accounts.example.com/account/reset#token=AbC-123_x", Life: 30 * time.Minute,
	At: time.Date(2026, 3, 1, 13, 5, 0, 0, time.FixedZone("", 3600)),
}

// isNotice reports whether a mail has no link.
func isNotice(name string) bool {
	return strings.HasSuffix(name, "ed") || strings.HasSuffix(name, "_taken")
}

func TestEveryMailIsAsWritten(t *testing.T) {
	t.Parallel()
	require.Len(t, mailtext.Names(), 10)
	for _, name := range mailtext.Names() {
		d := data
		if isNotice(name) {
			d.Link = ""
		}
		mail, err := mailtext.Render(name, d)
		require.NoError(t, err)
		got := "Subject: " + mail.Subject + "\n\n" + mail.Text + "\n" + mail.HTML
		file := filepath.Join("testdata", name+".golden")
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), got, name)
	}
}

func TestAMailIsPlain(t *testing.T) {
	t.Parallel()
	for _, name := range mailtext.Names() {
		mail, err := mailtext.Render(name, data)
		require.NoError(t, err)
		require.NotContains(t, mail.Subject+mail.Text+mail.HTML, "HOST")
		require.NotContains(t, mail.Text+mail.HTML, "MINUTES")
		require.NotContains(t, mail.Text+mail.HTML, "TIME")
		require.Regexp(t, `^[A-Z][A-Za-z -]{9,50}$`, mail.Subject)
		require.Equal(t, !isNotice(name), strings.Contains(mail.Text, "valid for 30 minutes"), name)
		require.Contains(t, mail.Text, "f ", "says what to do if it was somebody else")
		for line := range strings.Lines(mail.Text + mail.HTML) {
			require.LessOrEqual(t, len(line), 998, "RFC 5322, section 2.1.1")
		}
	}
}

// TestASettingIsNoMarkup checks what an operator's host and link can do to the HTML.
func TestASettingIsNoMarkup(t *testing.T) {
	t.Parallel()
	d := data
	d.Host, d.Link = `<b>"host"</b>`, `javascript:alert("1")`
	for _, name := range mailtext.Names() {
		mail, err := mailtext.Render(name, d)
		require.NoError(t, err)
		require.NotContains(t, mail.HTML, "<b>")
		require.NotContains(t, mail.HTML, `href="javascript`)
	}
}

func TestAnUnknownMailIsAnError(t *testing.T) {
	t.Parallel()
	_, err := mailtext.Render("", data)
	require.ErrorContains(t, err, "there is no mail")
}
