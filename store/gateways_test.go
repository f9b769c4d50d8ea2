package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// key is a form for a key, and what would be kept of it.
func key(name string, days int) models.GatewayForm {
	f := models.GatewayForm{Name: name, Days: days}
	f.Hash, f.Hint = models.GatewayKeyOf(models.GatewayKeyPrefix + models.Digest(name)[:43])
	return f
}

func (h *house) tryGateway(by string, look GatewayLookup, rule func(models.GatewayFacts) (models.Change, error)) error {
	_, err := h.DecideGateway(h.t.Context(), h.act(by), look, rule)
	return err
}

func (h *house) gateway(form models.GatewayForm) models.Gateway {
	h.t.Helper()
	r, err := h.DecideGateway(h.t.Context(), h.act("adam"), GatewayLookup{Team: form.Team}, func(f models.GatewayFacts) (models.Change, error) { return f.MakeGateway(form) })
	require.NoError(h.t, err)
	return rows[models.Gateway](h.t.(*testing.T), h, "id", "id = ?", r.Subject)[0]
}

func TestGatewayKeys(t *testing.T) {
	made := func(form models.GatewayForm) func(models.GatewayFacts) (models.Change, error) {
		return func(f models.GatewayFacts) (models.Change, error) { return f.MakeGateway(form) }
	}
	revoke := func(f models.GatewayFacts) (models.Change, error) { return f.RevokeGateway("It leaked") }
	cases{
		"an administrator makes one, which ends by itself": func(t *testing.T, h *house) {
			form := key("  Payments   API ", 90)
			form.Team, form.Issuer = h.teams["Finance"], "https://issuer.example"
			g := h.gateway(form)
			require.Equal(t, "Payments API", g.Name)
			require.Equal(t, h.teams["Finance"], *g.TeamID)
			require.Equal(t, form.Hash, g.KeyHash)
			require.Len(t, g.Hint, 8)
			require.Equal(t, 90*models.Day, g.ExpiresAt-g.CreatedAt)
			require.True(t, g.Open(g.ExpiresAt-1))
			require.False(t, g.Open(g.ExpiresAt))
			h.pass(91 * models.Day)
			open, ended, err := h.Gateways(t.Context(), h.party("udo"))
			require.NoError(t, err)
			require.Empty(t, open)
			require.Equal(t, "Finance", ended[0].Team)
			h.refuses(t, models.Conflict, "gateway.expired", "has expired", func() error { return h.tryGateway("eve", GatewayLookup{Gateway: g.ID}, revoke) })
			form.Hash = models.Digest("another")
			h.gateway(form) // the name is free again
		},
		"any one revokes it, for good": func(t *testing.T, h *house) {
			g := h.gateway(key("Front door", 1))
			h.refuses(t, models.Invalid, "input", "Enter a reason", func() error {
				return h.tryGateway("eve", GatewayLookup{Gateway: g.ID}, func(f models.GatewayFacts) (models.Change, error) { return f.RevokeGateway(" ") })
			})
			require.NoError(t, h.tryGateway("eve", GatewayLookup{Gateway: g.ID}, revoke))
			g = rows[models.Gateway](t, h, "id", "id = ?", g.ID)[0]
			require.False(t, g.Open(*h.clock))
			require.Equal(t, h.people["eve"], *g.RevokedBy)
			h.refuses(t, models.Conflict, "gateway.revoked", "revoked already", func() error { return h.tryGateway("adam", GatewayLookup{Gateway: g.ID}, revoke) })
		},
		"nobody else does": func(t *testing.T, h *house) {
			g := h.gateway(key("Front door", 1))
			for _, by := range []string{"anna", "pete", "xena", "udo"} {
				h.refuses(t, models.Forbidden, "role.administrator", "administrator", func() error { return h.tryGateway(by, GatewayLookup{}, made(key("Mine", 1))) })
				h.refuses(t, models.Forbidden, "role.administrator", "administrator", func() error { return h.tryGateway(by, GatewayLookup{Gateway: g.ID}, revoke) })
			}
			for _, by := range []string{"anna", "pete", "xena"} {
				_, _, err := h.Gateways(t.Context(), h.party(by))
				require.Equal(t, models.NotFound, models.CodeOf(err))
				_, err = h.Gateway(t.Context(), h.party(by), g.ID)
				require.Equal(t, models.NotFound, models.CodeOf(err))
			}
			h.refuses(t, models.NotFound, "not_found", "no such key", func() error { return h.tryGateway("adam", GatewayLookup{Gateway: "gtw_none"}, revoke) })
		},
		"what is wrong is said": func(t *testing.T, h *house) {
			h.gateway(key("Front door", 1))
			bad := func(change func(f *models.GatewayForm), says string) {
				t.Helper()
				form := key("Back door", 1)
				change(&form)
				h.refuses(t, models.Invalid, "input", says, func() error { return h.tryGateway("adam", GatewayLookup{Team: form.Team}, made(form)) })
			}
			bad(func(f *models.GatewayForm) { f.Name = " " }, "Enter a name")
			bad(func(f *models.GatewayForm) { f.Name = strings.Repeat("é", 201) }, "at most 200")
			bad(func(f *models.GatewayForm) { f.Name = "Front door" }, "already a key of this name")
			bad(func(f *models.GatewayForm) { f.Team = "tea_none" }, "Choose a team")
			bad(func(f *models.GatewayForm) { f.Issuer = "issuer.example" }, "whole address")
			bad(func(f *models.GatewayForm) { f.Issuer = "javascript:alert(1)" }, "whole address")
			for _, days := range []int{-1, 0, 367, 1 << 40} {
				bad(func(f *models.GatewayForm) { f.Days = days }, "between 1 and 366")
			}
		},
	}.onBoth(t)
}

