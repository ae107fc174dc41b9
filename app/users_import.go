package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/domain"
)

type usersImportCommand struct {
	accountsConfig `embed:""`
	File           string `arg:"" name:"file" type:"stream" help:"A file with one JSON object per line, or - to read the input."`
}

// Help implements [kong.HelpProvider].
func (*usersImportCommand) Help() string {
	return `Each line of the file is one account:

  {"email": "ada@example.com", "hash": "$2b$12$...", "created_at": "2024-05-01T12:00:00Z",
   "email_verified_at": "2024-05-01T12:05:00Z"}

The hash is a bcrypt ($2a$, $2b$, $2y$) or Argon2id ($argon2id$) hash of moderate cost. The first login replaces a bcrypt
hash. The default of created_at is the current time. Without email_verified_at, the address is unconfirmed. The format is
known as NDJSON.

The lines are independent of each other. A line that is not valid is reported with its number. A line whose address has an
account is skipped, so a corrected file can be imported again.`
}

// Run imports accounts. It fails at the end if any line was not valid.
func (c *usersImportCommand) Run(p *process) error {
	input := p.stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return errors.New("<file> cannot be read: " + cause(err))
		}
		defer func() { _ = file.Close() }()
		input = file
	}
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		i := &userImport{operator: operator, stderr: p.stderr}
		err := i.lines(ctx, input)
		_, printErr := fmt.Fprintf(p.stdout, "Imported: %d. Skipped, because the address is taken: %d. Failed: %d.\n",
			i.imported, i.skipped, i.failed)
		return "", errors.Join(err, printErr)
	})
}

// userImport is an import in progress.
type userImport struct {
	operator                  domain.Operator
	stderr                    io.Writer
	imported, skipped, failed int
}

// maxImportLine is the longest accepted line in bytes, many times the longest address and hash.
const maxImportLine = 16 << 10

// lines imports each line of r. It stops early only if ctx ends, or if the store or r fails.
func (i *userImport) lines(ctx context.Context, r io.Reader) error {
	input := bufio.NewReaderSize(r, maxImportLine+1)
	for number := 1; ; number++ {
		line, tooLong, err := nextLine(input)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d cannot be read: %s", number, cause(err))
		}
		atEnd := err != nil
		switch {
		case tooLong:
			i.fail(number, fmt.Sprintf("is longer than %d bytes", maxImportLine))
		case len(bytes.TrimSpace(line)) > 0:
			if err := i.line(ctx, number, line); err != nil {
				return fmt.Errorf("stopped at line %d: %w", number, err)
			}
		}
		switch {
		case atEnd && i.failed > 0:
			return errors.New("not every line was imported: correct the reported lines and import them again")
		case atEnd:
			return nil
		}
	}
}

// line imports one line. It returns only errors that would affect the next line too.
func (i *userImport) line(ctx context.Context, number int, line []byte) error {
	user, err := parseImportedUser(line)
	if err == nil {
		_, err = i.operator.Import(ctx, user)
	}
	switch {
	case err == nil:
		i.imported++
	case errors.Is(err, domain.ErrEmailTaken):
		i.skipped++
		_, _ = fmt.Fprintf(i.stderr, "line %d: skipped: the address has an account\n", number)
	case errors.Is(err, domain.ErrInvalid):
		i.fail(number, withFields(err).Error())
	default:
		return err
	}
	return nil
}

func (i *userImport) fail(number int, why string) {
	i.failed++
	_, _ = fmt.Fprintf(i.stderr, "line %d: %s\n", number, why)
}

// nextLine returns the next line, which is valid until the next call. It skips a line that is too long, and reports that.
func nextLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = r.ReadSlice('\n')
	}
	return line, tooLong, err
}

// importedLine is [domain.ImportedUser] with the names of the members of a line. A null member counts as missing.
type importedLine struct {
	Email           string     `json:"email"`
	PasswordHash    string     `json:"hash"`
	CreatedAt       *time.Time `json:"created_at"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
}

// lineMembers maps each member of a line to the requirement for its value.
var lineMembers = map[string]string{
	"email": "must be text", "hash": "must be text", "created_at": mustBeTime, "email_verified_at": mustBeTime,
}

const mustBeTime = "must be a date and time of RFC 3339, such as 2024-05-01T12:00:00Z"

// parseImportedUser parses a line strictly. Its errors are of kind [domain.ErrInvalid] and contain no part of the line except
// the names of known members.
func parseImportedUser(line []byte) (domain.ImportedUser, error) {
	var in importedLine
	if err := json.Unmarshal(line, &in, json.RejectUnknownMembers(true)); err != nil {
		return domain.ImportedUser{}, unreadableLine(err)
	}
	var missing []domain.FieldError
	if in.Email == "" {
		missing = append(missing, domain.FieldError{Field: "email", Code: "required", Message: "is required"})
	}
	if in.PasswordHash == "" {
		missing = append(missing, domain.FieldError{Field: "hash", Code: "required", Message: "is required"})
	}
	if missing != nil {
		return domain.ImportedUser{}, domain.Invalid(missing...)
	}
	return domain.ImportedUser(in), nil
}

// unreadableLine translates an error of the decoder, whose text may repeat the line.
func unreadableLine(err error) error {
	var member string
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	semantic, isSemantic := errors.AsType[*json.SemanticError](err)
	if isSyntax {
		member = syntax.JSONPointer.LastToken()
	} else if isSemantic {
		member = semantic.JSONPointer.LastToken()
	}
	mustBe, isKnown := lineMembers[member]
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return wrongMember("the line", "has a member other than email, hash, created_at and email_verified_at")
	case isKnown && errors.Is(err, jsontext.ErrDuplicateName):
		return wrongMember(member, "occurs twice")
	case isKnown && isSemantic:
		return wrongMember(member, mustBe)
	}
	return wrongMember("the line", "is not one JSON object")
}

func wrongMember(name, message string) error {
	return domain.Invalid(domain.FieldError{Field: name, Code: "invalid", Message: message})
}
