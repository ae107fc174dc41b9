package main

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mailbox reads the mails that a service writes into its data folder.
type mailbox struct {
	folder string
	read   map[string]bool // by file
}

// letter is a mail as a person sees it.
type letter struct{ to, subject, text string }

// newMailbox returns the mailbox of the services with these settings.
func newMailbox(t *testing.T, env map[string]string) *mailbox {
	t.Helper()
	if env["POSTERN_DATA_DIR"] == "" {
		env["POSTERN_DATA_DIR"] = filepath.Join(t.TempDir(), "data")
	}
	return &mailbox{filepath.Join(env["POSTERN_DATA_DIR"], "mail"), map[string]bool{}}
}

// next waits for a mail to an address whose subject contains a text, and that next has not returned yet.
func (m *mailbox) next(t *testing.T, to, subject string) (found letter) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, file := range m.files(t) {
			if l := readLetter(t, file); !m.read[file] && l.to == to && strings.Contains(l.subject, subject) {
				m.read[file], found = true, l
				return true
			}
		}
		return false
	}, patience, 10*time.Millisecond, "no mail to %s: %s", to, subject)
	return found
}

func (m *mailbox) files(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.folder, "*.eml"))
	require.NoError(t, err)
	return files
}

// count returns how many mails an address has got.
func (m *mailbox) count(t *testing.T, to string) (n int) {
	t.Helper()
	for _, file := range m.files(t) {
		if readLetter(t, file).to == to {
			n++
		}
	}
	return n
}

func readLetter(t *testing.T, file string) letter {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	message, err := mail.ReadMessage(strings.NewReader(string(content)))
	require.NoError(t, err, file)
	to, err := message.Header.AddressList("To")
	require.NoError(t, err)
	require.Len(t, to, 1)
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	require.NoError(t, err)
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	require.NoError(t, err)
	part, err := multipart.NewReader(message.Body, params["boundary"]).NextRawPart()
	require.NoError(t, err)
	require.Contains(t, part.Header.Get("Content-Type"), "text/plain")
	body := io.Reader(part)
	if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(part)
	}
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	return letter{to[0].Address, subject, string(text)}
}

var tokenInLink = regexp.MustCompile(`#token=([A-Za-z0-9_-]{91})\s`)

// token returns the token in the link of a mail.
func (l letter) token(t *testing.T) string {
	t.Helper()
	found := tokenInLink.FindStringSubmatch(l.text)
	require.NotNil(t, found, l.text)
	return found[1]
}
