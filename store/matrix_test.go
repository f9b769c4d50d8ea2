package store

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

func auditor() models.Party {
	return models.Party{Person: models.Person{ID: "auditor", Status: models.PersonActive}, Roles: []models.Role{models.Auditor}}
}

func (h *house) matrix(viewer models.Party, f MatrixFilter) MatrixPage {
	h.t.Helper()
	p, err := h.Matrix(h.t.Context(), viewer, f, MatrixCursor{})
	require.NoError(h.t, err)
	return p
}

func TestMatrixLine(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("infra")
		p := h.matrix(auditor(), MatrixFilter{})
		require.Len(t, p.Lines, 1)
		l := p.Lines[0]
		require.Equal(t, MatrixLive, l.Words)
		require.Equal(t, models.High, l.Tier())
		require.Equal(t, Who{h.people["anna"], "anna", "Human Resources"}, l.Owner)
		require.Equal(t, Who{h.people["carl"], "carl", "Security"}, l.ControlOwner)
		require.Equal(t, []Who{{h.people["xena"], "xena", "Risk"}, {h.people["yuri"], "yuri", "Finance"}}, l.ApprovedBy)
		require.Equal(t, h.shown(version).Digest, l.Digest)
		require.Equal(t, 1, p.Facets.Total)
		require.Equal(t, map[string]int{"live": 1}, p.Facets.States)
		h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnAgent, "Wrong server") })
		l = h.matrix(auditor(), MatrixFilter{Held: true}).Lines[0]
		require.Equal(t, MatrixHeld, l.Words)
		require.Equal(t, "Wrong server", l.Holds[0].Cause)
	})
}

func TestMatrixSorts(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.live("infra")
		h.synthetic(230)
		for _, sort := range MatrixSorts {
			for _, desc := range []bool{false, true} {
				for _, at := range []*models.Instant{nil, h.clock} {
					f := MatrixFilter{Sort: sort, Desc: desc, At: at}
					var all, back []string
					cursor := MatrixCursor{}
					for range 20 {
						p, err := h.Matrix(t.Context(), auditor(), f, cursor)
						require.NoError(t, err)
						require.NotEmpty(t, p.Lines)
						all = append(all, lineIDs(p.Lines)...)
						if p.Next == "" {
							require.Equal(t, 231, p.Facets.Total)
							back = lineIDs(p.Lines)
							cursor = MatrixCursor{Before: p.Previous}
							break
						}
						cursor = MatrixCursor{After: p.Next}
					}
					require.Len(t, all, 231, "%s %v", sort, desc)
					require.Len(t, setOf(all), 231)
					for cursor.Before != "" {
						p, err := h.Matrix(t.Context(), auditor(), f, cursor)
						require.NoError(t, err)
						back = append(lineIDs(p.Lines), back...)
						cursor.Before = p.Previous
					}
					require.Equal(t, all, back, "the same way back: %s %v", sort, desc)
				}
			}
		}
	})
}

