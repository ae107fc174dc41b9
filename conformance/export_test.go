package conformance

// IsGood tells whether what a case asks for is to be granted.
func IsGood(name string) bool {
	promised, err := load()
	if err != nil {
		return false
	}
	for _, c := range allCases(promised.operations) {
		if c.name == name {
			return c.good
		}
	}
	return false
}
