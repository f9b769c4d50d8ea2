package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityShow is the record of a capability: may it act, who answers for it,
// what is in force, and what is on its way. For whoever may see it.
func CapabilityShow(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	return drawCapability(r, c, http.StatusOK, "", "")
}

// drawCapability draws the overview; cause and problem are of a stop that was
// sent back.
func drawCapability(r *Request, c store.CapabilityRead, status int, cause, problem string) error {
	v := shownVersion(c)
	doc := documentOf(c, v)
	page := views.CapabilityPage{CapabilityTop: capabilityTop(r, c), Risk: views.TierOf(doc),
		Shown: "version " + strconv.Itoa(v.Version.No) + ", " + v.Version.State.Words(), ShownHref: "/versions/" + v.Version.ID,
		Task: views.TaskAnswers(doc.Task, ""), Scope: views.ScopeAnswers(doc.Scope, doc.Facts, c.Secrets, ""), Oversight: views.OversightAnswers(doc.Oversight, c.Secrets, ""),
		Acts: otherActs(c), Next: nextLines(r, c)}
	if err := drillsOnRecord(r, c, &page); err != nil {
		return err
	}
	var err error
	if page.Alerts, err = r.alertsOfTask(c); err != nil {
		return err
	}
	page.MayAct, page.Why = c.MayAct()
	if c.MayActInEmergency() {
		page.Why = "Under break glass, until " + r.Local(c.Running().UntilAt).Format("15:04") + ": see above."
	}
	page.Mandate = mandateRows(r, c)
	if c.Open != nil && c.Open != v {
		page.OnTheWay = onTheWay(c)
	}
	if page.Stop != nil && problem != "" {
		page.Stop.Reason, page.Stop.Error, page.Stop.Target.Value = cause, problem, r.Form("target")
		page.Stop.Keys = r.Keys()
	}
	head := r.Head(page.Title, page.Agent)
	head.Failed = problem != ""
	return r.Render(status, views.Capability(head, page))
}

// documentOf is what was signed; of a draft, what would be submitted now.
func documentOf(c store.CapabilityRead, v *models.VersionFile) models.Document {
	if v.Version.Digest == "" {
		return c.Preview(*v)
	}
	return v.Version.Doc()
}

func mandateRows(r *Request, c store.CapabilityRead) []views.SummaryRow {
	m := c.Mandate
	if m == nil {
		return nil
	}
	now := r.Now()
	return []views.SummaryRow{
		{Key: "In force since", Value: views.WhenText(r.Local(m.FromAt), now)},
		{Key: "Until", Value: views.WhenText(r.Local(m.UntilAt), now)},
		{Key: "Next review", Body: views.Due(r.Local(m.ReviewDueAt), now)},
		{Key: "Digest that was signed", Body: views.DigestMark(m.Digest)},
	}
}

func onTheWay(c store.CapabilityRead) *views.CapabilityVersion {
	v := c.Open
	out := &views.CapabilityVersion{No: v.Version.No, Href: "/versions/" + v.Version.ID, State: v.Version.State}
	if v.Version.State != models.Draft {
		out.Tier = v.Version.Tier
	}
	switch v.Version.State {
	case models.Draft:
		out.Says = "It is being written. The version in force stays as it is meanwhile."
	case models.Proposed:
		out.Says = "Those who are named for it are accepting their roles."
	case models.InReview:
		out.Says = "Still needed: " + neededText(c, *v) + "."
	case models.Approved:
		out.Says = "It is signed, and not in force yet: " + c.NotYet(*v) + "."
	}
	return out
}

// otherActs are what this person may do beside the one next act.
func otherActs(c store.CapabilityRead) []views.Crumb {
	var out []views.Crumb
	here := "/capabilities/" + c.Capability.ID
	add := func(may bool, label, href string) {
		if may {
			out = append(out, views.Crumb{Label: label, Href: href})
		}
	}
	add(c.MayAskRestart() == nil, "Restart it: say what was wrong", here+"/restart")
	add(c.Mandate != nil && c.MayDraft() == nil, "Change it: start version "+strconv.Itoa(c.Last.Version.No+1), here+"/versions/new")
	add(c.Force != nil && mayHandOn(c), "Hand a role on to somebody else", here+"/succession")
	if c.Open != nil {
		add(c.MayWithdraw(c.Open.Version.ID) == nil, "Withdraw version "+strconv.Itoa(c.Open.Version.No), "/versions/"+c.Open.Version.ID+"/withdraw")
	}
	if c.Force != nil {
		for _, s := range c.Force.Valid() {
			add(s.SignerID == c.By.Person.ID || s.PrincipalID == c.By.Person.ID, "Take your sign-off back", "/sign-offs/"+s.ID+"/recall")
		}
	}
	add(c.MayRevoke() == nil, "Revoke it for good", here+"/revoke")
	return out
}

func mayHandOn(c store.CapabilityRead) bool {
	for _, role := range models.MakerRoles {
		if c.MayNominate(c.Force.Version.ID, role) == nil {
			return true
		}
	}
	return false
}
