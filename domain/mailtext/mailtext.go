// Package mailtext has the texts of the mails that the service sends. They are plain and short, and contain nothing that a user
// wrote: no name, no address, no text.
package mailtext

import (
	_ "embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"time"
)

// Data fills in the text of a mail.
type Data struct {
	Host string        // the host that sends it, from the settings of the service
	Link string        // empty in mails without a link
	Life time.Duration // how long the link is valid: whole minutes
	At   time.Time     // when the mail was caused
}

// Mail is a text in all its forms.
type Mail struct{ Subject, Text, HTML string }

var (
	//go:embed mail.txt
	textSource string
	//go:embed mail.html
	htmlSource string

	textLayout = text.Must(text.New("mail.txt").Parse(textSource))
	htmlLayout = html.Must(html.New("mail.html").Parse(htmlSource))
)

// page is the content of both layouts.
type page struct {
	Subject       string
	Before, After []string // paragraphs before and after the link
	Link, Host    string
}

// Render returns the mail with a name (see [Names]). It returns an error for an unknown name.
func Render(name string, d Data) (Mail, error) {
	c, known := contents[name]
	if !known {
		return Mail{}, fmt.Errorf("mailtext: there is no mail %q", name)
	}
	fill := strings.NewReplacer(
		"HOST", d.Host, "MINUTES", fmt.Sprint(int(d.Life.Minutes())), "TIME", d.At.UTC().Format("2 January 2006, 15:04 UTC"),
	)
	p := page{Subject: fill.Replace(c.subject), Link: d.Link, Host: d.Host}
	for _, paragraph := range c.before {
		p.Before = append(p.Before, fill.Replace(paragraph))
	}
	for _, paragraph := range c.after {
		p.After = append(p.After, fill.Replace(paragraph))
	}
	var plain, markup strings.Builder
	if err := textLayout.Execute(&plain, p); err != nil {
		return Mail{}, fmt.Errorf("mailtext: %w", err)
	}
	if err := htmlLayout.Execute(&markup, p); err != nil {
		return Mail{}, fmt.Errorf("mailtext: %w", err)
	}
	return Mail{Subject: p.Subject, Text: plain.String(), HTML: markup.String()}, nil
}
