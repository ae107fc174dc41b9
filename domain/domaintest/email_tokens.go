package domaintest

import (
	"fmt"
	"strings"
	"sync"

	"example.com/postern/domain"
)

// EmailTokens is a [domain.EmailTokens] with readable tokens. It accepts only tokens that it has minted. The zero value is
// ready to use. It is safe for concurrent use.
type EmailTokens struct {
	mu     sync.Mutex
	minted map[string]mintedEmail
}

type mintedEmail struct {
	kind domain.MailKind
	id   string
}

// MintEmailToken returns "email-KIND-ID-", padded to the length that the contract states.
func (e *EmailTokens) MintEmailToken(kind domain.MailKind, id string) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.minted == nil {
		e.minted = make(map[string]mintedEmail)
	}
	text := fmt.Sprintf("email-%s-%s-", kind, id)
	text += strings.Repeat("_", max(0, 91-len(text)))
	e.minted[text] = mintedEmail{kind, id}
	return text, nil
}

// ParseEmailToken returns the kind and the ID of the token that was minted as text, or domain.ErrBadEmailToken.
func (e *EmailTokens) ParseEmailToken(text string) (domain.MailKind, string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	token, ok := e.minted[text]
	if !ok {
		return "", "", domain.ErrBadEmailToken
	}
	return token.kind, token.id, nil
}