// The hash is in the record's row, and the key nowhere.
func TestAGatewaysKeyIsNotKept(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		form := key("Front door", 1)
		h.gateway(form)
		var bodies []string
		require.NoError(t, plain(h.Store).Raw("SELECT body FROM ledger_bodies").Scan(&bodies).Error)
		secret := models.Digest("Front door")[:43]
		for _, b := range bodies {
			require.NotContains(t, b, secret[8:])
			require.NotContains(t, b, form.Hash)
		}
	})
}

// What the rules refuse the table refuses by itself.
func TestTheDatabaseHoldsGateways(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		who, db := h.people["adam"], plain(h.Store)
		row := models.Gateway{ID: "gtw_1", Name: "Front door", KeyHash: models.Digest("x"), Hint: "12345678", CreatedBy: who, CreatedAt: 5, ExpiresAt: 9, Record: models.Record{Rev: 1}}
		for _, a := range []struct {
			name  string
			wrong func(g *models.Gateway)
			why   because
		}{
			{"expired before it was made", func(g *models.Gateway) { g.ExpiresAt = g.CreatedAt }, check("gateways_expires")},
			{"revoked by nobody", func(g *models.Gateway) { g.RevokedAt, g.RevokeReason = g.ExpiresAt.Ref(), "x" }, check("gateways_revoked")},
			{"revoked without a reason", func(g *models.Gateway) { g.RevokedAt, g.RevokedBy = g.ExpiresAt.Ref(), &who }, check("gateways_revoked")},
			{"a reason without an end", func(g *models.Gateway) { g.RevokeReason = "x" }, check("gateways_revoked")},
			{"the key itself for its hash", func(g *models.Gateway) { g.KeyHash = "csgw_secret" }, inline("gateways_key_hash_check", "length(key_hash)")},
			{"more of the key than its beginning", func(g *models.Gateway) { g.Hint = "123456789" }, inline("gateways_hint_check", "length(hint)")},
			{"made by nobody", func(g *models.Gateway) { g.CreatedBy = "per_none" }, foreign("gateways_created_by_fkey")},
		} {
			g := row
			a.wrong(&g)
			requireRefused(t, h.Store, db.Create(&g).Error, a.why)
		}
		tx := db.Begin()
		defer tx.Rollback()
		attack := func(statement string, why because) {
			t.Helper()
			require.NoError(t, tx.SavePoint("before").Error)
			requireRefused(t, h.Store, tx.Exec(statement).Error, why)
			require.NoError(t, tx.RollbackTo("before").Error)
		}
		g := row
		require.NoError(t, tx.Create(&g).Error)
		same := trigger("gateways_one_key", "rows of gateways are never replaced") // SQLite's guard against REPLACE speaks first
		const all = "team_id, issuer, created_by, created_at, expires_at, revoked_at, revoked_by, revoke_reason, rev"
		attack("INSERT INTO gateways (id, name, key_hash, hint, "+all+") SELECT 'gtw_2', 'Copy', key_hash, hint, "+all+" FROM gateways", same)
		once := trigger("gateways_then_revoked", "only ever revoked, and once")
		for _, set := range []string{"expires_at = 99", "team_id = NULL, rev = rev", "key_hash = '" + models.Digest("y") + "'", "name = 'Other'", "issuer = 'https://x.example'"} {
			attack("UPDATE gateways SET rev = rev + 1, "+strings.Replace(set, ", rev = rev", "", 1), once)
		}
		require.NoError(t, tx.Exec("UPDATE gateways SET rev = rev + 1, revoked_at = 7, revoked_by = ?, revoke_reason = 'It leaked'", who).Error)
		for _, set := range []string{"revoked_at = NULL, revoked_by = NULL, revoke_reason = ''", "revoke_reason = 'Nothing'", "revoked_at = 8"} {
			attack("UPDATE gateways SET rev = rev + 1, "+set, once)
		}
	})
}
