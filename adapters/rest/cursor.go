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

// CursorSealer makes cursors that clients cannot forge. OpenCursor returns an error for every string that SealCursor
// did not return. Cursors are base64url (RFC 4648, section 5) and at most 512 characters long.
type CursorSealer interface {
	SealCursor(payload []byte) string
	OpenCursor(cursor string) ([]byte, error)
}

const (
	cursorVersion = 2
	digestOffset  = 18 // after version, direction, microseconds and id
	cursorLength  = digestOffset + 16
)

// postList identifies a list of posts. A cursor is valid for one list only.
type postList struct {
	path    string
	filters url.Values // the query without cursor and limit
	owner   domain.UserID
}

// newPostList returns the list that a query asks for. The owner is 0 for public lists. Two spellings of the same query
// may count as different lists, which does no harm.
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

// digest returns a hash that binds a cursor to the list.
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
	return append(payload, digest[:cursorLength-digestOffset]...)
}

var errForeignCursor = errors.New("must come from a Link header of the same list")

// openCursor returns the position where a page begins. It returns an error if the cursor was not made for this list.
func (l postList) openCursor(sealer CursorSealer, cursor string) (domain.PostCursor, error) {
	payload, err := sealer.OpenCursor(cursor)
	digest := l.digest()
	if err != nil || len(payload) != cursorLength || payload[0] != cursorVersion || payload[1] > 1 ||
		string(payload[digestOffset:]) != string(digest[:cursorLength-digestOffset]) {
		return domain.PostCursor{}, errForeignCursor
	}
	micros := int64(binary.BigEndian.Uint64(payload[2:]))
	return domain.PostCursor{
		From:  domain.PostPosition{PublishedAt: time.UnixMicro(micros).UTC(), ID: domain.PostID(binary.BigEndian.Uint64(payload[10:]))},
		Newer: payload[1] == 1,
	}, nil
}

// links returns the Link header (RFC 8288) of a page, or nil if there is no other page. The targets are relative, so
// clients and proxies cannot influence where they lead.
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
