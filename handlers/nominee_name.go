package handlers

import (
	"slices"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// answersFor is what each maker's role answers for, in a few words.
var answersFor = map[models.Role]string{
	models.BusinessOwner: "Answers for the task boundary and the acceptable outcomes, and writes the task.",
	models.Provisioner:   "Answers for which systems, operations and secrets it can reach, and writes the scope.",
	models.ControlOwner:  "Answers for monitoring, alerting and stopping it, and writes the oversight plan.",
}

// Nominees shows who is asked to answer for a version, with a form for each role
// that the viewer may offer: in a draft, and after somebody declined, the
// business owner; of what is in force, also whoever holds the role.
func Nominees(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	return drawNominees(r, d, attempt{})
}

// NomineeName asks a person to take one of the three roles. A search of a long
// list draws the page again and asks nobody.
func NomineeName(r *Request) error {
	id, role := r.Param("id"), models.Role(r.Form("role"))
	if !slices.Contains(models.MakerRoles, role) {
		return models.Refusal(models.Invalid, "input", "There is no such role here. Nothing was changed.")
	}
	person := r.Form(string(role))
	also := store.Lookup{People: []string{person}}
	var refusal error
	if r.Form("find") == "" {
		var act models.Act
		if act, refusal = r.Act(); refusal == nil {
			_, refusal = r.App.Store.DecideVersion(r.Ctx(), act, id, also, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Nominate(id, role, person)
			})
		}
	}
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, id, also)
	if models.CodeOf(err) == models.NotFound && refusal == nil {
		// Whoever handed their own role on may no longer see it.
		r.Flash(views.KindSuccess, "The role "+role.Words()+" is offered to somebody else.")
		return r.Redirect("/")
	}
	if err != nil {
		return err
	}
	if r.Form("find") != "" {
		return drawNominees(r, d, attempt{})
	}
	if refusal == nil {
		r.Flash(views.KindSuccess, asked(r, d, role, person))
		return r.Redirect(draftPath(id, "people"))
	}
	a, err := attempted(nil, refusal)
	if err != nil {
		return err
	}
	return drawNominees(r, d, a)
}

// asked says who was asked for what, and by when.
func asked(r *Request, d store.DraftPage, role models.Role, person string) string {
	name := partyName(d, person)
	due := ""
	for _, duty := range d.Duties {
		if duty.Holder == person && duty.Subject == d.Asked.Version.ID {
			due = ", at the latest " + views.WhenText(r.Local(duty.DueAt), r.Now())
		}
	}
	switch d.Asked.Version.State {
	case models.Draft:
		if person == d.By.Person.ID {
			return "You are nominated as " + role.Words() + "."
		}
		return name + " is nominated as " + role.Words() + ", and is asked to write their part" + due + "."
	case models.Live:
		return name + " is asked to take over as " + role.Words() + due + ". Until they accept, it stays with whoever holds it now."
	}
	return name + " is asked to accept the role " + role.Words() + ", or to decline it" + due + "."
}

func drawNominees(r *Request, d store.DraftPage, a attempt) error {
	page := views.DraftPeoplePage{DraftTop: draftTop(r, d), Refused: a.refused, Errors: a.problems, Live: d.Asked.Version.State == models.Live}
	for _, role := range models.MakerRoles {
		line := nominee(r, d, role)
		if err := d.MayNominate(d.Asked.Version.ID, role); err != nil {
			line.Why = whyNotNominate(d, role, err)
		} else {
			pick, err := pickFor(r, d, role, a)
			if err != nil {
				return err
			}
			line.Form = &pick
			line.Keys = r.Keys()
			line.Keys.ActID = nonceFor(r, role)
			line.Keys.More = [][2]string{{"role", string(role)}}
			line.HandOver = role == models.BusinessOwner && d.Asked.Version.State != models.Live && line.Now != nil && line.Now.You
		}
		page.Roles = append(page.Roles, line)
	}
	head := r.Head("People", page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.DraftPeople(head, page))
}

