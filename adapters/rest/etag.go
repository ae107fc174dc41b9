package rest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// etag returns the strong entity tag (RFC 9110, section 8.8.3) of a post's representation: its version, which an edit changes, and
// a hash of what else can change, the release that renders it included.
func (s *server) etag(p domain.Post) string {
	name := "-"
	if p.OwnerName != nil {
		name = "+" + *p.OwnerName
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s", p.Votes, p.UpdatedAt.UnixMicro(), s.Version, name))
	return `"` + strconv.FormatInt(int64(p.Version), 10) + "-" + base64.RawURLEncoding.EncodeToString(hash[:etagOctets]) + `"`
}

// etagOctets is how much of the hash is kept.
const etagOctets = 16

// entityTags is a list of entity tags, or any.
type entityTags struct {
	any  bool
	tags []string // with their quotes, without the mark of weak ones
}

var (
	anyTagPattern     = regexp.MustCompile(`^[ \t]*\*[ \t]*$`)
	nextTagPattern    = regexp.MustCompile(`^[ \t,]*(?:W/)?("[!#-~]*")[ \t]*(?:,|$)`)
	versionTagPattern = regexp.MustCompile(`^"([1-9][0-9]*)-[!#-~]+"$`) // as etag makes them, or what a proxy makes of that
	emptyListPattern  = regexp.MustCompile(`^[ \t,]*$`)

	// codingSuffix is what a proxy that compresses an answer adds inside the quotes: -gzip (Apache), --gzip (Jetty), ;gzip.
	codingSuffix = regexp.MustCompile(`(?:--?|[;:+])(?:gzip|br|zstd|deflate)"$`)
)

var errEntityTags = errors.New(`must be * or entity tags, such as "1-4c6jRrXGdMMNzyIPoSHYCg"`)

// parseEntityTags reads If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2).
func parseEntityTags(field string) (entityTags, error) {
	if anyTagPattern.MatchString(field) {
		return entityTags{any: true}, nil
	}
	var list entityTags
	for !emptyListPattern.MatchString(field) {
		found := nextTagPattern.FindStringSubmatch(field)
		if found == nil {
			return entityTags{}, errEntityTags
		}
		list.tags = append(list.tags, found[1])
		field = strings.TrimPrefix(field, found[0])
	}
	if len(list.tags) == 0 {
		return entityTags{}, errEntityTags
	}
	return list, nil
}

// versions returns the versions of a post that If-Match allows; nil allows any. A stranger's vote must not break the owner's
// edit, and a compressing proxy makes tags weak or adds a suffix, so only the version in a tag counts.
func (list entityTags) versions() []domain.Version {
	if list.any {
		return nil
	}
	versions := []domain.Version{}
	for _, tag := range list.tags {
		found := versionTagPattern.FindStringSubmatch(tag)
		if found == nil {
			continue
		}
		if version, err := strconv.ParseInt(found[1], 10, 64); err == nil {
			versions = append(versions, domain.Version(version))
		}
	}
	return versions
}

// noneMatch reports whether If-None-Match allows the method: it does if no tag is etag by the weak comparison. What a
// compressing proxy adds to a tag does not count. A malformed field is ignored.
func noneMatch(field *string, etag string) bool {
	if field == nil {
		return true
	}
	list, err := parseEntityTags(*field)
	if err != nil || list.any {
		return err != nil
	}
	return !slices.ContainsFunc(list.tags, func(tag string) bool {
		return tag == etag || codingSuffix.ReplaceAllString(tag, `"`) == etag
	})
}

// writeConditions are the preconditions of a write to a post; nil where the client sent none.
type writeConditions struct{ ifMatch, ifNoneMatch *string }

// allowedVersions returns the versions of the post that the conditions allow; nil allows any.
func (s *server) allowedVersions(ctx context.Context, state *requestState, id api.ID, conditions writeConditions) ([]domain.Version, error) {
	if conditions.ifNoneMatch != nil {
		post, err := s.Posts.Get(ctx, domain.Viewer{UserID: state.caller.UserID}, domain.PostID(id))
		if errors.Is(err, domain.ErrPostNotFound) {
			return []domain.Version{}, nil // the write says so, after what comes before that
		} else if err != nil {
			return nil, err
		}
		if !noneMatch(conditions.ifNoneMatch, s.etag(post)) {
			return []domain.Version{}, nil
		}
	}
	if conditions.ifMatch == nil {
		return nil, nil
	}
	list, err := parseEntityTags(*conditions.ifMatch)
	if err != nil {
		return nil, err
	}
	return list.versions(), nil
}
