package conformance

import (
	"slices"

	"example.com/postern/api/contract"
)

// allCases returns every case in the order in which they run. Cases that make an account unusable come last.
func allCases(described []contract.Description) []testCase {
	all := operations(described)
	var common, ofDeletion []testCase
	for _, o := range all {
		if o.ID == "DeleteCurrentUser" {
			ofDeletion = commonCasesOf(o) // a faulty server may delete the account
		} else {
			common = append(common, commonCasesOf(o)...)
		}
	}
	return slices.Concat(lessonCases, shapeCases(all), serviceCases, userCases, loginCases, tokenCases, sessionCases, emailCases,
		postCases, exportCases, conditionalCases, listCases, common, passwordCases, ofDeletion, deletionCases)
}
