package contract

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"example.com/postern/api"
)

// problems holds the faults of the members of a body by JSON Pointer. Only the first fault of each member is kept.
type problems map[string]Fault

func (p *problems) add(pointer string, f Fault) {
	if *p == nil {
		*p = problems{}
	}
	limit := maxProblems
	if f != unknownFault && f != loneSurrogate {
		limit *= 2 // many unknown members must not displace the faults of known ones
	}
	if _, known := (*p)[pointer]; !known && len(*p) < limit {
		(*p)[pointer] = f
	}
}

// sorted returns the problems sorted by the position in order of the first name in their pointers. Other names follow,
// sorted by pointer.
func (p problems) sorted(order []string) []api.FieldProblem {
	pointers := slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(order, a), rank(order, b)), strings.Compare(a, b))
	})
	sorted := make([]api.FieldProblem, len(pointers))
	for i, pointer := range pointers {
		sorted[i] = pointerProblem(pointer, p[pointer])
	}
	return sorted
}

func rank(order []string, pointer string) int {
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if i := slices.Index(order, first); i >= 0 || pointer == "" {
		return i
	}
	return len(order)
}
