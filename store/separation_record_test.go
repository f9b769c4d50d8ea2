package store

import (
	"fmt"
	"strings"

	"countersign/models"

	"github.com/stretchr/testify/require"
)

// The ledger: append only, in sequence.
func ledgerViolations() []violation {
	const sequence, never = "the ledger comes in sequence", "the ledger is never changed"
	appends := func(change func(e *entry)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			e := w.entry()
			if broken {
				change(e)
			}
			return w.try(e)
		}
	}
	after := func(sql string) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			e := w.entry()
			w.must(e)
			require.NoError(w.t, w.sql("INSERT INTO ledger_bodies (seq, salt, body) VALUES (?, 'salt', '{}')", e.Seq))
			require.NoError(w.t, w.sql("INSERT INTO ledger_refs (kind, id, seq) VALUES ('agent', ?, ?)", w.id("agent"), e.Seq))
			if !broken {
				return nil
			}
			return w.sql(strings.ReplaceAll(sql, "$seq", fmt.Sprint(e.Seq)))
		}
	}
	return []violation{
		{name: "a gap in the ledger", why: trigger("ledger_in_sequence", sequence), run: appends(func(e *entry) { e.Seq++ })},
		{name: "a ledger entry before the last", why: trigger("ledger_in_sequence", sequence), run: appends(func(e *entry) { e.Seq-- })},
		{name: "a ledger entry that does not follow the last", why: trigger("ledger_in_sequence", sequence), run: appends(func(e *entry) { e.Prev = strings.Repeat("e", 64) })},
		{name: "a ledger entry from before the last", why: trigger("ledger_in_sequence", sequence), run: appends(func(e *entry) { e.At -= 2001 })},
		{name: "an act recorded twice", why: unique("ledger_once", "ledger.act_id"), run: func(w *world, broken bool) error {
			first := w.entry()
			w.must(first)
			second := w.entry()
			if broken {
				second.ActID = first.ActID
			}
			return w.try(second)
		}},
		{name: "an entry too large for a tile", why: inline("ledger_entry_check", "length(CAST(entry AS BLOB))"), run: appends(func(e *entry) { e.Entry = strings.Repeat("é", 32768) })},
		{name: "changing a ledger entry", why: trigger("ledger_no_update", never), run: after("UPDATE ledger SET entry = '{}' WHERE seq = $seq")},
		{name: "deleting a ledger entry", why: trigger("ledger_no_delete", never), run: func(w *world, broken bool) error {
			e := w.entry()
			w.must(e)
			if !broken {
				return nil
			}
			return w.sql("DELETE FROM ledger WHERE seq = ?", e.Seq)
		}},
		{name: "replacing a ledger entry", only: SQLite, why: trigger("", sequence),
			run: after("INSERT OR REPLACE INTO ledger SELECT seq, at, act, act_id, actor, principal, subject, outcome, '{}', prev, hash FROM ledger WHERE seq = $seq")},
		{name: "replacing a ledger entry by way of its act", only: SQLite, why: trigger("", never),
			run: after("INSERT OR REPLACE INTO ledger SELECT seq + 1, at, act, act_id, actor, principal, subject, outcome, entry, hash, hash FROM ledger WHERE seq = $seq")},
		{name: "changing a ledger entry and ignoring what is refused", only: SQLite, why: trigger("", never), run: after("UPDATE OR IGNORE ledger SET entry = '{}' WHERE seq = $seq")},
		{name: "moving one entry over another", only: SQLite, why: trigger("", never), run: after("UPDATE OR REPLACE ledger SET seq = $seq WHERE seq = $seq - 1")},
		{name: "truncating the ledger", only: Postgres, why: trigger("ledger_no_truncate", never), run: after("TRUNCATE ledger CASCADE")},
		{name: "truncating the ledger's details", only: Postgres, why: trigger("ledger_bodies_no_truncate", never), run: after("TRUNCATE ledger_bodies")},
		{name: "truncating the ledger's references", only: Postgres, why: trigger("ledger_refs_no_truncate", never), run: after("TRUNCATE ledger_refs")},
		{name: "truncating the ledger's head", only: Postgres, why: trigger("ledger_head_no_truncate", "the ledger has one head"), run: after("TRUNCATE ledger_head")},
		{name: "changing the details of an entry", why: trigger("ledger_bodies_only_erased", "the details of a ledger entry are only ever erased"), run: func(w *world, broken bool) error {
			e := w.entry()
			w.must(e)
			require.NoError(w.t, w.sql("INSERT INTO ledger_bodies (seq, salt, body) VALUES (?, 'salt', '{\"a\":1}')", e.Seq))
			body := ""
			if broken {
				body = `{"a":2}`
			}
			return w.sql("UPDATE ledger_bodies SET body = ?, salt = '' WHERE seq = ?", body, e.Seq)
		}},
		{name: "changing the salt of an entry", why: trigger("ledger_bodies_only_erased", "the details of a ledger entry are only ever erased"),
			run: after("UPDATE ledger_bodies SET body = '', salt = 'another' WHERE seq = $seq")},
		{name: "deleting the details of an entry", why: trigger("ledger_bodies_no_delete", never), run: after("DELETE FROM ledger_bodies WHERE seq = $seq")},
		{name: "replacing the details of an entry", only: SQLite, why: trigger("", never), run: after("INSERT OR REPLACE INTO ledger_bodies (seq, salt, body) VALUES ($seq, 'salt', '[]')")},
		{name: "changing a reference to an entry", why: trigger("ledger_refs_no_update", never), run: after("UPDATE ledger_refs SET id = 'another' WHERE seq = $seq")},
		{name: "deleting a reference to an entry", why: trigger("ledger_refs_no_delete", never), run: after("DELETE FROM ledger_refs WHERE seq = $seq")},
		{name: "the ledger's head goes back", why: trigger("ledger_head_forward", "the head of the ledger only moves forward"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.sql("UPDATE ledger_head SET seq = seq + 10"))
			if broken {
				return w.sql("UPDATE ledger_head SET seq = seq - 1")
			}
			return w.sql("UPDATE ledger_head SET seq = seq + 1")
		}},
		{name: "the ledger's clock goes back", why: trigger("ledger_head_forward", "the head of the ledger only moves forward"), run: func(w *world, broken bool) error {
			require.NoError(w.t, w.sql("UPDATE ledger_head SET seq = seq + 1, at = at + 10"))
			if broken {
				return w.sql("UPDATE ledger_head SET seq = seq + 1, at = at - 1")
			}
			return w.sql("UPDATE ledger_head SET seq = seq + 1")
		}},
		{name: "a second head of the ledger", why: trigger("ledger_head_no_insert", "the ledger has one head"), run: after("INSERT INTO ledger_head (id, seq, at, hash) VALUES (2, 0, 0, '" + strings.Repeat("0", 64) + "')")},
		{name: "deleting the ledger's head", why: trigger("ledger_head_no_delete", "the ledger has one head"), run: after("DELETE FROM ledger_head")},
	}
}