// What each filter finds, and that the counts beside it are how many it finds.
func TestMatrixFilters(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		live, _ := h.live("infra")
		overdue, _ := h.live("write")
		h.pass(181 * models.Day)
		critical, _ := h.live("pay") // by now the review of "infra" has lapsed, and of "write" is overdue
		held, _ := h.live("read")
		h.must("carl", held, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "Odd answers")
		})
		draft, _ := h.draft()
		review, reviewed := h.reviewed("pay")
		_, err := h.sign("xena", review, reviewed)
		require.NoError(t, err)
		revoked, _ := h.live("read")
		h.must("anna", revoked, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Done") })
		named := map[string]string{live: "infra", overdue: "write", critical: "pay", held: "held", draft: "draft", review: "review", revoked: "revoked"}
		all := h.matrix(auditor(), MatrixFilter{})
		var order []string
		for _, l := range all.Lines {
			order = append(order, named[l.CapabilityID])
		}
		require.Equal(t, []string{"infra", "write"}, order[:2], "overdue first, the longest first")
		require.ElementsMatch(t, []string{"draft", "review"}, order[2:4], "then holes")
		require.Equal(t, "revoked", order[6], "and what has ended last")
		for _, x := range []struct {
			f     MatrixFilter
			want  string
			count int
		}{
			{MatrixFilter{State: MatrixExpired}, "infra", all.Facets.States["expired"]},
			{MatrixFilter{State: MatrixLive}, "write pay", all.Facets.States["live"]},
			{MatrixFilter{State: MatrixHeld}, "held", all.Facets.States["held"]},
			{MatrixFilter{State: "in_review"}, "review", all.Facets.States["in_review"]},
			{MatrixFilter{State: "nonsense"}, "", 0},
			{MatrixFilter{Tier: "critical"}, "pay review", all.Facets.Tiers["critical"]},
			{MatrixFilter{Tier: "unknown"}, "draft", all.Facets.Tiers["unknown"]},
			{MatrixFilter{Hole: "any"}, "draft review", all.Facets.Holes["any"]},
			{MatrixFilter{Hole: "owner"}, "draft", all.Facets.Holes["owner"]},
			{MatrixFilter{Hole: "approvers"}, "draft review", all.Facets.Holes["approvers"]},
			{MatrixFilter{Hole: "scope"}, "draft", all.Facets.Holes["scope"]},
			{MatrixFilter{Hole: "nonsense"}, "", 0},
			{MatrixFilter{Held: true}, "held", all.Facets.Held},
			{MatrixFilter{Due: MatrixOverdue}, "infra write", all.Facets.Overdue},
			{MatrixFilter{Due: MatrixSoon}, "pay", all.Facets.Soon},
			{MatrixFilter{Person: h.people["yuri"]}, "infra pay", 2},
			{MatrixFilter{Person: h.people["xena"]}, "infra write pay held review revoked", 6},
			{MatrixFilter{Person: h.people["olga"]}, "", 0},
			{MatrixFilter{Team: h.teams["Finance"]}, "infra pay", 2},
			{MatrixFilter{Search: "YURI"}, "infra pay", 2},
			{MatrixFilter{Search: "agent 3"}, "pay", 1},
			{MatrixFilter{Search: "100%_"}, "", 0},
			{MatrixFilter{State: MatrixLive, Tier: "critical", Search: "leave", Team: h.teams["Platform"]}, "pay", 1},
			{MatrixFilter{Agent: all.Lines[0].AgentID}, "infra", 1},
		} {
			p := h.matrix(auditor(), x.f)
			var found []string
			for _, l := range p.Lines {
				found = append(found, named[l.CapabilityID])
			}
			require.ElementsMatch(t, strings.Fields(x.want), found, "%+v", x.f)
			require.Equal(t, len(found), p.Facets.Total, "%+v", x.f)
			require.Equal(t, x.count, p.Facets.Total, "%+v", x.f)
		}
		require.Equal(t, 2, h.matrix(auditor(), MatrixFilter{Held: true}).Facets.Overdue, "what to look at first is counted whichever is on")
		require.Equal(t, 1, h.matrix(auditor(), MatrixFilter{State: MatrixHeld, Tier: "low"}).Facets.Tiers["low"])
		require.Equal(t, "yuri", h.matrix(auditor(), MatrixFilter{Person: h.people["yuri"]}).Person)
	})
}

func TestMatrixHolds(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("infra")
		other, _ := h.live("write")
		line := func() MatrixLine {
			for _, l := range h.matrix(auditor(), MatrixFilter{}).Lines {
				if l.CapabilityID == capability {
					return l
				}
			}
			return MatrixLine{}
		}
		system := ""
		require.NoError(t, h.read.Raw("SELECT id FROM systems").Scan(&system).Error)
		place := func(kind, id string) {
			x := models.Hold{ID: "hld_test", TargetKind: kind, TargetID: id, Kind: models.HoldStop, Cause: "A test", PlacedBy: models.SystemActor, PlacedAt: *h.clock, Record: models.Record{Rev: 1}}
			require.NoError(t, h.write.Create(&x).Error)
			before := *h.clock - 1
			for _, at := range []*models.Instant{nil, h.clock} {
				found := h.matrix(auditor(), MatrixFilter{Held: true, At: at})
				require.NotEmpty(t, found.Lines, "%s at %v", kind, at)
				require.Equal(t, MatrixHeld, found.Lines[0].Words)
				require.Equal(t, "A test", found.Lines[0].Holds[0].Cause)
			}
			require.Empty(t, h.matrix(auditor(), MatrixFilter{Held: true, At: &before}).Lines, kind)
			require.Equal(t, MatrixHeld, line().Words, kind)
			h.t.Log(kind)
			require.NoError(t, h.write.Transaction(func(tx *gorm.DB) error { h.unprotected(t, tx); return tx.Exec("DELETE FROM holds").Error }))
		}
		agent := line().AgentID
		// On SQLite the triggers are dropped for good by the first of these.
		for _, x := range [][2]string{{models.OnAgent, agent}, {models.OnPerson, h.people["carl"]}, {models.OnPerson, h.people["yuri"]}, {models.OnSystem, system}, {models.OnAll, ""}} {
			place(x[0], x[1])
		}
		require.Equal(t, MatrixLive, line().Words)
		_ = other
	})
}

