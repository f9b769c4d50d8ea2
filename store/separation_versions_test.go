package store

import (
	"strings"

	"countersign/models"

	"github.com/stretchr/testify/require"
)

// Versions: frozen once they are submitted.
func versionViolations() []violation {
	const frozen = "a submitted version never changes"
	all := []violation{
		{name: "too few approvers for the tier", why: check("versions_need"), run: func(w *world, broken bool) error {
			v := w.draft(models.High)
			if broken {
				v.Need = 1
			}
			return w.try(v)
		}},
		{name: "no approver at all", why: check("versions_need"), run: func(w *world, broken bool) error {
			v := w.draft(models.Low)
			if broken {
				v.Need = 0
			}
			return w.try(v)
		}},
		{name: "teams not apart at critical", why: check("versions_apart"), run: func(w *world, broken bool) error {
			v := w.draft(models.Critical)
			if broken {
				v.Apart = 0
			}
			return w.try(v)
		}},
		{name: "a version that begins submitted", why: trigger("versions_begin_as_draft", "a version begins as a draft"), run: func(w *world, broken bool) error {
			v := w.draft(models.Low)
			if broken {
				me := w.p("owner")
				v.State, v.Digest, v.SubmittedBy, v.SubmittedAt = models.InReview, digest, &me, models.Instant(3).Ref()
			}
			return w.try(v)
		}},
		{name: "a draft with a digest", why: check("versions_draft_has_no_digest"), run: func(w *world, broken bool) error {
			v := w.draft(models.Low)
			if broken {
				me := w.p("owner")
				v.Digest, v.SubmittedBy, v.SubmittedAt = digest, &me, models.Instant(3).Ref()
			}
			return w.try(v)
		}},
		{name: "submitted without a digest", why: check("versions_submitted_has_digest"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			if !broken {
				return w.trySubmit(digest)
			}
			return w.sql("UPDATE versions SET state = 'proposed', rev = rev + 1 WHERE id = ?", w.version)
		}},
		{name: "a digest that is none", why: check("versions_submitted_has_digest"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			if !broken {
				return w.trySubmit(digest)
			}
			return w.trySubmit(strings.ToUpper(digest))
		}},
		{name: "submitted by nobody", why: check("versions_submitted_by_somebody"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			if !broken {
				return w.trySubmit(digest)
			}
			return w.sql("UPDATE versions SET state = 'proposed', digest = ?, submitted_at = 4, rev = rev + 1 WHERE id = ?", digest, w.version)
		}},
		{name: "submitted with two of the three parts", why: trigger("versions_submitted_whole", "a version is submitted with its three parts"), run: func(w *world, broken bool) error {
			w.must(w.draft(models.Low))
			w.write(models.TaskPart, "owner")
			w.write(models.ScopePart, "provisioner")
			if !broken {
				w.write(models.OversightPart, "control")
			}
			return w.trySubmit(digest)
		}},
		{name: "a second version on its way", why: unique("versions_one_open", "versions.capability_id"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			if !broken {
				require.NoError(w.t, w.state("rejected"))
			}
			v := w.draft(models.Low)
			v.ID, v.No = w.id("v2"), 2
			return w.try(v)
		}},
		{name: "back to draft", why: trigger("versions_forward", "a version never returns to draft"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			if broken {
				return w.state("draft")
			}
			return w.state("changes_requested")
		}},
		{name: "a withdrawn version comes back", why: trigger("versions_forward", "one that has ended stays ended"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			if broken {
				require.NoError(w.t, w.state("withdrawn"))
			}
			return w.state("approved")
		}},
		{name: "back to an earlier round", why: trigger("versions_round_forward", "a round of sign-offs is never gone back to"), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			require.NoError(w.t, w.sql("UPDATE versions SET round = 2, rev = rev + 1 WHERE id = ?", w.version))
			if broken {
				return w.sql("UPDATE versions SET round = 1, rev = rev + 1 WHERE id = ?", w.version)
			}
			return w.sql("UPDATE versions SET round = 3, rev = rev + 1 WHERE id = ?", w.version)
		}},
	}
	for column, value := range map[string]string{
		"digest": "'" + strings.Repeat("b", 64) + "'", "tier": "'moderate'", "need": "2", "apart": "1", "document": "'{}'", "no": "7",
		"tier_rules_id": "'another'", "agent_revision_id": "NULL", "based_on": "id", "submitted_by": "'another'", "submitted_at": "1",
		"created_by": "'another'", "created_at": "1", "capability_id": "'another'",
	} {
		all = append(all, violation{name: "changing a submitted version's " + column, why: trigger("versions_frozen", frozen), run: func(w *world, broken bool) error {
			w.inReview(models.Low)
			if !broken {
				return w.sql("UPDATE versions SET reason = 'a word', rev = rev + 1 WHERE id = ?", w.version)
			}
			return w.sql("UPDATE versions SET reason = 'a word', "+column+" = "+value+", rev = rev + 1 WHERE id = ?", w.version)
		}})
	}
	return all
}

