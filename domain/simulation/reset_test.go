package simulation_test

import (
	"context"
	"fmt"

	"example.com/postern/domain"
)

// link is a link in a mail that sets a new password.
type link struct {
	*account
	token string
	epoch int
	used  bool // a use was acknowledged
}

// requestReset asks for a link and uses it at once.
func (w *simulation) requestReset(i *instance, a *account) {
	w.start(i, "request a reset of "+string(a.email), func(ctx context.Context) {
		epoch := w.epoch
		if i.emails.RequestReset(ctx, domain.ResetRequest{Email: string(a.email), Client: owner}) != nil {
			return
		}
		w.judging.Lock()
		id := w.store.EmailTokenID(domain.MailReset, a.email.Key())
		if id == "" || epoch != w.epoch {
			w.judging.Unlock()
			return
		}
		text, _ := w.emailTokens.MintEmailToken(domain.MailReset, id)
		l := &link{account: a, token: text, epoch: epoch}
		w.links = append(w.links, l)
		w.judging.Unlock()
		w.useLink(ctx, i, l)
	})
}

// reuseLink uses one of the latest links, which may be in use.
func (w *simulation) reuseLink(i *instance) {
	if len(w.links) > 0 {
		l := w.links[max(0, len(w.links)-1-w.rng.IntN(3))]
		w.start(i, "reset "+string(l.email), func(ctx context.Context) { w.useLink(ctx, i, l) })
	}
}

// useLink resets the password, which ends every session that the account has.
func (w *simulation) useLink(ctx context.Context, i *instance, l *link) {
	w.judging.Lock()
	epoch, before := w.epoch, w.of(l.account)
	fresh := domain.NewPassword(fmt.Sprintf("reset number %d", w.next))
	l.changes++
	w.judging.Unlock()
	if i.emails.CompleteReset(ctx, domain.ResetCompletion{Token: l.token, New: fresh, Client: owner}) != nil {
		return
	}
	w.judging.Lock()
	defer w.judging.Unlock()
	if epoch != w.epoch {
		return
	}
	if l.used || l.epoch < epoch {
		w.fail("%s accepted a link that was used, or is of another epoch", i.name)
	}
	l.used = true
	for _, s := range before {
		w.end(s)
	}
}