// People, accounts and what they are granted.
func peopleViolations() []violation {
	grants := func(before func(w *world), change func(w *world, g *models.Grant)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			if before != nil {
				before(w)
			}
			g := w.grant("grant", "bob", models.Approver)
			if broken {
				change(w, g)
			}
			return w.try(g)
		}
	}
	links := func(change func(w *world, l *models.AccountLink)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			account, second := w.id("account"), w.p("dora")
			w.must(&models.Account{ID: account, Issuer: "https://idp.example", Subject: w.id("subject"), Groups: "[]"})
			l := &models.AccountLink{ID: w.id("link"), Kind: models.LinkKindLink, AccountID: &account, PersonID: w.p("bob"), State: models.LinkConfirmed,
				ProposedBy: w.p("ann"), ProposedAt: 1, ConfirmedBy: &second, DecidedAt: models.Instant(2).Ref()}
			if broken {
				change(w, l)
			}
			return w.try(l)
		}
	}
	all := []violation{
		{name: "an auditor who becomes approver", why: trigger("grants_auditor_alone", "an auditor holds no other role"),
			run: grants(func(w *world) { w.must(w.grant("first", "cy", models.Auditor)) }, func(w *world, g *models.Grant) { g.PersonID = w.p("cy") })},
		{name: "an approver who becomes auditor", why: trigger("grants_auditor_alone", "an auditor holds no other role"),
			run: grants(func(w *world) { w.must(w.grant("first", "bob", models.Provisioner)) }, func(_ *world, g *models.Grant) { g.Role = models.Auditor })},
		{name: "one role granted twice", why: unique("grants_one_open", "grants.person_id, grants.role, grants.source"),
			run: grants(func(w *world) { w.must(w.grant("first", "bob", models.Provisioner)) }, func(_ *world, g *models.Grant) { g.Role = models.Provisioner })},
		{name: "a grant that is given again", why: trigger("grants_only_end", "a grant only ever ends, and once"), run: func(w *world, broken bool) error {
			w.must(w.grant("grant", "bob", models.Approver))
			require.NoError(w.t, w.sql("UPDATE grants SET ended_at = 5, rev = rev + 1 WHERE id = ?", w.id("grant")))
			if !broken {
				return w.try(w.grant("again", "bob", models.Approver))
			}
			return w.sql("UPDATE grants SET ended_at = NULL, rev = rev + 1 WHERE id = ?", w.id("grant"))
		}},
		{name: "a grant of another role", why: trigger("grants_only_end", "a grant only ever ends, and once"), run: func(w *world, broken bool) error {
			w.must(w.grant("grant", "bob", models.Approver))
			if !broken {
				return w.sql("UPDATE grants SET ended_at = 5, rev = rev + 1 WHERE id = ?", w.id("grant"))
			}
			return w.sql("UPDATE grants SET role = 'administrator', rev = rev + 1 WHERE id = ?", w.id("grant"))
		}},
		{name: "a person called system", why: inline("people_id_check", "length(id) BETWEEN 1 AND 64 AND id <> 'system'"), run: func(w *world, broken bool) error {
			p := &models.Person{ID: w.id("newcomer"), Name: "New Comer", TimeZone: "UTC", Status: models.PersonActive}
			if broken {
				p.ID = models.SystemActor
			}
			return w.try(p)
		}},
		{name: "merged into nobody", why: check("people_merged"), run: func(w *world, broken bool) error {
			into := "NULL"
			if !broken {
				into = "'" + w.p("ann") + "'"
			}
			return w.sql("UPDATE people SET status = 'merged', merged_into = "+into+", rev = rev + 1 WHERE id = ?", w.p("bob"))
		}},
		{name: "merged into oneself", why: check("people_merged_into_another"), run: func(w *world, broken bool) error {
			into := w.p("ann")
			if broken {
				into = w.p("bob")
			}
			return w.sql("UPDATE people SET status = 'merged', merged_into = ?, rev = rev + 1 WHERE id = ?", into, w.p("bob"))
		}},
		{name: "one sign-in as two accounts", why: unique("accounts_one_identity", "accounts.issuer, accounts.subject"), run: func(w *world, broken bool) error {
			w.must(&models.Account{ID: w.id("one"), Issuer: "https://idp.example", Subject: w.id("one"), Groups: "[]"})
			two := &models.Account{ID: w.id("two"), Issuer: "https://idp.example", Subject: w.id("two"), Groups: "[]"}
			if broken {
				two.Subject = w.id("one")
			}
			return w.try(two)
		}},
		{name: "a link confirmed by its proposer", why: check("account_links_second_person"), run: links(func(_ *world, l *models.AccountLink) { l.ConfirmedBy = &l.ProposedBy })},
		{name: "a link confirmed by nobody", why: check("account_links_confirmed"), run: links(func(_ *world, l *models.AccountLink) { l.ConfirmedBy = nil })},
		{name: "a merge of one person", why: check("account_links_from_another"), run: links(func(_ *world, l *models.AccountLink) { l.FromID = &l.PersonID })},
		{name: "a merge of nobody", why: check("account_links_complete"), run: links(func(_ *world, l *models.AccountLink) { l.Kind = models.LinkKindMerge })},
		{name: "a link turned to another person", why: trigger("account_links_frozen", "what was proposed for an account stays as proposed"), run: func(w *world, broken bool) error {
			account := w.id("account")
			w.must(&models.Account{ID: account, Issuer: "https://idp.example", Subject: account, Groups: "[]"},
				&models.AccountLink{ID: w.id("link"), Kind: models.LinkKindLink, AccountID: &account, PersonID: w.p("bob"), State: models.LinkProposed, ProposedBy: w.p("ann"), ProposedAt: 1})
			who := w.p("bob")
			if broken {
				who = w.p("cy")
			}
			return w.sql("UPDATE account_links SET person_id = ?, state = 'confirmed', confirmed_by = ?, decided_at = 2, rev = rev + 1 WHERE id = ?", who, w.p("dora"), w.id("link"))
		}},
		{name: "a group mapping of another role", why: trigger("group_mappings_only_end", "a group mapping only ever ends, and once"), run: func(w *world, broken bool) error {
			w.must(&models.GroupMapping{ID: w.id("one"), Issuer: "https://idp.example", GroupName: w.id("group"), Role: models.Approver, CreatedBy: w.p("ann"), CreatedAt: 1})
			role := models.Approver
			if broken {
				role = models.Administrator
			}
			return w.sql("UPDATE group_mappings SET role = ?, ended_at = 2, rev = rev + 1 WHERE id = ?", role, w.id("one"))
		}},
		{name: "a group that gives one role twice", why: unique("group_mappings_one_open", "group_mappings.issuer, group_mappings.group_name, group_mappings.role"), run: func(w *world, broken bool) error {
			m := func(id string) *models.GroupMapping {
				return &models.GroupMapping{ID: w.id(id), Issuer: "https://idp.example", GroupName: w.id("group"), Role: models.Approver, CreatedBy: w.p("ann"), CreatedAt: 1}
			}
			w.must(m("one"))
			if !broken {
				require.NoError(w.t, w.sql("UPDATE group_mappings SET ended_at = 2, rev = rev + 1 WHERE id = ?", w.id("one")))
			}
			return w.try(m("two"))
		}},
	}
	for _, source := range []string{"admin", "group", "bootstrap"} {
		all = append(all, violation{name: "a grant to oneself by " + source, why: check("grants_not_to_oneself"),
			run: grants(nil, func(_ *world, g *models.Grant) { g.Source, g.GrantedBy = source, g.PersonID })})
	}
	return all
}

