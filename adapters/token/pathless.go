package token

import (
	"errors"
	"io/fs"
	"os"
)

// pathless returns an error of the file system's without the path that it names, which is a setting's value.
func pathless(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return &fileError{e.Op + ": " + e.Err.Error(), err}
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return &fileError{e.Op + ": " + e.Err.Error(), err}
	}
	return err
}

type fileError struct {
	text  string
	cause error
}

func (e *fileError) Error() string { return e.text }

func (e *fileError) Unwrap() error { return e.cause }
