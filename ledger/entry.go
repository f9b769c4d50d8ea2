// Package ledger is the append-only record: what an entry says, how entries are
// chained, and how a reader who trusts nobody checks them. No SQL, no HTTP.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gowebpki/jcs"
)

// MaxEntry is the most bytes an entry may have: a tile log's limit (C2SP
// tlog-tiles, entry bundles: a big-endian uint16 length).
const MaxEntry = 65_535

// ErrTooLarge says that an act touched more rows than one entry can name.
var ErrTooLarge = errors.New("the entry is larger than 65,535 bytes")

// Genesis is what the first entry is chained to.
var Genesis = strings.Repeat("0", 64)

// Row commits an entry to one row as the act left it.
type Row struct {
	Table  string `json:"table"`
	ID     string `json:"id"`
	Rev    int64  `json:"rev"`
	SHA256 string `json:"sha256"` // of the row's canonical JSON
}

// Entry is one act. Its bytes are its RFC 8785 canonical JSON.
type Entry struct {
	Seq       int64  `json:"seq"`
	At        int64  `json:"at"` // microseconds since 1970 UTC
	Act       string `json:"act"`
	ActID     string `json:"act_id"`
	Actor     string `json:"actor"`
	Principal string `json:"principal"` // for whom: the actor, or whom they are a delegate of
	Subject   string `json:"subject"`
	Rows      []Row  `json:"rows"`
	Body      string `json:"body"` // salted commitment to the details kept beside it
	Prev      string `json:"prev"` // hash of the entry before
}

// Bytes are the entry's canonical bytes; ErrTooLarge past the limit.
func (e Entry) Bytes() (string, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("cannot marshal the entry: %w", err)
	}
	out, err := jcs.Transform(raw)
	if err != nil {
		return "", fmt.Errorf("cannot canonicalise the entry: %w", err)
	}
	if len(out) > MaxEntry {
		return "", ErrTooLarge
	}
	return string(out), nil
}

// Hash is the leaf hash of an entry's bytes: SHA-256(0x00 ‖ bytes), as RFC 6962
// section 2.1, so that a Merkle tree can be built over the same entries.
func Hash(entry string) string {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write([]byte(entry))
	return hex.EncodeToString(h.Sum(nil))
}

// Commit is the salted commitment to an entry's details: SHA-256(salt ‖ 0x00 ‖
// body). The body can be erased later and the entry still stands.
func Commit(salt, body string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + body))
	return hex.EncodeToString(sum[:])
}

// Chain checks entries in order, one at a time, in bounded memory.
type Chain struct {
	seq  int64
	at   int64
	hash string
}

// NewChain starts at the beginning of a ledger.
func NewChain() *Chain { return &Chain{hash: Genesis} }

// Seq is the number of the last entry that fitted.
func (c *Chain) Seq() int64 { return c.seq }

// At is the time of the last entry that fitted, in microseconds.
func (c *Chain) At() int64 { return c.at }

// Hash is the hash of the last entry that fitted.
func (c *Chain) Hash() string { return c.hash }

// Next checks that the bytes are the next entry: its sequence, its time, the
// hash of the one before, and that the bytes are canonical. It returns the entry.
func (c *Chain) Next(bytes string) (Entry, error) {
	var e Entry
	if err := json.Unmarshal([]byte(bytes), &e); err != nil {
		return e, fmt.Errorf("entry %d is not JSON: %w", c.seq+1, err)
	}
	again, err := e.Bytes()
	switch {
	case err != nil:
		return e, fmt.Errorf("entry %d: %w", c.seq+1, err)
	case again != bytes:
		return e, fmt.Errorf("entry %d is not in canonical form", c.seq+1)
	case e.Seq != c.seq+1:
		return e, fmt.Errorf("entry %d is missing: found %d in its place", c.seq+1, e.Seq)
	case e.At < c.at:
		return e, fmt.Errorf("entry %d is dated before the one before it", e.Seq)
	case e.Prev != c.hash:
		return e, fmt.Errorf("entry %d does not follow from entry %d", e.Seq, c.seq)
	}
	c.seq, c.at, c.hash = e.Seq, e.At, Hash(bytes)
	return e, nil
}
