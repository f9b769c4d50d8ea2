package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/ledger"
	"countersign/models"
	"countersign/policy"
)

// everything is done in the house once: what verify reads.
func (h *house) everything() (capability, version string) {
	h.t.Helper()
	capability, version = h.live("pay")
	h.live("read")
	h.draft("write")
	stopped, again := h.live("write")
	h.must("carl", stopped, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnAgent, "It answered nonsense")
	})
	h.pass(models.Hour)
	h.must("anna", stopped, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Prompt mended") })
	_, err := h.sign("yuri", stopped, again)
	require.NoError(h.t, err)
	cleo := h.people["cleo"]
	_, err = h.DecideCapability(h.t.Context(), h.act("anna"), stopped, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Nominate(again, models.ControlOwner, cleo)
	})
	require.NoError(h.t, err)
	h.must("cleo", stopped, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Accept(again, models.ControlOwner, f.Force.Version.Digest)
	})
	h.must("anna", stopped, models.CapabilityFacts.NewDraft)
	h.must("anna", stopped, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Submit(f.Open.Version.ID, policy.Compile)
	})
	back, sent := h.reviewed("infra")
	shown := h.shown(sent)
	h.must("xena", back, func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskForChanges(shown, models.Signing{Comment: "Name the servers"})
	})
	recalled, signed := h.reviewed("infra")
	_, err = h.sign("xena", recalled, signed)
	require.NoError(h.t, err)
	h.pass(models.Hour)
	h.must("xena", recalled, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Recall(f.Open.SignOffs[0].ID, "Too early")
	})
	held, _ := h.live("infra")
	h.must("pete", held, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "Wrong server")
	})
	h.admin("adam", AdminLookup{People: []string{h.people["zoe"]}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(h.people["zoe"], "Moved on") })
	return capability, version
}

func TestVerifyFindsNothingWhereNothingIs(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.everything()
		var last VerifyProgress
		require.NoError(t, h.Verify(t.Context(), func(p VerifyProgress) { last = p }))
		require.Equal(t, "done", last.Step)
		require.NotZero(t, last.Entries)
		require.Greater(t, last.Rows, last.Entries)
		require.Len(t, last.Head, 64)
	})
}

// tampered runs statements past the schema's protection and verifies what they
// leave; everything is rolled back.
func (h *house) tampered(t *testing.T, statements ...string) *VerifyError {
	t.Helper()
	var found *VerifyError
	rollback := errors.New("rolled back")
	err := h.write.Connection(func(c *gorm.DB) error {
		if h.engine == SQLite {
			require.NoError(t, c.Exec("PRAGMA foreign_keys = OFF").Error)
			defer func() { require.NoError(t, c.Exec("PRAGMA foreign_keys = ON").Error) }()
		}
		return c.Transaction(func(tx *gorm.DB) error {
			h.unprotected(t, tx)
			for _, s := range statements {
				res := tx.Exec(s)
				require.NoError(t, res.Error, s)
				require.NotZero(t, res.RowsAffected, "it changes nothing: %s", s)
			}
			v := &verification{tx: tx, engine: h.engine, now: *h.clock, report: func(VerifyProgress) {}, last: map[string]map[string]word{}}
			err := v.all()
			require.Error(t, err, "nothing was found after %v", statements)
			require.ErrorAs(t, err, &found, "%v", err)
			return rollback
		})
	})
	require.ErrorIs(t, err, rollback)
	return found
}

// unprotected takes the triggers away, and on PostgreSQL the foreign keys too.
func (h *house) unprotected(t *testing.T, tx *gorm.DB) {
	t.Helper()
	if h.engine == Postgres {
		require.NoError(t, tx.Exec("SET LOCAL session_replication_role = 'replica'").Error)
		return
	}
	var triggers []string
	require.NoError(t, tx.Raw("SELECT name FROM sqlite_master WHERE type = 'trigger'").Scan(&triggers).Error)
	for _, name := range triggers {
		require.NoError(t, tx.Exec("DROP TRIGGER "+name).Error)
	}
}

