package token

import (
	"errors"
	"io/fs"
	"os"
)

// pathless returns a file system error whose text omits the path, because the path is the value of a setting.
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
