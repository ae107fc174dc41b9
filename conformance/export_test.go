package conformance

import "example.com/postern/conformance/validate"

// IsGood tells whether what a case asks for is to be granted.
func IsGood(name string) bool {
	contract, err := validate.Load()
	if err != nil {
		return false
	}
	for _, c := range allCases(contract) {
		if c.name == name {
			return c.good
		}
	}
	return false
}