// Each sees what visibility gives, in the lines, the counts and the export.
func TestMatrixShowsWhatMayBeSeen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		h.draft("read")
		sees := func(name string) int {
			p := h.matrix(h.party(name), MatrixFilter{})
			require.Equal(t, len(p.Lines), p.Facets.Total)
			then := h.matrix(h.party(name), MatrixFilter{At: h.clock})
			require.Equal(t, len(p.Lines), len(then.Lines), "the same, looking back")
			var b strings.Builder
			require.NoError(t, h.MatrixCSV(t.Context(), h.party(name), MatrixFilter{}, &b))
			require.Equal(t, len(p.Lines)+1, strings.Count(b.String(), "\r\n"))
			return len(p.Lines)
		}
		require.Equal(t, 2, sees("anna"))
		require.Equal(t, 2, sees("paul"), "on a team with pete")
		require.Equal(t, 2, sees("udo"), "auditors see everything")
		require.Equal(t, 0, sees("olga"))
		require.Equal(t, 0, sees("adam"), "the role administrator shows no capability")
		require.Equal(t, 1, sees("xena"), "what she signed")
		require.Equal(t, 1, sees("zoe"), "on a team with xena")
		require.Equal(t, 0, sees("yuri"), "nothing waits in the pool")
		h.reviewed("infra")
		require.Equal(t, 1, sees("yuri"), "what waits in the pool")
		p := h.matrix(h.party("olga"), MatrixFilter{Agent: h.row(capability).AgentID})
		require.Empty(t, p.Agent, "not even the agent's name")
		p, err := h.Matrix(t.Context(), h.party("olga"), MatrixFilter{}, MatrixCursor{After: "bm9uc2Vuc2U"})
		require.NoError(t, err)
		require.Empty(t, p.Lines)
	})
}

func TestMatrixLooksBack(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		before := *h.clock
		h.pass(models.Day)
		capability, version := h.live("infra")
		live := *h.clock
		h.pass(models.Day)
		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		succeeded := *h.clock
		h.pass(models.Day)
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Not needed any more") })
		revoked := *h.clock
		at := func(when models.Instant) MatrixLine {
			p := h.matrix(auditor(), MatrixFilter{At: &when})
			require.Len(t, p.Lines, 1)
			require.Equal(t, when, p.At)
			return p.Lines[0]
		}
		require.Empty(t, h.matrix(auditor(), MatrixFilter{At: &before}).Lines)
		l := at(live)
		require.Equal(t, MatrixLive, l.Words)
		require.Equal(t, "carl", l.ControlOwner.Name)
		require.Equal(t, models.High, l.Tier())
		require.Equal(t, h.shown(version).Digest, l.Digest)
		require.Equal(t, "Answer leave questions", l.Title)
		require.Equal(t, []Who{{h.people["xena"], "xena", "Risk"}, {h.people["yuri"], "yuri", "Finance"}}, l.ApprovedBy)
		require.Equal(t, "cleo", at(succeeded).ControlOwner.Name)
		require.Equal(t, "carl", at(succeeded-1).ControlOwner.Name)
		require.Equal(t, MatrixNone, at(revoked).Words)
		require.NotZero(t, at(revoked).Holes&models.HoleOwner)
		require.Equal(t, models.Revoked, h.matrix(auditor(), MatrixFilter{}).Lines[0].State, "and now it is revoked")
	})
}

