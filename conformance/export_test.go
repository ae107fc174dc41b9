package conformance

// IsValid tells whether what a case asks for is to be granted.
func IsValid(name string) bool {
	spec, err := loadSpecification()
	if err != nil {
		return false
	}
	for _, c := range allCases(spec.operations) {
		if c.name == name {
			return c.valid
		}
	}
	return false
}