// Tier rules, bindings and duties.
func settingsViolations() []violation {
	const frozen = "tier rules never change: there is a new version of them"
	loosen := func(change func(w *world, r *models.TierRulesRow)) func(w *world, broken bool) error {
		return func(w *world, broken bool) error {
			second := w.p("dora")
			r := w.rules()
			r.Loosens, r.ConfirmedBy = 1, &second
			if broken {
				change(w, r)
			}
			w.supersede()
			return w.try(r)
		}
	}
	return []violation{
		{name: "loosening confirmed by its proposer", why: check("tier_rules_second_person"), run: loosen(func(_ *world, r *models.TierRulesRow) { r.ConfirmedBy = &r.ProposedBy })},
		{name: "loosening confirmed by nobody", why: check("tier_rules_second_person"), run: loosen(func(_ *world, r *models.TierRulesRow) { r.ConfirmedBy = nil })},
		{name: "loosening put in force by an update", why: check("tier_rules_second_person"), run: func(w *world, broken bool) error {
			r := w.rules()
			r.Loosens, r.State, r.DecidedAt = 1, models.RulesProposed, nil
			w.must(r)
			w.supersede()
			by := w.p("dora")
			if broken {
				by = r.ProposedBy
			}
			return w.sql("UPDATE tier_rules SET state = 'active', confirmed_by = ?, rev = rev + 1 WHERE id = ?", by, r.ID)
		}},
		{name: "loosening that is said not to loosen", why: trigger("tier_rules_frozen", frozen), run: func(w *world, broken bool) error {
			r := w.rules()
			r.Loosens, r.State, r.DecidedAt = 1, models.RulesProposed, nil
			w.must(r)
			loosens := 1
			if broken {
				loosens = 0
			}
			return w.sql("UPDATE tier_rules SET loosens = ?, state = 'withdrawn', rev = rev + 1 WHERE id = ?", loosens, r.ID)
		}},
		{name: "tier rules changed in force", why: trigger("tier_rules_frozen", frozen), run: func(w *world, broken bool) error {
			w.supersede()
			w.must(w.rules())
			body := "body"
			if broken {
				body = "'[]'"
			}
			return w.sql("UPDATE tier_rules SET body = " + body + ", reason = 'a word', rev = rev + 1 WHERE state = 'active'")
		}},
		{name: "two tier rules in force", why: unique("tier_rules_one_active", "tier_rules.state"), run: func(w *world, broken bool) error {
			w.supersede()
			w.must(w.rules())
			if !broken {
				w.supersede()
			}
			return w.try(w.rules())
		}},
		{name: "looser rules come back", why: trigger("tier_rules_forward", "tier rules that were superseded or withdrawn stay so"), run: func(w *world, broken bool) error {
			w.supersede()
			looser := w.rules()
			w.must(looser)
			if !broken {
				return w.sql("UPDATE tier_rules SET state = 'superseded', rev = rev + 1 WHERE id = ?", looser.ID)
			}
			w.supersede()
			return w.sql("UPDATE tier_rules SET state = 'active', rev = rev + 1 WHERE id = ?", looser.ID)
		}},
		{name: "one identity bound to two agents", why: unique("bindings_one_open", "bindings.issuer, bindings.subject, bindings.audience"), run: func(w *world, broken bool) error {
			b := func(id, agent string) *models.Binding {
				return &models.Binding{ID: w.id(id), AgentID: agent, Issuer: "https://idp.example", Subject: w.id("robot"), Audience: "api", BoundAt: 1}
			}
			other := newWorld(w.t, w.s)
			w.must(b("one", w.id("agent")))
			if !broken {
				require.NoError(w.t, w.sql("UPDATE bindings SET ended_at = 2, rev = rev + 1 WHERE id = ?", w.id("one")))
			}
			return w.try(b("two", other.id("agent")))
		}},
		{name: "a binding moved to another agent", why: trigger("bindings_only_end", "a binding only ever ends, and once"), run: func(w *world, broken bool) error {
			other := newWorld(w.t, w.s)
			w.must(&models.Binding{ID: w.id("one"), AgentID: w.id("agent"), Issuer: "https://idp.example", Subject: w.id("robot"), Audience: "api", BoundAt: 1})
			agent := w.id("agent")
			if broken {
				agent = other.id("agent")
			}
			return w.sql("UPDATE bindings SET agent_id = ?, ended_at = 2, rev = rev + 1 WHERE id = ?", agent, w.id("one"))
		}},
		{name: "changing an agent's revision", why: trigger("agent_revisions_no_update", "rows of agent_revisions are never changed"), run: func(w *world, broken bool) error {
			if !broken {
				return nil
			}
			return w.sql("UPDATE agent_revisions SET document = '{}', rev = rev + 1 WHERE id = ?", w.id("revision"))
		}},
		{name: "an agent that is registered without a revision", why: check("agents_registered"), run: func(w *world, broken bool) error {
			revision := w.id("revision")
			if broken {
				return w.sql("UPDATE agents SET state = 'registered', rev = rev + 1 WHERE id = ?", w.id("agent"))
			}
			return w.sql("UPDATE agents SET state = 'registered', revision_id = ?, rev = rev + 1 WHERE id = ?", revision, w.id("agent"))
		}},
		{name: "another agent's import", why: foreign("agents_import"), run: func(w *world, broken bool) error {
			from := newWorld(w.t, w.s)
			if !broken {
				from = w
			}
			w.must(&models.Import{ID: w.id("import"), AgentID: from.id("agent"), File: "card.json", Format: "a2a-card/1.0", SHA256: digest, Outcome: "imported", Fields: "[]", CreatedBy: w.p("owner"), CreatedAt: 1})
			return w.sql("UPDATE agents SET import_id = ?, rev = rev + 1 WHERE id = ?", w.id("import"), w.id("agent"))
		}},
		{name: "another agent's revision", why: foreign("agents_revision"), run: func(w *world, broken bool) error {
			other := newWorld(w.t, w.s)
			revision := w.id("revision")
			if broken {
				revision = other.id("revision")
			}
			return w.sql("UPDATE agents SET revision_id = ?, rev = rev + 1 WHERE id = ?", revision, w.id("agent"))
		}},
		{name: "a duty of a person and of a pool", why: check("duties_person_or_pool"), run: duties(func(_ *world, d *models.Duty) {
			pool := models.PoolApprover
			d.Pool = &pool
		})},
		{name: "a duty of nobody", why: check("duties_person_or_pool"), run: duties(func(_ *world, d *models.Duty) { d.PersonID = nil })},
		{name: "a duty held by another than it says", why: check("duties_holder"), run: duties(func(w *world, d *models.Duty) { d.Holder = w.p("cy") })},
		{name: "one duty twice", why: unique("duties_once", "duties.kind, duties.subject, duties.holder, duties.due_at"), run: duties(func(w *world, d *models.Duty) {
			w.must(d)
			again := *d
			again.ID, again.Rev = w.id("again"), 0
			*d = again
		})},
	}
}