// Parts: whoever writes one is its maker, and what is carried is unchanged.
func partViolations() []violation {
	const carried = "a carried part is the one of the version that was last in force, unchanged"
	const frozen = "the parts of a submitted version never change"
	// next is the second version's draft after the first one was in force.
	next := func(w *world) {
		require.NoError(w.t, w.signed(models.Low).goLive(nil))
		require.NoError(w.t, w.state("live"))
		v := w.draft(models.Low)
		v.ID, v.No = w.id("v2"), 2
		w.must(v)
	}
	carry := func(w *world) *models.VersionPart {
		from := w.version
		return &models.VersionPart{VersionID: w.id("v2"), Part: models.TaskPart, Body: `{"by":"owner"}`, CarriedFrom: &from, UpdatedAt: 9}
	}
	return []violation{
		{name: "a part written by somebody who is no contributor", why: foreign("version_parts_author"), run: func(w *world, broken bool) error {
			w.must(w.draft(models.Low))
			if !broken {
				w.stand("bob", models.Maker)
				w.must(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("bob"), Side: models.Maker, At: 3})
			}
			return w.try(w.part(models.TaskPart, "bob"))
		}},
		{name: "a part taken over by somebody who contributed to another", why: foreign("version_parts_author"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			part := models.TaskPart
			if broken {
				part = models.ScopePart
			}
			w.stand("bob", models.Maker)
			w.must(&models.Contribution{VersionID: w.version, Part: part, PersonID: w.p("bob"), Side: models.Maker, At: 4})
			return w.sql("UPDATE version_parts SET updated_by = ?, body = '{}', rev = rev + 1 WHERE version_id = ? AND part = 'task'", w.p("bob"), w.version)
		}},
		{name: "a contributor without a standing", why: foreign("contributions_maker"), run: func(w *world, broken bool) error {
			w.must(w.draft(models.Low))
			if !broken {
				w.stand("bob", models.Maker)
			}
			return w.try(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("bob"), Side: models.Maker, At: 3})
		}},
		{name: "a part that nobody wrote", why: check("version_parts_written_or_carried"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			by := "updated_by"
			if broken {
				by = "NULL"
			}
			return w.sql("UPDATE version_parts SET updated_by = "+by+", rev = rev + 1 WHERE version_id = ? AND part = 'task'", w.version)
		}},
		{name: "taking back a contribution", why: trigger("contributions_no_delete", "rows of contributions are never deleted"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			w.stand("bob", models.Maker)
			w.must(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("bob"), Side: models.Maker, At: 4})
			if !broken {
				return nil
			}
			return w.sql("DELETE FROM contributions WHERE version_id = ? AND person_id = ?", w.version, w.p("bob"))
		}},
		{name: "a contribution moved to somebody else", why: trigger("contributions_no_update", "rows of contributions are never changed"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			w.stand("bob", models.Maker).stand("cy", models.Maker)
			w.must(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("bob"), Side: models.Maker, At: 4})
			if !broken {
				return nil
			}
			return w.sql("UPDATE contributions SET person_id = ?, rev = rev + 1 WHERE version_id = ? AND person_id = ?", w.p("cy"), w.version, w.p("bob"))
		}},
		{name: "editing a part of a submitted version", why: trigger("version_parts_of_draft_update", frozen), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			if broken {
				w.submit()
			}
			return w.sql("UPDATE version_parts SET body = '{}', rev = rev + 1 WHERE version_id = ? AND part = 'task'", w.version)
		}},
		{name: "adding a part to a version that is no draft", why: trigger("version_parts_of_draft_insert", frozen), run: func(w *world, broken bool) error {
			w.must(w.draft(models.Low))
			w.stand("owner", models.Maker)
			w.must(&models.Contribution{VersionID: w.version, Part: models.TaskPart, PersonID: w.p("owner"), Side: models.Maker, At: 3})
			if broken {
				require.NoError(w.t, w.state("withdrawn"))
			}
			return w.try(w.part(models.TaskPart, "owner"))
		}},
		{name: "moving a part to another version", why: trigger("version_parts_rev_next", "a row of version_parts moves by one revision and keeps its key"), run: func(w *world, broken bool) error {
			w.drafted(models.Low)
			other := newWorld(w.t, w.s)
			other.must(other.draft(models.Low))
			to := w.version
			if broken {
				to = other.version
			}
			return w.sql("UPDATE version_parts SET version_id = ?, rev = rev + 1 WHERE version_id = ? AND part = 'task'", to, w.version)
		}},
		{name: "a carried part that differs", why: trigger("version_parts_carried_insert", carried), run: func(w *world, broken bool) error {
			next(w)
			p := carry(w)
			if broken {
				p.Body = `{"by":"somebody else"}`
			}
			return w.try(p)
		}},
		{name: "a carried part that is changed later", why: trigger("version_parts_carried_update", carried), run: func(w *world, broken bool) error {
			next(w)
			w.must(carry(w))
			body := `{"by":"owner"}`
			if broken {
				body = `{"by":"somebody else"}`
			}
			return w.sql("UPDATE version_parts SET body = ?, rev = rev + 1 WHERE version_id = ?", body, w.id("v2"))
		}},
		{name: "a part carried as another part", why: trigger("version_parts_carried_insert", carried), run: func(w *world, broken bool) error {
			next(w)
			p := carry(w)
			if broken {
				p.Part = models.ScopePart
			}
			return w.try(p)
		}},
		{name: "a part carried from a version that was never in force", why: trigger("version_parts_carried_insert", carried), run: func(w *world, broken bool) error {
			if !broken {
				next(w)
				return w.try(carry(w))
			}
			w.signed(models.Low)
			require.NoError(w.t, w.state("rejected"))
			v := w.draft(models.Low)
			v.ID, v.No = w.id("v2"), 2
			w.must(v)
			return w.try(carry(w))
		}},
		{name: "a part carried from another capability", why: trigger("version_parts_carried_insert", carried), run: func(w *world, broken bool) error {
			next(w)
			p := carry(w)
			if broken {
				other := newWorld(w.t, w.s).signed(models.Low)
				require.NoError(w.t, other.goLive(nil))
				p.CarriedFrom = &other.version
			}
			return w.try(p)
		}},
		{name: "a part carried from before the last version in force", why: trigger("version_parts_carried_insert", carried), run: func(w *world, broken bool) error {
			next(w) // the second one, with another owner's task
			first := w.version
			w.version = w.id("v2")
			if broken {
				w.write(models.TaskPart, "bob")
			} else {
				w.write(models.TaskPart, "owner") // the same body
			}
			w.write(models.ScopePart, "provisioner")
			w.write(models.OversightPart, "control")
			for _, who := range makers {
				w.ensure(who)
			}
			w.signOffs = nil
			w.submit().accept().review()
			w.sign("cy", "red")
			require.NoError(w.t, w.end(first))
			require.NoError(w.t, w.state("superseded", first))
			require.NoError(w.t, w.goLive(func(l *live) { l.rename(w.id("m2")) }))
			require.NoError(w.t, w.state("live"))
			v := w.draft(models.Low)
			v.ID, v.No = w.id("v3"), 3
			w.must(v)
			from := w.version
			if broken {
				from = first
			}
			return w.try(&models.VersionPart{VersionID: v.ID, Part: models.TaskPart, Body: `{"by":"owner"}`, CarriedFrom: &from, UpdatedAt: 19})
		}},
	}
}