func TestMatrixCSV(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("infra")
		stop := h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It said \"yes, pay\"\nto everybody")
		})
		require.NoError(t, h.write.Exec("UPDATE matrix_rows SET agent_name = '=HYPERLINK(1)', title = '@now'").Error)
		var b strings.Builder
		require.NoError(t, h.MatrixCSV(t.Context(), Operator(), MatrixFilter{}, &b))
		require.True(t, strings.HasPrefix(b.String(), "agent,task,capability id,"))
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = rows[1][i]
		}
		row, now := h.row(capability), *h.clock
		require.Equal(t, map[string]string{"agent": "'=HYPERLINK(1)", "task": "'@now", "capability id": capability, "version": "1", "digest": h.shown(version).Digest,
			"tier": "high", "state": "held", "holds": "stop on the capability since " + stop.At.String() + ": It said \"yes, pay\"\nto everybody",
			"owner": "anna", "owner team": "Human Resources", "provisioner": "pete", "provisioner team": "Platform", "control owner": "carl", "control owner team": "Security",
			"approvers": "xena (Risk); yuri (Finance)", "approved at": row.ApprovedAt.String(), "next review": row.ReviewDueAt.String(), "in force until": row.UntilAt.String(),
			"version on its way": "", "holes": "", "as of": now.String(), "answers in seconds": "", "drills missed": "", "no answer": ""}, cell)
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`, cell["next review"])
		b.Reset()
		require.NoError(t, h.MatrixCSV(t.Context(), Operator(), MatrixFilter{State: "draft"}, &b))
		require.Equal(t, "agent,task,capability id,version,digest,tier,state,holds,owner,owner team,provisioner,provisioner team,control owner,control owner team,approvers,"+
			"approved at,next review,in force until,version on its way,holes,as of,answers in seconds,drills missed,no answer\r\n", b.String(), "the header alone, and what was there stays in its place")
	})
}

// How quickly drills were answered is in the export as it is on the page.
func TestMatrixCSVSaysHowDrillsWereAnswered(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, late, done, _, _ := h.drilled()
		read := func() []string {
			var b strings.Builder
			require.NoError(t, h.MatrixCSV(t.Context(), Operator(), MatrixFilter{}, &b))
			rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, 2)
			return rows[1][len(rows[1])-3:]
		}
		took := func(d models.Drill) models.Instant { return *d.EndedAt - d.PlannedAt }
		require.Less(t, took(done), took(late))
		missed := len(rows[models.Drill](t, h, "id", "kind = 'answer' AND state IN ('missed', 'late')"))
		require.Equal(t, []string{fmt.Sprint(int64(took(done) / models.Second)), fmt.Sprint(missed), "yes"}, read(), "the lower of two in the middle")
		require.GreaterOrEqual(t, missed, 2)
		for _, d := range rows[models.Drill](t, h, "id", "kind = 'answer' AND state IN ('missed', 'open')") {
			for name, id := range h.people {
				if id == d.PersonID {
					require.NoError(t, h.answer(name, d.ID))
				}
			}
		}
		require.Equal(t, "", read()[2], "everybody has answered")
	})
}

// All lines once, in the page's order, over several batches.
func TestMatrixCSVIsWhole(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.synthetic(1200)
		var b strings.Builder
		require.NoError(t, h.MatrixCSV(t.Context(), Operator(), MatrixFilter{}, &b))
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1201)
		seen := set{}
		for _, r := range rows[1:] {
			seen.add(r[2])
		}
		require.Len(t, seen, 1200)
		first := h.matrix(auditor(), MatrixFilter{}).Lines
		for i, l := range first {
			require.Equal(t, l.CapabilityID, rows[i+1][2])
		}
	})
}

func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "a=b": "a=b", "": "", "ä": "ä", "1-2": "1-2"} {
		require.Equal(t, want, harmless(cell))
	}
}

// A renamed agent is found and sorted by its new name, whatever its letters.
func TestMatrixFollowsAnAgentsName(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		agent, err := find[models.Agent](h.read, "id = ?", h.row(capability).AgentID)
		require.NoError(t, err)
		for _, name := range []string{"Ökobot ÄÖÜ", "Kürzer", "İstanbul"} {
			agent.Name = name
			require.NoError(t, projectAgentName(h.write, *agent))
			require.Equal(t, strings.ToLower(name+" Answer leave questions"), h.row(capability).SortName)
			require.Len(t, h.matrix(auditor(), MatrixFilter{Search: strings.ToUpper(name)}).Lines, 1)
		}
	})
}

func BenchmarkMatrixFirstPage(b *testing.B) {
	h := newHouse(b, apptest.SQLiteURL(b))
	h.synthetic(30_000)
	for name, viewer := range map[string]models.Party{"auditor": auditor(), "owner": h.party("anna"), "approver": h.party("xena")} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := h.Matrix(b.Context(), viewer, MatrixFilter{}, MatrixCursor{})
				require.NoError(b, err)
			}
		})
	}
	b.Run("lines alone", func(b *testing.B) {
		for b.Loop() {
			q, err := h.matrixQuery(h.read, auditor(), MatrixFilter{})
			require.NoError(b, err)
			_, err = q.read(h.read, nil, false, MatrixRows+1)
			require.NoError(b, err)
		}
	})
}

// plan is what the database says of how it would answer.
func (h *house) plan(query string, args ...any) string {
	h.t.Helper()
	rows, err := h.read.Raw(query, args...).Rows()
	require.NoError(h.t, err)
	defer func() { require.NoError(h.t, rows.Close()) }()
	plan := ""
	for rows.Next() {
		var a, b, c any
		var line string
		if h.engine == Postgres {
			require.NoError(h.t, rows.Scan(&line))
		} else {
			require.NoError(h.t, rows.Scan(&a, &b, &c, &line))
		}
		plan += line + "\n"
	}
	require.NoError(h.t, rows.Err())
	return plan
}

// The first page is read by index: no statement of it scans or sorts the matrix.
func TestMatrixFirstPageIsReadByIndex(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		h.synthetic(2_000)
		explain := "EXPLAIN QUERY PLAN "
		if h.engine == Postgres {
			require.NoError(t, h.write.Exec("ANALYZE").Error)
			explain = "EXPLAIN "
		}
		for _, f := range []MatrixFilter{{}, {Sort: "name"}, {Sort: "tier", Desc: true}} {
			q, err := h.matrixQuery(h.read, auditor(), f)
			require.NoError(t, err)
			for i, r := range q.sorted().runs {
				b := q.branch(r, i, nil, f.Desc, MatrixRows+1)
				plan := h.plan(explain+b.sql, b.args...)
				require.Contains(t, plan, "matrix_rows_by_", "%+v", f)
				require.NotContains(t, plan, "TEMP B-TREE", "%+v", f)
				require.NotContains(t, plan, "Seq Scan", "%+v", f)
			}
		}
	})
}

func lineIDs(lines []MatrixLine) (out []string) {
	for _, l := range lines {
		out = append(out, l.CapabilityID)
	}
	return out
}

func setOf(ids []string) set {
	out := set{}
	out.add(ids...)
	return out
}

// synthetic fills the matrix with lines of nobody's making: only for tests of
// reading, since verify would say so.
func (h *house) synthetic(n int) {
	h.t.Helper()
	now := *h.clock
	agent := h.agent("anna")
	people := []string{"", h.people["anna"], h.people["olga"], h.people["pete"], h.people["carl"]}
	states := []models.State{models.Live, models.Draft, models.Proposed, models.InReview, models.Revoked}
	var caps []models.Capability
	var rows []models.MatrixRow
	var audience []models.Audience
	for i := range n {
		id := fmt.Sprintf("cap_%05d", i)
		caps = append(caps, models.Capability{ID: id, AgentID: agent, CreatedBy: people[1], CreatedAt: now, Record: models.Record{Rev: 1}})
		r := models.MatrixRow{CapabilityID: id, AgentID: agent, AgentName: "Agent", Title: fmt.Sprintf("Task %d", i*7919%n), State: states[i%5], TierRank: i%5 - 1,
			Approvers: "[]", SortName: fmt.Sprintf("agent %d task %d", i%40, i*7919%n), OwnerID: people[i%3], CreatedAt: now}
		if r.State == models.Live {
			r.MandateID, r.VersionID = "man_"+id, "ver_"+id
			r.ApprovedAt, r.ReviewDueAt, r.UntilAt = (now - models.Day).Ref(), (now + models.Instant(i%90-5)*models.Day).Ref(), (now + models.Instant(i%90+5)*models.Day).Ref()
		} else {
			r.Holes = models.HoleMandate
		}
		rows = append(rows, r)
		audience = append(audience, models.Audience{CapabilityID: id, PersonID: people[1+i%4]})
	}
	require.NoError(h.t, h.write.CreateInBatches(&caps, 500).Error)
	require.NoError(h.t, h.write.CreateInBatches(&rows, 500).Error)
	require.NoError(h.t, h.write.CreateInBatches(&audience, 500).Error)
}
