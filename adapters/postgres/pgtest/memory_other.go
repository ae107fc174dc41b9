//go:build !linux

package pgtest

// memoryDir returns "": the default folder for temporary files.
func memoryDir() string { return "" }
