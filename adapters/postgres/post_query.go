package postgres

import (
	"fmt"
	"strings"
)

// postIndex is an index from which lists of posts are read. Its key has every column of the index, so that no other index
// has the same order. Otherwise PostgreSQL could choose another index, depending on its statistics.
type postIndex struct {
	key       []string
	condition string // of the list
	mixed     bool   // the posts of a range have several owners
}

var (
	byTime   = postIndex{[]string{"published_at", "id"}, "c.published", true}
	byAuthor = postIndex{[]string{"owner_id", "published_at", "id"}, "c.published", false}
	byOwner  = postIndex{[]string{"owner_id", "id"}, "NOT c.deleted AND c.hidden_published IS NULL", false}
	byState  = postIndex{[]string{"owner_id", "published", "id"}, "NOT c.deleted AND c.hidden_published IS NULL", false}
)

// The functions below build statements from constants. All values are arguments: first the keys before and after the range, then
// those that each function names. postQueries returns all statements.

// shownColumns returns the columns of shown_posts, in the order of [postRange.read]. A later version may add some to the view.
func shownColumns(table string) string {
	return qualified(table, "id", "owner_id", "title", "content", "published", "version", "created_at", "updated_at", "published_at",
		"owner_name", "votes")
}

// pageQuery reads a page. Its argument is the size.
func (x postIndex) pageQuery(newer bool) string {
	size := x.param(1)
	if x.mixed {
		return "SELECT " + shownColumns("c") + " " + x.scan("shown_posts AS c", newer, size) // which has no posts of deleted owners
	}
	return "SELECT " + shownColumns("p") + " FROM (SELECT " + x.columns("c") + " " + x.scan("posts AS c", newer, size) + ") AS near " +
		"JOIN shown_posts AS p ON p.id = near.id ORDER BY " + x.order("near", newer)
}

// votedQuery reads a page and whether the viewer, the nth parameter, votes for each post. It reads the index of votes once
// for each post of the page: the lateral subquery with a LIMIT cannot become another kind of join, which might read all
// votes.
func (x postIndex) votedQuery(page string, newer bool, n int) string {
	return fmt.Sprintf("SELECT p.*, vote.found IS NOT NULL FROM (%s) AS p LEFT JOIN LATERAL "+
		"(SELECT TRUE AS found FROM votes AS v WHERE v.post_id = p.id AND v.user_id = $%d LIMIT 1) AS vote ON TRUE ORDER BY %s", page, n, x.order("p", newer))
}

// stretch numbers the first posts of a range, and adds up the lengths of their words without reading the words. Some posts
// may have no words yet.
func (x postIndex) stretch(newer bool, posts string) string {
	return "(SELECT c.id, c.n, s.words, sum(octet_length(s.words)) OVER (ORDER BY c.n) AS octets " +
		"FROM unnest(ARRAY(SELECT c.id " + x.scan("posts AS c", newer, posts) + ")) WITH ORDINALITY AS c (id, n) " +
		"LEFT JOIN post_search AS s ON s.post_id = c.id) AS near"
}

// stretchQuery reads the posts of a stretch that match. Its arguments are the size of the page, the patterns, and how many posts
// the stretch has.
func (x postIndex) stretchQuery(newer bool) string {
	return "SELECT " + shownColumns("p") + " FROM " + x.stretch(newer, x.param(3)) + " JOIN shown_posts AS p ON p.id = near.id " +
		fmt.Sprintf("WHERE near.octets <= %d AND near.words LIKE ALL (%s) ORDER BY near.n LIMIT %s", stretchBytes, x.param(2), x.param(1))
}

// measureQuery returns how many posts and bytes of words a range has. Its argument is how many posts are counted at most.
func (x postIndex) measureQuery(newer bool) string {
	return "SELECT count(*), CAST(coalesce(max(near.octets), 0) AS bigint) FROM " + x.stretch(newer, x.param(1))
}

// matches reads the posts that have some words, in no order.
//
// In a small table, PostgreSQL would split all texts again instead of using the index. Two parts of the query prevent this.
// The words are in a SELECT, so the plan cannot depend on them. The condition with plainto_tsquery is always true, and its
// high cost makes the planner expect that splitting is expensive.
func matches(words string) string {
	return "SELECT s.post_id FROM post_search AS s " +
		"WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ (SELECT CAST(CAST(" + words + " AS text) AS tsquery)) " +
		"AND plainto_tsquery('simple', CAST(s.post_id AS text)) IS NOT NULL"
}

// countQuery counts the posts that have some words. Its arguments are the words as a tsquery, and where to stop counting.
func countQuery() string {
	return "SELECT count(*) FROM (" + matches("$1") + " LIMIT $2) AS found"
}

// indexQuery reads a page of the posts that have some words. The index of words has no order, so they are sorted. Its
// arguments are the size of the page, the words as a tsquery, and patterns for phrases.
func (x postIndex) indexQuery(newer bool) string {
	found := matches(x.param(2)) + " AND s.words LIKE ALL (" + x.param(3) + ")"
	return "SELECT " + shownColumns("c") + " " + x.scan("shown_posts AS c", newer, x.param(1), "c.id = ANY (ARRAY("+found+"))")
}

// scan reads the first rows of a range that meet all conditions.
func (x postIndex) scan(from string, newer bool, limit string, conditions ...string) string {
	key := "(" + x.columns("c") + ")"
	conditions = append(conditions, x.condition, key+" > ("+params(1, len(x.key))+")", key+" < ("+params(1+len(x.key), len(x.key))+")")
	return fmt.Sprintf("FROM %s WHERE %s ORDER BY %s LIMIT %s", from, strings.Join(conditions, " AND "), x.order("c", newer), limit)
}

func (x postIndex) columns(table string) string {
	return qualified(table, x.key...)
}

func qualified(table string, columns ...string) string {
	return table + "." + strings.Join(columns, ", "+table+".")
}

func (x postIndex) order(table string, newer bool) string {
	if newer {
		return x.columns(table)
	}
	return table + "." + strings.Join(x.key, " DESC, "+table+".") + " DESC"
}

// param returns the nth parameter after the two keys.
func (x postIndex) param(n int) string { return params(2*len(x.key)+n, 1) }

func params(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("$%d", first+i)
	}
	return strings.Join(all, ", ")
}

// postQueries returns every statement that reads a list of posts.
func postQueries() []string {
	all := []string{countQuery()}
	for _, newer := range []bool{false, true} {
		for _, x := range []postIndex{byTime, byAuthor, byOwner, byState} {
			all = append(all, x.pageQuery(newer))
		}
		for _, x := range []postIndex{byTime, byAuthor} {
			all = append(all, x.stretchQuery(newer), x.measureQuery(newer), x.indexQuery(newer))
		}
	}
	return all
}
