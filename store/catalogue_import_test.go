package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// mcp is an MCP server as a file describes it: name, access and effects of each tool.
func mcp(name string, tools ...models.ImportedOperation) models.Imported {
	return models.Imported{File: "server.json", Format: "mcp-server/2025-12-11", Kind: models.ImportSystem, Outcome: models.ImportClean,
		System: &models.ImportedSystem{Name: name, Kind: "mcp_server", Access: models.AccessListed, Operations: tools}}
}

func (h *house) operation(system, name string) models.Operation {
	h.t.Helper()
	o, err := find[models.Operation](h.read, "system_id = ? AND name = ?", system, name)
	require.NoError(h.t, err)
	require.NotNil(h.t, o, name)
	return *o
}

// A file's word makes a system, and afterwards only ever raises what it says anew: an
// organisation's own edits win.
func TestTakingASystemIn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, team := t.Context(), h.teams["Platform"]
		in := mcp("io.example/tickets",
			models.ImportedOperation{Name: "find", Title: "Find tickets", Access: "unknown"},
			models.ImportedOperation{Name: "close", Title: "Close a ticket", Access: "write", Effects: []string{"irreversible"}},
			models.ImportedOperation{Name: "find", Title: "Again", Access: "read"},
			models.ImportedOperation{Name: "odd", Access: "godlike", Effects: []string{"world-peace"}},
			models.ImportedOperation{Name: "bad\x1b", Access: "read"})
		in.System.Secrets = []models.ImportedSecret{{Name: "TICKETS_TOKEN"}}

		_, err := h.ImportSystem(ctx, h.act("pete"), in, team, "restricted")
		require.Equal(t, models.Forbidden, models.CodeOf(err), "an administrator does")
		_, err = h.ImportSystem(ctx, h.act("adam"), in, "", "")
		require.Equal(t, models.Invalid, models.CodeOf(err))
		require.Len(t, models.FieldsOf(err), 2)

		d, err := h.SystemDifference(ctx, h.viewer("adam"), *in.System)
		require.NoError(t, err)
		require.Nil(t, d.System)
		require.Len(t, d.New, 3)
		require.Equal(t, []string{"bad\x1b"}, d.Left)

		act := h.act("adam")
		r, err := h.ImportSystem(ctx, act, in, team, "restricted")
		require.NoError(t, err)
		again, err := h.ImportSystem(ctx, act, in, team, "restricted")
		require.NoError(t, err)
		require.Equal(t, r.Seq, again.Seq, "the same form twice gives the first one's receipt")
		_, err = h.ImportSystem(ctx, h.act("eve"), in, "", "")
		require.Equal(t, "catalogue.same", refusedBy(err), "taking the same in again changes nothing")
		sys := r.Subject
		require.Equal(t, "unknown", h.operation(sys, "odd").Access, "what we do not know counts as the highest")
		require.Equal(t, "write", h.operation(sys, "close").Access)
		require.JSONEq(t, `["irreversible"]`, h.operation(sys, "close").Effects)

		save := func(o models.Operation, access string, effects ...string) {
			h.catalogue(CatalogueLookup{System: sys, Operation: o.ID, OperationName: o.Name}, func(f models.CatalogueFacts) (models.Change, error) {
				return f.SaveOperation(models.Operation{Name: o.Name, Title: "Our words", Access: access}, effects, f.Operation.Rev)
			})
		}
		save(h.operation(sys, "find"), "read")
		save(h.operation(sys, "close"), "read")
		_, err = h.ImportSystem(ctx, h.act("adam"), in, "", "")
		require.Equal(t, "catalogue.same", refusedBy(err), "an organisation's own edits win over what was known when they were made")

		in.System.Operations[0].Access, in.System.Operations[0].DescriptionDigest = "write", "0123"
		in.System.Operations[1].Effects = []string{"irreversible", "outbound-payment"}
		in.System.Operations = append(in.System.Operations, models.ImportedOperation{Name: "open", Access: "write"})
		d, err = h.SystemDifference(ctx, h.viewer("adam"), *in.System)
		require.NoError(t, err)
		require.Len(t, d.Raised, 2)
		require.Len(t, d.New, 1)
		_, err = h.ImportSystem(ctx, h.act("adam"), in, "", "public")
		require.NoError(t, err)
		require.Equal(t, "write", h.operation(sys, "find").Access, "a new word raises")
		require.Equal(t, "Our words", h.operation(sys, "find").Title)
		require.Equal(t, "read", h.operation(sys, "close").Access, "and what it only repeats does not")
		require.JSONEq(t, `["outbound-payment"]`, h.operation(sys, "close").Effects)

		in.System.Operations = []models.ImportedOperation{{Name: "find", Access: "list"}}
		_, err = h.ImportSystem(ctx, h.act("adam"), in, "", "")
		require.NoError(t, err, "that the word changed is noted")
		require.Equal(t, "write", h.operation(sys, "find").Access, "nothing is lowered")
		require.Equal(t, "active", h.operation(sys, "open").State, "nor taken out")
		d, err = h.SystemDifference(ctx, h.viewer("adam"), *in.System)
		require.NoError(t, err)
		require.False(t, d.Changes())
		require.Len(t, d.Kept, 1)
		require.Len(t, d.Unnamed, 3)
		p, err := h.System(ctx, h.viewer("udo"), sys, OperationFilter{})
		require.NoError(t, err)
		require.Equal(t, "restricted", p.Sensitivity)
		require.Len(t, p.Secrets, 1)

		saas := mcp("HR desk", models.ImportedOperation{Name: "tickets.read", Access: "write"})
		_, err = h.ImportSystem(ctx, h.act("adam"), saas, team, "public")
		require.Equal(t, "name", models.FieldsOf(err)[0].Field, "a stranger's file does not add to a system of another kind")
		require.NoError(t, h.Verify(ctx, nil))
	})
}