// nonceFor is the form's own nonce where it was this one that was sent.
func nonceFor(r *Request, role models.Role) string {
	if r.Form("role") == string(role) {
		return r.Keys().ActID
	}
	return r.NewActID()
}

// nominee is who is asked, who accepted and who declined.
func nominee(r *Request, d store.DraftPage, role models.Role) views.DraftRole {
	line := views.DraftRole{Role: role, Answers: answersFor[role]}
	for _, n := range d.Asked.Nominations {
		if n.Role != role {
			continue
		}
		p := d.People[n.PersonID]
		who := views.DraftNominee{Name: p.Person.Name, Team: p.Team(), At: r.Local(n.NominatedAt), You: n.PersonID == d.By.Person.ID, Left: p.Person.Status != models.PersonActive}
		switch n.State {
		case models.NominationAccepted:
			who.Accepted = true
			if n.AnsweredAt != nil {
				who.At = r.Local(*n.AnsweredAt)
			}
			line.Now = &who
		case models.NominationOpen:
			line.Next = &who
		case models.NominationDeclined:
			c := views.DraftComment{Reason: n.Reason, Who: p.Person.Name, Team: p.Team()}
			if n.AnsweredAt != nil {
				c.At = r.Local(*n.AnsweredAt)
			}
			line.Declined = append(line.Declined, c)
		}
	}
	if line.Now == nil {
		line.Now, line.Next = line.Next, nil
	}
	if d.Asked.Version.State == models.Draft {
		for _, g := range d.Missing(*d.Asked) {
			if g.Where == string(role) && line.Now != nil {
				line.Problem = g.Text
			}
		}
	}
	return line
}

// whyNotNominate says in one sentence why the viewer cannot ask anybody.
func whyNotNominate(d store.DraftPage, role models.Role, refusal error) string {
	switch d.Asked.Version.State {
	case models.Draft, models.Proposed:
		if _, held := d.Asked.Holder(role); held {
			return "" // it is taken up; there is nothing to ask
		}
		if who, named := d.Asked.Nominee(models.BusinessOwner); named && who != d.By.Person.ID {
			return "Only " + partyName(d, who) + ", the business owner, can nominate."
		}
	}
	return refusal.Error()
}

// pickFor are the people who can take the role in this version; who cannot is
// not offered.
func pickFor(r *Request, d store.DraftPage, role models.Role, a attempt) (views.NomineePick, error) {
	pick := views.NomineePick{Name: string(role), Label: upper(role.Words()), Error: a.problems.For(string(role)), Required: true,
		Find: r.Form("find-" + string(role)), Value: r.Form(string(role)), None: "Nobody else holds the role " + role.Words() + " and could take it. An administrator can give somebody the role."}
	doc := d.Asked.Version.Doc()
	if d.Asked.Version.Digest == "" {
		doc = d.Preview(*d.Asked)
	}
	if role != models.Provisioner && (doc.Tier == models.High || doc.Tier == models.Critical) {
		pick.Hint = "At tier " + string(doc.Tier) + " the business owner and the control owner are different people."
	}
	holders, many, err := r.App.Store.RoleHolders(r.Ctx(), role, pick.Find, pick.Value)
	if err != nil {
		return pick, err
	}
	pick.Many = many
	now, _ := d.Asked.Nominee(role)
	others := map[models.Role]string{}
	for _, other := range models.MakerRoles {
		if who, ok := d.Asked.Nominee(other); ok && other != role {
			others[other] = who
		}
	}
	for _, p := range holders {
		if p.Person.ID != now && models.MayHold(role, p, d.Asked.Standings[p.Person.ID], doc.Tier, others) == nil {
			pick.People = append(pick.People, p)
		}
	}
	var ids []string
	for _, p := range pick.People {
		ids = append(ids, p.Person.ID)
	}
	if holder, held := d.Asked.Holder(role); !held || d.People[holder].Person.Status == models.PersonActive {
		pick.At, err = r.App.Store.AtLimit(r.Ctx(), ids, d.Rules.Rules().MostPerPerson)
	}
	return pick, err
}
