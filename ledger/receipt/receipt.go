// Package receipt is the file that a decision's receipt can be kept as, and the
// check of one by somebody who has nothing else: no server, no database. No SQL,
// no HTTP.
package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gowebpki/jcs"

	"countersign/ledger"
	"countersign/models"
)

// Format is the first version of the file.
const Format = "countersign/receipt/1"

// MaxFile is how many bytes a file may have, MaxDepth how deep it may nest, and
// MaxNames how many things one object may name: sorting them takes its time.
const (
	MaxFile  = 8 << 20
	MaxDepth = 64
	MaxNames = 1000
)

// File is one act of the record with what it takes to check it. Its bytes are
// canonical JSON (RFC 8785), but what Read takes need not be: a file that an
// editor has put on several lines says the same. Field names stay.
type File struct {
	Format  string          `json:"format"`
	Entry   ledger.Entry    `json:"entry"`             // as the record has it
	Hash    string          `json:"hash"`              // of the entry's canonical JSON: SHA-256(0x00 ‖ entry), RFC 6962, 2.1
	Salt    string          `json:"salt,omitempty"`    // of the commitment to the details; "" where these are not in the file
	Details json.RawMessage `json:"details,omitempty"` // an object; only for who acted, and for auditors
	Rows    []Row           `json:"rows"`              // those of the entry's that are still as it left them
	Version *Version        `json:"version,omitempty"` // that was decided on
	Passkey *models.Passkey `json:"passkey,omitempty"` // as it is now: what was said when it was enrolled does not change
	Told    Told            `json:"told"`
}

// Row is one row that the entry commits to.
type Row struct {
	Table string          `json:"table"`
	Row   json.RawMessage `json:"row"`
}

// Version is what was decided on.
type Version struct {
	ID       string          `json:"id"`
	Digest   string          `json:"digest"`
	Document json.RawMessage `json:"document"` // whose SHA-256 the digest is
}

// Told is what the server says beside it, in words. Nothing here can be checked
// without the server.
type Told struct {
	At      string            `json:"at"`      // when the file was made, RFC 3339
	By      string            `json:"by"`      // the address of the server
	Act     string            `json:"act"`     // in words
	People  map[string]string `json:"people"`  // id → name, as of then
	Teams   map[string]string `json:"teams"`   // id → name, as of then
	Changes []string          `json:"changes"` // what had changed since the version that was last in force
}

// Bytes are the file's canonical bytes.
func (f File) Bytes() ([]byte, error) {
	text, err := models.Canonical(f)
	return []byte(text), err
}

// Read takes a file apart. It refuses what is too large or too deep, what names
// a thing twice, and what has anything that a receipt has not: what is not
// understood is not checked, and must not look as if it were.
func Read(r io.Reader) (File, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return File{}, fmt.Errorf("cannot read the file: %w", err)
	}
	if len(raw) > MaxFile {
		return File{}, fmt.Errorf("the file is larger than %d MiB, and no receipt is", MaxFile>>20)
	}
	if err := plain(raw); err != nil {
		return File{}, err
	}
	var f File
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return File{}, fmt.Errorf("this is no receipt: %w", err)
	}
	if f.Format != Format {
		return File{}, fmt.Errorf("this is no receipt of the format %s", Format)
	}
	// What was read must be all that there is: a name in other letters, a null or
	// a number that was rounded would be something that nobody looked at.
	is, err := jcs.Transform(raw)
	if err != nil {
		return File{}, fmt.Errorf("this is no receipt: %w", err)
	}
	if again, err := f.Bytes(); err != nil || !bytes.Equal(is, again) {
		return File{}, errors.New("this is no receipt: it has something in it that no receipt has, or lacks something that each has")
	}
	return f, nil
}

// plain says what is wrong with text that is not one JSON object of bounded depth
// without two things of one name.
func plain(raw []byte) error {
	type level struct {
		object bool
		name   bool // the next token of an object is a name
		names  map[string]bool
	}
	var open []level
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return errors.New("the file is empty")
		}
		if err != nil {
			return fmt.Errorf("the file is not JSON: %w", err)
		}
		if n := len(open); n > 0 && open[n-1].object && open[n-1].name {
			if name, ok := token.(string); ok {
				if open[n-1].names[name] {
					return fmt.Errorf("the file says %q twice in one place", name)
				}
				if len(open[n-1].names) == MaxNames {
					return fmt.Errorf("the file names more than %d things in one place, and no receipt does", MaxNames)
				}
				open[n-1].names[name], open[n-1].name = true, false
				continue
			}
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if len(open) == MaxDepth {
				return fmt.Errorf("the file nests deeper than %d levels, and no receipt does", MaxDepth)
			}
			if n := len(open); n > 0 {
				open[n-1].name = true // the name after what opens here
			}
			open = append(open, level{object: token == json.Delim('{'), name: true, names: map[string]bool{}})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if len(open) == 0 {
				return errors.New("the file is not a JSON object")
			}
			open[len(open)-1].name = true
		}
		if len(open) == 0 {
			if _, err := d.Token(); !errors.Is(err, io.EOF) {
				return errors.New("the file goes on after its end")
			}
			return nil
		}
	}
}
