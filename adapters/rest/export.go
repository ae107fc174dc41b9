package rest

import (
	"context"
	"errors"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// exportMemory is the number of bytes that an export holds: one batch of posts, and the lines that wait to be sent. One of
// these lines may be the longest post with every byte escaped.
const exportMemory = domain.MaxExportBatch + 2<<20

// ExportAccount implements GET /users/me/export.
func (s *server) ExportAccount(
	ctx context.Context, state *requestState, _ api.ExportAccountRequestObject,
) (api.ExportAccountResponseObject, error) {
	return api.ExportAccount200LinesResponse{Body: func(write func(context.Context, api.ExportLine) error) error {
		if err := state.memory.addAnswer(exportMemory); err != nil {
			return err
		}
		lines := exportLines{server: s, state: state, write: write}
		err := s.Exports.Export(ctx, state.caller, state.client, &lines)
		if errors.Is(err, errHeadersOnly) {
			return nil
		}
		if err != nil {
			return err
		}
		return write(ctx, api.ExportLine{Type: api.ExportLineTypeEnd, Lines: &lines.written})
	}}, nil
}

// errHeadersOnly ends an export that is not sent, because the method is HEAD.
var errHeadersOnly = errors.New("only the headers are sent")

// exportLines implements [domain.ExportWriter].
type exportLines struct {
	server  *server
	state   *requestState
	write   func(context.Context, api.ExportLine) error
	written int64
}

func (l *exportLines) add(ctx context.Context, line api.ExportLine) error {
	if l.state.head {
		return errHeadersOnly
	}
	l.written++
	return l.write(ctx, line)
}

func (l *exportLines) WriteAccount(ctx context.Context, u domain.User) error {
	account := newAccount(u)
	return l.add(ctx, api.ExportLine{Type: api.ExportLineTypeAccount, Account: &account})
}

func (l *exportLines) WritePost(ctx context.Context, p domain.Post) error {
	post := l.server.newPost(p, l.state.viewer())
	return l.add(ctx, api.ExportLine{Type: api.ExportLineTypePost, Post: &post})
}

func (l *exportLines) WriteVote(ctx context.Context, id domain.PostID) error {
	return l.add(ctx, api.ExportLine{Type: api.ExportLineTypeVote, Vote: &api.ExportedVote{PostID: int64(id)}})
}

func (l *exportLines) WriteSession(ctx context.Context, s domain.Session) error {
	session := newSession(s, l.state.caller)
	return l.add(ctx, api.ExportLine{Type: api.ExportLineTypeSession, Session: &session})
}
