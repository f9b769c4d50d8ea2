package handlers

import (
	"context"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// MeAbsence shows people who stands in for them and for whom they stand in, and
// lets an approver name somebody.
func MeAbsence(r *Request) error { return r.drawAbsence(redraw{}) }

// MeAbsenceName names another approver to decide for the viewer from the first
// day to the end of the last, both as days at the viewer's place. A search of a
// long list draws the page again and names nobody.
func MeAbsenceName(r *Request) error {
	if r.Form("find") != "" {
		return r.drawAbsence(redraw{})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	from, until, wrong := r.absenceDays()
	if len(wrong) > 0 {
		return r.drawAbsence(redraw{status: 422, errors: wrong})
	}
	to, reason, name := r.Form("delegate"), r.Form("reason"), ""
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{to}, Delegations: true}, func(f models.AdminFacts) (models.Change, error) {
		name = f.People[to].Person.Name
		return f.Delegate(to, from, until, reason)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawAbsence(refused)
	}
	return r.done(receipt, "/me/absence", name+" stands in for you from "+r.Local(from).Format("Mon 2 Jan")+" on. They are told.")
}

// absenceDays are the moments at which the typed days begin and end.
func (r *Request) absenceDays() (from, until models.Instant, wrong views.Errors) {
	read := func(field string) time.Time {
		at, ok := views.DateFrom(r.Form, field).Date(r.zone())
		if !ok {
			wrong = append(wrong, views.FieldError{Field: field, Message: "Enter a date that there is, such as 27 11 2026."})
		}
		return at
	}
	first, last := read("from"), read("until")
	return models.At(first), models.At(last.AddDate(0, 0, 1)), wrong
}

// MeAbsenceEnd ends a delegation that the viewer gave or was given, at once.
func MeAbsenceEnd(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Delegations: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.EndDelegation(r.Param("id"))
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawAbsence(refused)
	}
	said := "It has ended. From now on you decide for yourself alone."
	if receipt.Act == "delegation.declined" {
		said = "It has ended. You no longer stand in for them; they are told."
	}
	return r.done(receipt, "/me/absence", said)
}

func (r *Request) drawAbsence(a redraw) error {
	x, err := r.App.Store.Absence(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.AbsencePage{Party: r.Viewer, Keys: r.Keys(), Errors: a.errors, Now: r.Now(), Zone: models.WordsOf(models.TimeZones, or(r.Viewer.Person.TimeZone, "UTC")),
		From: views.DateFrom(r.Form, "from"), Until: views.DateFrom(r.Form, "until"), Reason: r.Form("reason"), Days: int(models.LongestDelegation / models.Day)}
	page.Mine, page.Others = r.absenceLines(x, x.Mine), r.absenceLines(x, x.Others)
	if r.Viewer.Has(models.Approver) {
		if page.Pick, err = r.pickDelegate(r.Ctx(), a); err != nil {
			return err
		}
	}
	return r.Render(a.code(), views.Absence(r.headAfter("Absence", "You", a), page))
}

func (r *Request) absenceLines(x store.Absence, list []models.Delegation) []views.AbsenceLine {
	var out []views.AbsenceLine
	for _, d := range list {
		other := d.DelegateID
		if other == r.Viewer.Person.ID {
			other = d.PrincipalID
		}
		out = append(out, views.AbsenceLine{ID: d.ID, Other: x.People[other], From: r.Local(d.FromAt), Until: r.Local(d.UntilAt), Reason: d.Reason,
			Now: d.Active(x.Now), Keys: r.newKeys()})
	}
	return out
}

// pickDelegate are the approvers whom the viewer may name.
func (r *Request) pickDelegate(ctx context.Context, a redraw) (*views.NomineePick, error) {
	pick := &views.NomineePick{Name: "delegate", Label: "Who stands in for you?", Hint: "An approver. They are told at once, and may decline.", Error: a.errors.For("delegate"), Required: true,
		Find: r.Form("find-delegate"), Value: r.Form("delegate"), None: "Nobody else holds the role approver. An administrator can give somebody the role."}
	holders, many, err := r.App.Store.RoleHolders(ctx, models.Approver, pick.Find, pick.Value)
	pick.Many = many
	for _, p := range holders {
		if p.Person.ID != r.Viewer.Person.ID {
			pick.People = append(pick.People, p)
		}
	}
	return pick, err
}
