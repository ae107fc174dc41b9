package rest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// etag returns the strong entity tag (RFC 9110, section 8.8.3) of a post. It consists of the version, which changes
// with every edit, and a hash of everything else that changes the representation, such as votes, the owner's name,
// whether the viewer votes for the post, whether it is hidden, and the release.
func (s *server) etag(p domain.Post, viewer domain.Viewer) string {
	name := "-"
	if p.OwnerName != nil {
		name = "+" + *p.OwnerName
	}
	hash := sha256.Sum256(fmt.Appendf(nil,
		"%d %t %t %t %d %s %s",
		p.Votes, viewer.UserID != 0, p.Voted, p.Hidden, p.UpdatedAt.UnixMicro(), s.Version, name,
	))
	return `"` + strconv.FormatInt(int64(p.Version), 10) + "-" + base64.RawURLEncoding.EncodeToString(hash[:etagHashSize]) + `"`
}

// etagHashSize is the length, in bytes, of the hash in an entity tag.
const etagHashSize = 16

// entityTags is the value of If-Match or If-None-Match.
type entityTags struct {
	any  bool     // the value is "*"
	tags []string // with quotes, without the prefix W/
}

var (
	anyTagPattern     = regexp.MustCompile(`^[ \t]*\*[ \t]*$`)
	nextTagPattern    = regexp.MustCompile(`^[ \t,]*(?:W/)?("[!#-~]*")[ \t]*(?:,|$)`)
	versionTagPattern = regexp.MustCompile(`^"([1-9][0-9]*)-[!#-~]+"$`) // made by etag, perhaps changed by a proxy
	emptyListPattern  = regexp.MustCompile(`^[ \t,]*$`)

	// codingSuffix matches the suffix that a compressing proxy adds inside the quotes: -gzip (Apache), --gzip (Jetty),
	// ;gzip.
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

// versions returns the versions of a post that If-Match allows; nil allows any. Only the version in a tag counts. The rest
// changes with each vote, and a vote must not prevent an edit. Compressing proxies also make tags weak or add a suffix.
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

// noneMatch reports whether If-None-Match allows the request: none of its tags equals etag by the weak comparison. The
// suffix of a compressing proxy is ignored, and so is a malformed header.
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

// writeConditions are the preconditions of a write to a post. A field is nil if the client did not send the header.
type writeConditions struct{ ifMatch, ifNoneMatch *string }

// allowedVersions returns the versions of the post that the conditions allow to be written; nil allows any.
func (s *server) allowedVersions(
	ctx context.Context, state *requestState, id api.ID, conditions writeConditions,
) ([]domain.Version, error) {
	if conditions.ifNoneMatch != nil {
		post, err := s.Posts.Get(ctx, state.viewer(), domain.PostID(id))
		if errors.Is(err, domain.ErrPostNotFound) {
			return []domain.Version{}, nil // the write returns the error, after the checks that come first
		} else if err != nil {
			return nil, err
		}
		if !noneMatch(conditions.ifNoneMatch, s.etag(post, state.viewer())) {
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

// preconditionsHold reports whether If-Match and If-None-Match allow a write to a resource without an entity tag (RFC
// 9110, section 13.1). No tag matches such a resource, and "If-None-Match: *" fails if it exists. Reads ignore
// conditions that their operation does not declare. The check runs before the handler, so 412 takes precedence over 404
// and 403 here.
func (op *operation) preconditionsHold(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || op.DeclaresHeader("If-Match") {
		return true
	}
	ifMatch, ifNoneMatch := r.Header.Values("If-Match"), r.Header.Values("If-None-Match")
	if len(ifMatch) > 0 && !anyTagPattern.MatchString(strings.Join(ifMatch, ",")) {
		return false
	}
	return !op.Readable || len(ifNoneMatch) == 0 || !anyTagPattern.MatchString(strings.Join(ifNoneMatch, ","))
}
