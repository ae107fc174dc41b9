package conformance

import (
	"slices"

	"example.com/postern/api/contract"
)

// allCases returns every case in the order in which they run. Cases that make an account unusable come last.
func allCases(described []contract.Description) []testCase {
	all := slices.Concat(lessonCases, shapeCases(described), serviceCases, userCases, loginCases, tokenCases, sessionCases, emailCases, postCases, exportCases, conditionalCases, listCases)
	var last []testCase
	for _, o := range operations(described) {
		for _, c := range commonCases(o) {
			if o.id == "DeleteCurrentUser" {
				last = append(last, c) // a faulty server may delete the account
			} else {
				all = append(all, c)
			}
		}
	}
	all = append(all, lastCases[:len(lastCases)-1]...)
	return append(append(all, last...), lastCases[len(lastCases)-1])
}
