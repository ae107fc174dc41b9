package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"example.com/postern/adapters/token"
)

var errNoKeysFile = errors.New("the key file, in the data folder or at POSTERN_KEYS_FILE, does not exist: the first start with the " +
	"embedded store creates it, and so does postern keys create")

type keysListCommand struct {
	dataConfig `embed:""`
}

// Run prints a table of the keys, without their secrets.
func (c *keysListCommand) Run(p *process) error {
	if err := c.loadKeys(p.getenv); err != nil {
		return err
	}
	if err := c.enterKeysFolder(); err != nil {
		return err
	}
	keys, err := c.listKeys()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "KEY ID\tUSE\tALGORITHM\tNOT BEFORE\tSTATE")
	for _, k := range keys {
		notBefore := "-"
		if !k.NotBefore.IsZero() {
			notBefore = k.NotBefore.Format(time.RFC3339)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.KeyID, k.Use, k.Algorithm, notBefore, k.State)
	}
	return table.Flush()
}

func (c *dataConfig) listKeys() ([]token.KeyInfo, error) {
	if !c.jwtSecret.IsSet() {
		keys, err := token.ListFile(c.keysFile(), clock())
		return keys, orNoKeysFile(err)
	}
	ring, err := c.openRing(nil)
	if err != nil {
		return nil, err
	}
	return ring.Keys(), nil
}

// orNoKeysFile returns errNoKeysFile for a missing file, and other errors unchanged.
func orNoKeysFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errNoKeysFile
	}
	return err
}

type keysCreateCommand struct {
	dataConfig `embed:""`
	Algorithm  token.Algorithm `option:"" type:"choice" choices:"HS256|EdDSA|Ed25519|ES256" default:"HS256" placeholder:"NAME" group:"Options" help:"The algorithm that signs access tokens: HS256, EdDSA, Ed25519 or ES256."`
}

// Help implements [kong.HelpProvider].
func (*keysCreateCommand) Help() string { return algorithmHelp }

const algorithmHelp = `HS256 is the fastest. Its key both signs and checks tokens, so only this service may have it.
With EdDSA (newer name: Ed25519) and ES256, other services can check tokens with the public keys at
/.well-known/jwks.json, and only this service can sign them.`

// Run creates a key file.
func (c *keysCreateCommand) Run(p *process) error {
	if err := c.loadKeys(p.getenv); err != nil {
		return err
	}
	if c.jwtSecret.IsSet() {
		return refuse("POSTERN_JWT_SECRET", "is set, so a key file would never be read")
	}
	if c.KeysFile == "" {
		if err := c.makeDataDir(); err != nil {
			return err
		}
	}
	path := c.keysFile() // enterKeysFolder may change it
	if err := c.enterKeysFolder(); err != nil {
		return err
	}
	err := token.CreateFile(c.keysFile(), clock(), c.Algorithm)
	if errors.Is(err, fs.ErrExist) {
		return errors.New("the key file, in the data folder or at POSTERN_KEYS_FILE, exists already: postern keys rotate adds a key")
	} else if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "Created %s. All instances that share a store need this same file, with mode 0600.\n", path)
	return err
}

type keysRotateCommand struct {
	dataConfig `embed:""`
	Algorithm  token.Algorithm `option:"" type:"choice" choices:"HS256|EdDSA|Ed25519|ES256" placeholder:"NAME" shown:"that of the newest key" group:"Options" help:"The algorithm that signs access tokens: HS256, EdDSA, Ed25519 or ES256."`
	All        bool            `option:"" default:"false" group:"Options" help:"Also add a refresh key and a cursor key. The existing ones stay valid."`
}

// Help implements [kong.HelpProvider].
func (*keysRotateCommand) Help() string { return algorithmHelp }

// Run adds a key to the key file.
func (c *keysRotateCommand) Run(p *process) error {
	if err := c.loadKeys(p.getenv); err != nil {
		return err
	}
	if c.jwtSecret.IsSet() {
		return refuse("POSTERN_JWT_SECRET", "is set, so the keys are derived from it. To replace them, move its value to "+
			"POSTERN_JWT_SECRET_PREVIOUS, set a new secret (openssl rand -base64 48) and restart. Remove the previous secret after "+
			"POSTERN_SESSION_LIFETIME; sessions that began under it would end earlier")
	}
	if err := c.enterKeysFolder(); err != nil {
		return err
	}
	added, err := c.rotate()
	if err != nil {
		return orNoKeysFile(err)
	}
	for _, k := range added {
		if _, err := fmt.Fprintf(p.stdout, "Added key %s (%s, %s).\n", k.KeyID, k.Use, k.Algorithm); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.stdout, rotateNotes, added[0].NotBefore.Format(time.RFC3339))
	return err
}

const rotateNotes = `In force from %s on. Running instances read the file within 5 seconds, so all know the key by then.
Earlier tokens stay valid until they expire: nobody is logged out.
`

// rotate adds keys to the key file and returns them, the signing key first.
func (c *keysRotateCommand) rotate() ([]token.KeyInfo, error) {
	if c.All {
		return token.RotateAllFile(c.keysFile(), clock(), c.Algorithm)
	}
	added, err := token.RotateFile(c.keysFile(), clock(), c.Algorithm)
	return []token.KeyInfo{added}, err
}

// enterKeysFolder calls [enterFolder] for the folder of the key file. In a folder of root the process stays root: only root can
// replace the file there, and the file may belong to any user. A new key file belongs to the user of the store beside it.
func (c *dataConfig) enterKeysFolder() error {
	if c.jwtSecret.IsSet() {
		return nil
	}
	path := c.keysFile()
	model := "."
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		model = databaseName
	}
	folder, err := enterFolder(filepath.Dir(path), model)
	if err != nil {
		return refuse("POSTERN_KEYS_FILE", "(--keys-file), or its folder, cannot be used: "+err.Error())
	}
	c.KeysFile = filepath.Join(folder, filepath.Base(path))
	return nil
}

// openRing opens the key ring of the settings.
func (c *dataConfig) openRing(log *slog.Logger) (*token.Ring, error) {
	if c.jwtSecret.IsSet() {
		return token.FromSecret([]byte(c.jwtSecret.Reveal()), []byte(c.jwtSecretPrevious.Reveal()))
	}
	ring, err := token.OpenFile(c.keysFile(), clock, log)
	return ring, orNoKeysFile(err)
}

// serviceRing opens the key ring of a service. It creates the key file of an embedded store if there is none, and reports that.
func (c *config) serviceRing(log *slog.Logger) (ring *token.Ring, created bool, err error) {
	ring, err = c.openRing(log)
	if !errors.Is(err, errNoKeysFile) || c.databaseURL.IsSet() {
		return ring, false, err
	}
	// If another process creates the file at the same moment, its file is used.
	err = token.CreateFile(c.keysFile(), clock(), token.HS256)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, false, err
	}
	created = err == nil
	ring, err = c.openRing(log)
	return ring, created, err
}