func TestAThousandToolsTakeThreeActs(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		in := mcp("io.example/many")
		for i := range 2*models.MaxTaken + 200 {
			in.System.Operations = append(in.System.Operations, models.ImportedOperation{Name: fmt.Sprintf("tool-%04d", i), Title: "Täglich", Access: "read"})
		}
		before, err := head1(h)
		require.NoError(t, err)
		act := h.act("adam")
		r, err := h.ImportSystem(t.Context(), act, in, h.teams["Platform"], "internal")
		require.NoError(t, err)
		require.Equal(t, before+3, r.Seq)
		var n int64
		require.NoError(t, h.read.Model(&models.Operation{}).Where("system_id = ?", r.Subject).Count(&n).Error)
		require.EqualValues(t, len(in.System.Operations), n)
		again, err := h.ImportSystem(t.Context(), act, in, "", "")
		require.NoError(t, err)
		require.Equal(t, r.Seq, again.Seq)
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

func head1(h *house) (seq int64, err error) {
	return seq, h.read.Raw("SELECT seq FROM ledger_head WHERE id = 1").Scan(&seq).Error
}

// An operation is found by words in any order, inside names and beyond ASCII, as it is now.
func TestFindingOperations(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		in := mcp("AWS S3",
			models.ImportedOperation{Name: "s3:PutObject", Title: "Put object", Access: "write"},
			models.ImportedOperation{Name: "s3:PutObjectAcl", Title: "Put object ACL", Access: "permissions"},
			models.ImportedOperation{Name: "s3:GetObject", Title: "Get object", Access: "read"})
		r, err := h.ImportSystem(t.Context(), h.act("adam"), in, h.teams["Platform"], "internal")
		require.NoError(t, err)
		other := mcp("Ämterverzeichnis Σίσυφος", models.ImportedOperation{Name: "lookup_office", Title: "ÖFFNEN, was 100% offen_ist", Access: "read"})
		_, err = h.ImportSystem(t.Context(), h.act("adam"), other, h.teams["Platform"], "internal")
		require.NoError(t, err)
		found := func(query, kind string) (names []string) {
			hits, more, err := h.FindOperations(t.Context(), query, kind)
			require.NoError(t, err)
			require.False(t, more)
			for _, hit := range hits {
				require.Equal(t, hit.System.ID, hit.Operation.SystemID)
				names = append(names, hit.Operation.Name)
			}
			return names
		}
		put := []string{"s3:PutObject", "s3:PutObjectAcl"}
		require.Equal(t, put, found("put object s3", ""))
		require.Equal(t, put, found("OBJECT  put", ""))
		require.Equal(t, put, found("s3:putob", ""))
		require.Equal(t, put, found("tobj put", "mcp_server"), "inside a name, too")
		require.Empty(t, found("put object", "saas"))
		require.Equal(t, []string{"s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"}, found("bject", ""))
		for _, q := range []string{"öffnen", "ämter OFFICE", "ΣΊΣΥΦΟΣ", "σίσυφος", "100%", "offen_ist", "lookup", "lookup_office"} {
			require.Equal(t, []string{"lookup_office"}, found(q, ""), q)
		}
		require.Empty(t, found("1%0", ""), "nothing is a pattern")
		require.Equal(t, []string{"tickets.read", "s3:GetObject"}[:1], found("read tickets", ""))

		sys, err := find[models.System](h.read, "id = ?", r.Subject)
		require.NoError(t, err)
		h.catalogue(CatalogueLookup{System: sys.ID, SystemName: "Buckets"}, func(f models.CatalogueFacts) (models.Change, error) {
			x := *f.System
			x.Name = "Buckets"
			return f.SaveSystem(x, x.Rev)
		})
		require.Equal(t, put, found("buckets put", ""), "a system's new name counts at once")
		require.Empty(t, found("aws put", ""))
		o := h.operation(sys.ID, "s3:PutObject")
		h.catalogue(CatalogueLookup{System: sys.ID, Operation: o.ID}, models.CatalogueFacts.Retire)
		require.Equal(t, put[1:], found("buckets put", ""))
		require.NoError(t, h.Verify(t.Context(), nil))

		require.NoError(t, plain(h.Store).Exec("UPDATE operation_search SET words = ' nothing' WHERE operation_id = ?", o.ID).Error)
		require.ErrorContains(t, h.Verify(t.Context(), nil), "not found in the catalogue")
		require.NoError(t, plain(h.Store).Exec("DELETE FROM operation_search").Error)
		require.Error(t, h.Verify(t.Context(), nil))
		require.Empty(t, found("put", ""))
		require.NoError(t, h.Migrate(t.Context()), "what an older program did not write is filled in")
		require.Equal(t, put[1:], found("buckets put", ""))
		require.NoError(t, h.Verify(t.Context(), nil))
		h.catalogue(CatalogueLookup{System: sys.ID}, models.CatalogueFacts.Retire)
		require.Empty(t, found("buckets put", ""), "nor is anything of a retired system")
	})
}