func TestVerifyNamesWhatDoesNotFit(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.everything()
		var head int64
		require.NoError(t, h.read.Raw("SELECT seq FROM ledger_head").Scan(&head).Error)
		anna := h.people["anna"]
		id := func(query string, args ...any) (id string) {
			require.NoError(t, h.read.Raw(query, args...).Scan(&id).Error)
			require.NotEmpty(t, id)
			return id
		}
		mandate := id("SELECT id FROM mandates WHERE capability_id = ? AND ended_at IS NULL", capability)
		sql := fmt.Sprintf
		for _, x := range []struct {
			name      string
			table, id string
			says      string
			do        []string
		}{
			{"a row changed", "people", anna, "was changed past the record", []string{sql("UPDATE people SET name = 'Anne' WHERE id = '%s'", anna)}},
			{"a row changed with its revision", "people", anna, "at revision 2, but entry", []string{sql("UPDATE people SET name = 'Anne', rev = rev + 1 WHERE id = '%s'", anna)}},
			{"a row deleted", "grants", "", "is gone", []string{sql("DELETE FROM grants WHERE person_id = '%s'", anna)}},
			{"a row inserted", "teams", "tea_x", "no entry of the record made it", []string{"INSERT INTO teams (id, name, rev) VALUES ('tea_x', 'Shadow', 1)"}},
			{"a sign-off by somebody else", "sign_offs", "", "was changed past the record", []string{sql("UPDATE sign_offs SET signer_id = '%[1]s', principal_id = '%[1]s' WHERE version_id = '%[2]s'", anna, version)}},
			{"a mandate that lasts longer", "mandates", mandate, "was changed past the record", []string{sql("UPDATE mandates SET until_at = until_at + 1 WHERE id = '%s'", mandate)}},
			{"a hold lifted", "holds", "", "was changed past the record", []string{"UPDATE holds SET lifted_at = placed_at, lifted_by = 'system' WHERE lifted_at IS NULL"}},
			{"an entry changed", "ledger", "7", "does not follow", []string{"UPDATE ledger SET entry = REPLACE(entry, '\"actor\":\"per_', '\"actor\":\"per-') WHERE seq = 6",
				sql("UPDATE ledger SET actor = REPLACE(actor, 'per_', 'per-'), hash = '%s' WHERE seq = 6", ledger.Hash(strings.Replace(id("SELECT entry FROM ledger WHERE seq = 6"), `"actor":"per_`, `"actor":"per-`, 1)))}},
			{"an entry changed and not its hash", "ledger", "6", "under the actor", []string{"UPDATE ledger SET entry = REPLACE(entry, '\"actor\":\"per_', '\"actor\":\"per-') WHERE seq = 6"}},
			{"an entry not canonical", "ledger", "6", "canonical", []string{"UPDATE ledger SET entry = ' ' || entry WHERE seq = 6"}},
			{"an entry's column changed", "ledger", "6", "found under the actor", []string{"UPDATE ledger SET actor = 'system' WHERE seq = 6"}},
			{"an outcome changed", "ledger", "", "outcome", []string{"UPDATE ledger SET outcome = 'refused' WHERE outcome = 'live'"}},
			{"the last entry dropped", "ledger", fmt.Sprint(head), "entries at the end are gone", []string{sql("DELETE FROM ledger WHERE seq = %d", head)}},
			{"an entry dropped", "ledger", "7", "entry 6 is missing", []string{"DELETE FROM ledger WHERE seq = 6"}},
			{"the first entry dropped", "ledger", "2", "entry 1 is missing", []string{"DELETE FROM ledger WHERE seq = 1"}},
			{"entries swapped", "ledger", "6", "entry 6 is missing", []string{"UPDATE ledger SET entry = (SELECT x.entry FROM ledger x WHERE x.seq = 13 - ledger.seq) WHERE seq IN (6, 7)"}},
			{"the last entry dropped with the head moved back", "", "", "", []string{sql("DELETE FROM ledger WHERE seq = %d", head),
				sql("UPDATE ledger_head SET seq = %[1]d - 1, hash = (SELECT hash FROM ledger WHERE seq = %[1]d - 1), at = (SELECT at FROM ledger WHERE seq = %[1]d - 1)", head)}},
			{"the head moved", "ledger_head", "1", "hash", []string{"UPDATE ledger_head SET hash = '" + strings.Repeat("a", 64) + "'"}},
			{"a body changed", "ledger_bodies", "6", "not those that it was written with", []string{"UPDATE ledger_bodies SET body = REPLACE(body, '{', '{\"x\":1,') WHERE seq = 6"}},
			{"a body gone", "ledger_bodies", "6", "are gone", []string{"DELETE FROM ledger_bodies WHERE seq = 6"}},
			{"an entry hidden from a history", "ledger_refs", "", "belongs into", []string{sql("DELETE FROM ledger_refs WHERE kind = 'capability' AND id = '%s'", capability)}},
			{"a line of the matrix changed", "matrix_rows", capability, "the owner should be", []string{sql("UPDATE matrix_rows SET owner_id = '%s' WHERE capability_id = '%s'", h.people["olga"], capability)}},
			{"a line of the matrix gone", "matrix_rows", capability, "has no line", []string{sql("DELETE FROM matrix_rows WHERE capability_id = '%s'", capability)}},
			{"somebody added to an audience", "audience", capability, "shown", []string{sql("INSERT INTO audience (capability_id, person_id) VALUES ('%s', '%s')", capability, h.people["adam"])}},
			{"more to answer for than there is", "loads", anna, "answers for", []string{sql("UPDATE loads SET owner = owner + 1 WHERE person_id = '%s'", anna)}},
			{"who answers for something forgotten", "loads", anna, "answers for", []string{sql("DELETE FROM loads WHERE person_id = '%s'", anna)}},
			{"a system forgotten", "system_uses", capability, "systems", []string{sql("DELETE FROM system_uses WHERE capability_id = '%s'", capability)}},
		} {
			t.Run(x.name, func(t *testing.T) {
				found := h.tampered(t, x.do...)
				require.Contains(t, found.Says, x.says)
				if x.table != "" {
					require.Equal(t, x.table, found.Table, found.Says)
				}
				if x.id != "" {
					require.Equal(t, x.id, found.ID, found.Says)
				}
			})
		}
		require.NoError(t, h.Verify(t.Context(), nil), "everything was rolled back")
	})
}

