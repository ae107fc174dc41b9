package rest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/postern/domain"
)

// CursorSealer makes cursors that clients cannot make or change. OpenCursor returns an error for anything that SealCursor
// did not make; sealed cursors are base64url (RFC 4648, section 5) and at most 512 characters.
type CursorSealer interface {
	SealCursor(payload []byte) string
	OpenCursor(cursor string) ([]byte, error)
}

const (
	cursorVersion = 2
	cursorList    = 18 // where the digest of the list begins, behind version, direction, microseconds and id
	cursorLength  = cursorList + 16
)

// postList is a list that a cursor is a place in.
type postList struct {
	path    string
	filters url.Values // what chooses and orders its posts, as the client sent it
	owner   domain.UserID
}

// newPostList returns the list that a query asks for; owner is 0 if it is everyone's. Some ways to ask for the same list are
// lists of their own, which does no harm.
func newPostList(path string, query url.Values, owner domain.UserID) postList {
	filters := url.Values{}
	for name, values := range query {
		if name != "cursor" && name != "limit" {
			filters[name] = values
		}
	}
	if filters.Get("order") == "newest" {
		filters.Del("order")
	}
	return postList{path, filters, owner}
}

// digest is what a cursor of this list is bound to.
func (l postList) digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join([]string{l.path, l.filters.Encode(), strconv.FormatInt(int64(l.owner), 10)}, "\n")))
}

func (l postList) encodeCursor(c domain.PostCursor) []byte {
	payload := make([]byte, 2, cursorLength)
	payload[0] = cursorVersion
	if c.Newer {
		payload[1] = 1
	}
	payload = binary.BigEndian.AppendUint64(payload, uint64(c.From.PublishedAt.UnixMicro()))
	payload = binary.BigEndian.AppendUint64(payload, uint64(c.From.ID))
	digest := l.digest()
	return append(payload, digest[:cursorLength-cursorList]...)
}

var errForeignCursor = errors.New("must be taken from a Link header of this very list")

// openCursor returns where a page begins, or an error if the cursor is not one of ours for this list.
func (l postList) openCursor(sealer CursorSealer, cursor string) (domain.PostCursor, error) {
	payload, err := sealer.OpenCursor(cursor)
	digest := l.digest()
	if err != nil || len(payload) != cursorLength || payload[0] != cursorVersion || payload[1] > 1 ||
		string(payload[cursorList:]) != string(digest[:cursorLength-cursorList]) {
		return domain.PostCursor{}, errForeignCursor
	}
	micros := int64(binary.BigEndian.Uint64(payload[2:]))
	return domain.PostCursor{
		From:  domain.PostPosition{PublishedAt: time.UnixMicro(micros).UTC(), ID: domain.PostID(binary.BigEndian.Uint64(payload[10:]))},
		Newer: payload[1] == 1,
	}, nil
}

// links returns the Link field (RFC 8288) of a page, or nil if it is the only one. The targets are relative, so nothing that a
// client or proxy sends can steer them.
func (l postList) links(sealer CursorSealer, limit *int32, page domain.PostPage) *string {
	var links []string
	for _, link := range []struct {
		rel    string
		cursor *domain.PostCursor
	}{{"next", page.Next}, {"prev", page.Previous}} {
		if link.cursor == nil {
			continue
		}
		query := url.Values{"cursor": {sealer.SealCursor(l.encodeCursor(*link.cursor))}}
		for name, values := range l.filters {
			query[name] = values
		}
		if limit != nil {
			query.Set("limit", strconv.Itoa(int(*limit)))
		}
		links = append(links, "<"+l.path+"?"+query.Encode()+`>; rel="`+link.rel+`"`)
	}
	if len(links) == 0 {
		return nil
	}
	joined := strings.Join(links, ", ")
	return &joined
}