func duties(change func(w *world, d *models.Duty)) func(w *world, broken bool) error {
	return func(w *world, broken bool) error {
		who := w.p("bob")
		d := &models.Duty{ID: w.id("duty"), Kind: models.DutySign, Subject: w.version, AgentID: w.id("agent"), CapabilityID: w.id("cap"), Holder: who, PersonID: &who, OpenedAt: 1, DueAt: 9}
		if broken {
			change(w, d)
		}
		return w.try(d)
	}
}

// Stops: lifted once, on their own terms.
func stopViolations() []violation {
	const only = "a hold is only ever lifted, and once"
	lift := func(w *world) error {
		return w.sql("UPDATE holds SET lifted_by = ?, lifted_at = 5, lift_cause = 'found it', rev = rev + 1 WHERE id = ?", w.p("owner"), w.id("hold"))
	}
	return []violation{
		{name: "a hold lifted twice", why: trigger("holds_only_lift", only), run: func(w *world, broken bool) error {
			w.must(w.hold())
			if broken {
				require.NoError(w.t, lift(w))
			}
			return lift(w)
		}},
		{name: "a hold placed again", why: trigger("holds_only_lift", only), run: func(w *world, broken bool) error {
			w.must(w.hold())
			if !broken {
				return lift(w)
			}
			require.NoError(w.t, lift(w))
			return w.sql("UPDATE holds SET lifted_by = NULL, lifted_at = NULL, lift_cause = '', rev = rev + 1 WHERE id = ?", w.id("hold"))
		}},
		{name: "a hold moved elsewhere", why: trigger("holds_only_lift", only), run: func(w *world, broken bool) error {
			w.must(w.hold())
			target := w.id("cap")
			if broken {
				target = w.id("other")
			}
			return w.sql("UPDATE holds SET target_id = ?, rev = rev + 1 WHERE id = ?", target, w.id("hold"))
		}},
		{name: "a hold that begins lifted", why: trigger("holds_begin_open", "a hold begins in force"), run: func(w *world, broken bool) error {
			h := w.hold()
			if broken {
				by := w.p("owner")
				h.LiftedBy, h.LiftedAt = &by, models.Instant(5).Ref()
			}
			return w.try(h)
		}},
		{name: "a hold lifted by nobody", why: check("holds_lifted"), run: func(w *world, broken bool) error {
			w.must(w.hold())
			if !broken {
				return lift(w)
			}
			return w.sql("UPDATE holds SET lifted_at = 5, rev = rev + 1 WHERE id = ?", w.id("hold"))
		}},
		{name: "a hold on nothing", why: check("holds_target"), run: func(w *world, broken bool) error {
			h := w.hold()
			if broken {
				h.TargetID = ""
			}
			return w.try(h)
		}},
		{name: "two open restarts", why: unique("restarts_one_open", "restarts.capability_id"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			state := models.RestartRefused
			if broken {
				state = models.RestartOpen
			}
			w.must(w.restart("one", models.RestartOpen))
			return w.try(w.restart("two", state))
		}},
		{name: "a restart of another capability's version", why: foreign("restarts_of_capability"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			r := w.restart("one", models.RestartOpen)
			if broken {
				r.CapabilityID = newWorld(w.t, w.s).id("cap")
			}
			return w.try(r)
		}},
	}
}

