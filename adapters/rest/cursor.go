package rest

import (
	"encoding/binary"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// CursorSealer makes cursors that clients cannot make or change. OpenCursor returns an error for anything that SealCursor
// did not make; sealed cursors are base64url (RFC 4648, section 5) and at most 512 characters.
type CursorSealer interface {
	SealCursor(payload []byte) string
	OpenCursor(cursor string) ([]byte, error)
}

const (
	cursorVersion = 1
	cursorLength  = 18 // version, direction, microseconds, id
)

func encodeCursor(c domain.PostCursor) []byte {
	payload := make([]byte, 2, cursorLength)
	payload[0] = cursorVersion
	if c.Newer {
		payload[1] = 1
	}
	payload = binary.BigEndian.AppendUint64(payload, uint64(c.From.PublishedAt.UnixMicro()))
	return binary.BigEndian.AppendUint64(payload, uint64(c.From.ID))
}

func decodeCursor(payload []byte) (domain.PostCursor, error) {
	if len(payload) != cursorLength || payload[0] != cursorVersion || payload[1] > 1 {
		return domain.PostCursor{}, errors.New("rest: a cursor of another version")
	}
	micros := int64(binary.BigEndian.Uint64(payload[2:]))
	return domain.PostCursor{
		From:  domain.PostPosition{PublishedAt: time.UnixMicro(micros).UTC(), ID: domain.PostID(binary.BigEndian.Uint64(payload[10:]))},
		Newer: payload[1] == 1,
	}, nil
}

var errForeignCursor = errors.New("must be taken from a Link header")

// openCursor returns where a page begins, or an error if the cursor is not one of ours.
func openCursor(sealer CursorSealer, cursor string) (domain.PostCursor, error) {
	payload, err := sealer.OpenCursor(cursor)
	if err != nil {
		return domain.PostCursor{}, errForeignCursor
	}
	c, err := decodeCursor(payload)
	if err != nil {
		return domain.PostCursor{}, errForeignCursor
	}
	return c, nil
}

// pageLinks returns the Link field (RFC 8288) of a page, or nil if it is the only one. The targets are relative, so
// nothing that a client or proxy sends can steer them.
func pageLinks(sealer CursorSealer, path string, limit *api.Limit, page domain.PostPage) *string {
	var links []string
	for _, link := range []struct {
		rel    string
		cursor *domain.PostCursor
	}{{"next", page.Older}, {"prev", page.Newer}} {
		if link.cursor == nil {
			continue
		}
		query := url.Values{"cursor": {sealer.SealCursor(encodeCursor(*link.cursor))}}
		if limit != nil {
			query.Set("limit", strconv.Itoa(int(*limit)))
		}
		links = append(links, "<"+path+"?"+query.Encode()+`>; rel="`+link.rel+`"`)
	}
	if len(links) == 0 {
		return nil
	}
	joined := strings.Join(links, ", ")
	return &joined
}