// An erased body keeps the entry whole.
func TestVerifyAllowsErasure(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		require.NoError(t, h.write.Exec("UPDATE ledger_bodies SET body = '', salt = '' WHERE seq = 6").Error)
		var last VerifyProgress
		require.NoError(t, h.Verify(t.Context(), func(p VerifyProgress) { last = p }))
		require.EqualValues(t, 1, last.Erased)
	})
}

// A whole forged record: the entry, its hash and the head fit, and the row does
// too, but the mandate that it makes does not keep the rules.
func TestVerifyAsksTheRulesAgain(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("infra")
		m, err := find[models.Mandate](h.read, "capability_id = ?", capability)
		require.NoError(t, err)
		v, err := find[models.Version](h.read, "id = ?", version)
		require.NoError(t, err)
		for name, forge := range map[string]struct {
			says string
			do   func(tx *gorm.DB) models.Row
		}{
			"lasts longer": {"lasts longer after a missed review", func(tx *gorm.DB) models.Row {
				x := *m
				x.UntilAt, x.Rev = x.UntilAt+models.Day, x.Rev+1
				return x
			}},
			"a lower tier": {"does not have the digest", func(tx *gorm.DB) models.Row {
				x := *v
				x.Document, x.Rev = strings.Replace(x.Document, `"tier":"high"`, `"tier":"low"`, 1), x.Rev+1
				return x
			}},
			"a lower tier with its digest": {"is not for what its version says", func(tx *gorm.DB) models.Row {
				x := *v
				x.Document, x.Rev = strings.Replace(x.Document, `"tier":"high"`, `"tier":"low"`, 1), x.Rev+1
				x.Digest = models.Digest(x.Document)
				return x
			}},
		} {
			t.Run(name, func(t *testing.T) {
				rollback := errors.New("rolled back")
				err := h.write.Transaction(func(tx *gorm.DB) error {
					h.unprotected(t, tx)
					if h.engine == SQLite {
						require.NoError(t, tx.Exec("PRAGMA defer_foreign_keys = ON").Error)
					}
					h.forge(t, tx, forge.do(tx))
					v := &verification{tx: tx, engine: h.engine, now: *h.clock, report: func(VerifyProgress) {}, last: map[string]map[string]word{}}
					err := v.all()
					require.Error(t, err)
					require.Contains(t, err.Error(), forge.says)
					return rollback
				})
				require.ErrorIs(t, err, rollback)
			})
		}
	})
}

// forge writes a row and an entry that tells of it, as decide would.
func (h *house) forge(t *testing.T, tx *gorm.DB, row models.Row) {
	t.Helper()
	h.forgeAct(t, tx, "forged", models.SystemActor, row)
}

func (h *house) forgeAct(t *testing.T, tx *gorm.DB, act, actor string, row models.Row) {
	t.Helper()
	require.NoError(t, put(tx, models.Write{Row: row, Expect: row.Revision() - 1}))
	said, err := commitment(row)
	require.NoError(t, err)
	var hd head
	require.NoError(t, tx.Raw("SELECT * FROM ledger_head").Scan(&hd).Error)
	body, err := kept(map[string]any{}, "", []string{})
	require.NoError(t, err)
	e := ledger.Entry{Seq: hd.Seq + 1, At: int64(hd.At), Act: act, ActID: NewActID(), Actor: actor, Principal: actor, Subject: row.Key(), Rows: []ledger.Row{said}, Body: ledger.Commit("", body), Prev: hd.Hash}
	bytes, err := e.Bytes()
	require.NoError(t, err)
	require.NoError(t, tx.Create(&entry{Seq: e.Seq, At: hd.At, Act: e.Act, ActID: e.ActID, Actor: e.Actor, Principal: e.Principal, Subject: e.Subject, Entry: bytes, Prev: e.Prev, Hash: ledger.Hash(bytes)}).Error)
	require.NoError(t, tx.Exec("INSERT INTO ledger_bodies (seq, salt, body) VALUES (?, '', ?)", e.Seq, body).Error)
	require.NoError(t, tx.Exec("UPDATE ledger_head SET seq = ?, hash = ?", e.Seq, ledger.Hash(bytes)).Error)
}

// Every table with a revision is one that verify reads.
func TestGovernedTablesAreAll(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		query := "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'rev'"
		if h.engine == Postgres {
			query = "SELECT table_name FROM information_schema.columns WHERE column_name = 'rev' AND table_schema = current_schema()"
		}
		var have, known []string
		require.NoError(t, h.read.Raw(query).Scan(&have).Error)
		for _, g := range governedTables {
			known = append(known, g.name)
		}
		require.ElementsMatch(t, have, known)
	})
}