// timeViolations are rows that would end before they began, and a notice under a key that
// was used.
func timeViolations() []violation {
	times := func(name string, row func(w *world, begin, end models.Instant) any) violation {
		return violation{name: "times of " + name, why: check(name + "_times"), run: func(w *world, broken bool) error {
			begin := models.Instant(2)
			if broken {
				begin = 5
			}
			return w.try(row(w, begin, 4))
		}}
	}
	return []violation{
		times("team_members", func(w *world, begin, end models.Instant) any {
			return &models.TeamMember{TeamID: w.id("red"), PersonID: w.p("dora"), JoinedAt: begin, LeftAt: &end}
		}),
		times("grants", func(w *world, begin, end models.Instant) any {
			g := w.grant("grant", "bob", models.Approver)
			g.GrantedAt, g.EndedAt = begin, &end
			return g
		}),
		times("group_mappings", func(w *world, begin, end models.Instant) any {
			return &models.GroupMapping{ID: w.id("one"), Issuer: "https://idp.example", GroupName: w.id("group"), Role: models.Approver, CreatedBy: w.p("ann"), CreatedAt: begin, EndedAt: &end}
		}),
		times("delegations", func(w *world, begin, end models.Instant) any {
			return &models.Delegation{ID: w.id("delegation"), DelegateID: w.p("dora"), PrincipalID: w.p("bob"), FromAt: begin, UntilAt: end}
		}),
		times("bindings", func(w *world, begin, end models.Instant) any {
			return &models.Binding{ID: w.id("one"), AgentID: w.id("agent"), Issuer: "https://idp.example", Subject: w.id("robot"), BoundAt: begin, EndedAt: &end}
		}),
		{name: "a hold lifted before it was placed", why: check("holds_times"), run: func(w *world, broken bool) error {
			w.must(w.hold())
			at := 5
			if broken {
				at = 3
			}
			return w.sql("UPDATE holds SET lifted_by = ?, lifted_at = ?, rev = rev + 1 WHERE id = ?", w.p("owner"), at, w.id("hold"))
		}},
		{name: "a notice under a key that was used", why: unique("outbox_once", "outbox.key"), run: func(w *world, broken bool) error {
			const insert = "INSERT INTO outbox (id, key, kind, recipient, subject, created_at) VALUES (?, ?, 'test', 'somebody', '', 1)"
			require.NoError(w.t, w.sql(insert, w.id("one"), w.id("key")))
			key := w.id("another key")
			if broken {
				key = w.id("key")
			}
			return w.sql(insert, w.id("two"), key)
		}},
	}
}
