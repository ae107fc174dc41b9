package conformance

// IsValid returns, by the name of each case, whether the case sends valid requests.
func IsValid() (map[string]bool, error) {
	spec, err := loadSpecification()
	if err != nil {
		return nil, err
	}
	valid := map[string]bool{}
	for _, c := range allCases(spec.operations) {
		valid[c.name] = c.valid
	}
	return valid, nil
}
