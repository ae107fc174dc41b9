package conformance

// IsValid reports whether a case sends valid requests.
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
