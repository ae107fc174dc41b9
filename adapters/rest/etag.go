package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// postETag returns the strong entity tag (RFC 9110, section 8.8.3) of a post's representation: its version, which an edit
// changes, and a hash of the whole, which a vote changes too.
func postETag(p api.Post) string {
	body, _ := json.Marshal(p) // of strings, numbers and times: cannot fail
	hash := sha256.Sum256(body)
	return `"` + strconv.FormatInt(p.Version, 10) + "-" + base64.RawURLEncoding.EncodeToString(hash[:16]) + `"`
}

// entityTags is a list of entity tags, or any.
type entityTags struct {
	any  bool
	tags []entityTag
}

type entityTag struct {
	weak   bool
	opaque string // with its quotes
}

var (
	anyTag  = regexp.MustCompile(`^[ \t]*\*[ \t]*$`)
	nextTag = regexp.MustCompile(`^[ \t,]*(W/)?("[!#-~]*")[ \t]*(?:,|$)`)
	ourTag  = regexp.MustCompile(`^"([1-9][0-9]*)-[A-Za-z0-9_-]+"$`) // as postETag makes them
	noTag   = regexp.MustCompile(`^[ \t,]*$`)
)

var errEntityTags = errors.New(`must be * or entity tags, such as "1-4c6jRrXGdMMNzyIPoSHYCg"`)

// parseEntityTags reads If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2).
func parseEntityTags(field string) (entityTags, error) {
	if anyTag.MatchString(field) {
		return entityTags{any: true}, nil
	}
	var list entityTags
	for !noTag.MatchString(field) {
		found := nextTag.FindStringSubmatch(field)
		if found == nil {
			return entityTags{}, errEntityTags
		}
		list.tags = append(list.tags, entityTag{weak: found[1] != "", opaque: found[2]})
		field = strings.TrimPrefix(field, found[0])
	}
	if len(list.tags) == 0 {
		return entityTags{}, errEntityTags
	}
	return list, nil
}

func entityTagsRule(value string, _ url.Values, _ domain.UserID) error {
	_, err := parseEntityTags(value)
	return err
}

// wantedVersions returns the versions of a post that If-Match lets be changed; nil if any will do. Weak tags match nothing,
// and of the others only the version counts: a stranger's vote must not break the owner's edit.
func wantedVersions(field *string) ([]domain.Version, error) {
	if field == nil {
		return nil, nil
	}
	list, err := parseEntityTags(*field)
	if err != nil || list.any {
		return nil, err
	}
	versions := []domain.Version{}
	for _, tag := range list.tags {
		found := ourTag.FindStringSubmatch(tag.opaque)
		if tag.weak || found == nil {
			continue
		}
		if version, err := strconv.ParseInt(found[1], 10, 64); err == nil {
			versions = append(versions, domain.Version(version))
		}
	}
	return versions, nil
}

// noneMatch tells whether If-None-Match lets a representation be sent, by the weak comparison.
func noneMatch(field *string, etag string) bool {
	if field == nil {
		return true
	}
	list, err := parseEntityTags(*field)
	if err != nil || list.any {
		return err != nil
	}
	for _, tag := range list.tags {
		if tag.opaque == etag {
			return false
		}
	}
	return true
}
