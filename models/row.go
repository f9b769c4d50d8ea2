package models

// Row is one governance row: what a Change writes, the ledger commits to and
// verify compares. Its JSON (the column names) is what the ledger hashes.
type Row interface {
	TableName() string
	// Key names the row in its table: the primary key, composite ones joined by "/".
	Key() string
	// Revision counts the row's writes: 1 when inserted, one more at each update.
	Revision() int64
}

// Record is embedded in every Row: it carries the revision.
type Record struct {
	Rev int64 `json:"rev"`
}

// Revision implements Row.
func (r Record) Revision() int64 { return r.Rev }

// bump is how a Change moves a row to its next revision.
func (r *Record) bump() { r.Rev++ }

func join(parts ...string) string {
	out := parts[0]
	for _, p := range parts[1:] {
		out += "/" + p
	}
	return out
}
