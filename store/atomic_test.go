package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// TestAnActIsAllOrNothing makes one statement of the write fail, wherever it
// stands in the transaction: nothing of the act is left.
func TestAnActIsAllOrNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("write")
		for _, table := range []string{"standings", "sign_offs", "versions", "mandates", "seats", "seat_people", "duties", "bindings",
			"ledger", "ledger_bodies", "ledger_refs", "ledger_head", "outbox", "matrix_rows", "audience"} {
			t.Run(table, func(t *testing.T) {
				before := h.everyRow(t)
				repair := h.breakTable(t, table)
				// The last sign-off touches them all: it is what makes the mandate.
				_, err := h.sign("xena", capability, version)
				repair()
				require.ErrorContains(t, err, "broken for the test")
				require.Equal(t, before, h.everyRow(t), "nothing of the act is left")
			})
		}
		require.Equal(t, "live", h.signs(t, "xena", capability, version).Outcome, "and then it is done, once")
		whole(t, h)
	})
}

// TestAnActIsAllOrNothingAtItsEnd: what the database looks at only when the
// transaction ends undoes it whole.
func TestAnActIsAllOrNothingAtItsEnd(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("infra")
		h.signs(t, "xena", capability, version)
		before := h.everyRow(t)
		_, err := h.try("yuri", capability, func(f models.CapabilityFacts) (models.Change, error) {
			f.Open.Version.Need = 1 // a rule that counts wrongly: one seat where two are needed
			return h.keys.SignOff(f, h.shown(version), models.Signing{})
		})
		require.Equal(t, models.Conflict, models.CodeOf(err), "%v", err)
		require.Equal(t, before, h.everyRow(t))
		whole(t, h)
	})
}

// breakTable makes every write of the table fail, and says how to mend it.
func (h *house) breakTable(t *testing.T, table string) (repair func()) {
	var make, mend []string
	for _, event := range []string{"INSERT", "UPDATE"} {
		name := "broken_" + event
		if h.engine == SQLite {
			make = append(make, fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'broken for the test'); END", name, event, table))
			mend = append(mend, "DROP TRIGGER "+name)
			continue
		}
		make = append(make, fmt.Sprintf("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken for the test'; END $$", name),
			fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION %s()", name, event, table, name))
		mend = append(mend, fmt.Sprintf("DROP TRIGGER %s ON %s", name, table), fmt.Sprintf("DROP FUNCTION %s()", name))
	}
	run := func(all []string) {
		for _, sql := range all {
			require.NoError(t, plain(h.Store).Exec(sql).Error)
		}
	}
	run(make)
	return func() { run(mend) }
}

// everyRow is the digest of each table's contents, in every column.
func (h *house) everyRow(t require.TestingT) map[string]string {
	out := map[string]string{}
	for _, table := range append(append([]string{}, keptTables...), append(derivedTables, "ledger_head")...) {
		all := []map[string]any{}
		require.NoError(t, h.read.Table(table).Find(&all).Error)
		sum := [32]byte{}
		for _, row := range all { // in no order: the sum of the rows' digests
			for i, b := range sha256.Sum256([]byte(fmt.Sprint(row))) {
				sum[i] ^= b
			}
		}
		out[table] = fmt.Sprint(len(all), " ", hex.EncodeToString(sum[:]))
	}
	return out
}
