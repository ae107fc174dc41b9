package conformance

import (
	"slices"

	"example.com/postern/api/contract"
)

// allCases returns every case in the order they run in: those that use an account up come last.
func allCases(described []contract.Description) []testCase {
	all := slices.Concat(aroundCases, userCases, loginCases, tokenCases, sessionCases, postCases, conditionalCases, listCases)
	var last []testCase
	for _, o := range operations(described) {
		for _, c := range everyOperation(o) {
			if o.id == "DeleteCurrentUser" {
				last = append(last, c) // a server that does it all the same ends the account
			} else {
				all = append(all, c)
			}
		}
	}
	all = append(all, lastCases[:len(lastCases)-1]...)
	return append(append(all, last...), lastCases[len(lastCases)-1])
}
