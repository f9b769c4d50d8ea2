package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DecisionShow is one decision with everything that was in force at its moment, and who
// answers for it: whoever may see it.
func DecisionShow(r *Request) error {
	id, err := strconv.ParseInt(r.Param("id"), 10, 64)
	if err != nil {
		id = 0 // which no decision has
	}
	d, err := r.App.Store.Decision(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	row := r.decisionRow(d.LoggedDecision)
	page := views.DecisionPage{Row: row, Now: r.Now(), Unsealed: d.Part == nil}
	if !d.Allow {
		_, remedy, who := views.RuleWords(d.Rule)
		page.Remedy, page.Can = remedy, whoCan(d.Behind, who)
	}
	if d.CapabilityID != "" {
		page.Seats = seatsBehind(d.Behind)
	}
	r.whatWasAsked(&page, d)
	r.force(&page, d)
	page.Context = stated(d.Decision)
	for _, c := range d.Chain {
		page.Chain = append(page.Chain, views.DecisionHop{Agent: c.Agent, Title: c.Title, Href: "/capabilities/" + c.CapabilityID, Seats: seatsBehind(c.Behind)})
	}
	for _, f := range d.Forbids {
		shown := views.DecisionForbid{Name: f.Name, Why: f.Why}
		if r.Viewer.Has(models.Auditor) || r.Viewer.Has(models.Administrator) {
			shown.Href = "/admin/forbids/" + f.ID
		}
		page.Forbids = append(page.Forbids, shown)
	}
	for _, h := range d.Holds {
		says, _, _ := views.RuleWords("hold." + h.Kind)
		page.Holds = append(page.Holds, views.DecisionHold{Words: says, Href: stopHref(h), Cause: h.Cause, At: r.Local(h.PlacedAt)})
	}
	if d.Part != nil {
		page.Sealed = r.sealed(d)
	}
	if d.SeesAgent && mayAskWhatIf(r.Viewer) {
		page.WhatIf = views.HrefWith("/what-if", "agent", d.AgentID, "task", d.CapabilityID, "operation", d.Operation, "system", d.System, "resource", d.Resource,
			"sensitivity", d.Sensitivity, "environment", d.Environment, "manifest", d.Manifest, "volume", strconv.FormatInt(d.Volume, 10), "ask", "1")
	}
	return r.Render(http.StatusOK, views.DecisionShow(r.Head("Decision "+row.ID, "Decisions"), page))
}

// whoCan names those of the four who can make it a yes.
func whoCan(b store.Behind, who []string) (names []string) {
	for _, role := range who {
		p := map[string]models.HistoryPerson{"owner": b.Owner, "provisioner": b.Provisioner, "control owner": b.ControlOwner}[role]
		if p.Name != "" && !(len(names) > 0 && names[0] == p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

func seatsBehind(b store.Behind) []views.Seat {
	one := func(role string, people ...models.HistoryPerson) views.Seat {
		seat := views.Seat{Role: role, Missing: 0}
		for _, p := range people {
			if p.Name != "" {
				seat.People = append(seat.People, views.SeatPerson{Name: p.Name, Team: p.Team, Mark: views.SeatAccepted})
			}
		}
		return seat
	}
	signers := one("Approvers", b.Signers...)
	if b.Emergency {
		signers.Role = "Approver, by break glass"
	}
	for i := range signers.People {
		signers.People[i].Mark = views.SeatSigned
	}
	return []views.Seat{one("Business owner", b.Owner), one("Provisioner", b.Provisioner), one("Control owner", b.ControlOwner), signers}
}

// whatWasAsked is the request as it was logged.
func (r *Request) whatWasAsked(page *views.DecisionPage, d store.DecisionRead) {
	add := func(key string, row views.SummaryRow) {
		row.Key = key
		page.Asked = append(page.Asked, row)
	}
	add("When", views.SummaryRow{Value: views.WhenText(page.Row.At, r.Now()) + "; exactly " + d.At.String()})
	switch {
	case d.Agent != "" && d.SeesAgent:
		add("Agent", views.SummaryRow{Body: views.DecisionLink(d.Agent, "/agents/"+d.AgentID, "")})
	case d.Agent != "":
		add("Agent", views.SummaryRow{Body: views.DecisionText(d.Agent)})
	}
	if d.Subject != "" {
		add("Named as", views.SummaryRow{Body: views.DecisionText(d.Subject)})
	}
	add("Operation", views.SummaryRow{Body: views.DecisionText(d.Operation)})
	add("System", views.SummaryRow{Body: views.DecisionText(page.Row.System)})
	add("Resource", views.SummaryRow{Body: views.DecisionText(d.Resource)})
	add("Gateway", views.SummaryRow{Body: views.DecisionText(page.Row.GatewayName())})
}

// force is what was in force at the moment.
func (r *Request) force(page *views.DecisionPage, d store.DecisionRead) {
	if d.CapabilityID == "" {
		return
	}
	page.Force = append(page.Force, views.SummaryRow{Key: "Task", Body: views.DecisionLink(d.Title, "/capabilities/"+d.CapabilityID, "")},
		views.SummaryRow{Key: "Version", Body: views.DecisionVersion("Version "+strconv.Itoa(d.VersionNo), "/versions/"+d.VersionID, d.Digest)})
	by := "A mandate, signed off in full"
	if d.Behind.Emergency {
		by = "Break glass: for two hours at most, with a sign-off lacking"
	}
	page.Force = append(page.Force, views.SummaryRow{Key: "By", Value: by})
	if d.Until > 0 {
		page.Force = append(page.Force, views.SummaryRow{Key: "Until", Value: views.WhenText(r.Local(d.Until), r.Now())})
	}
}

// stated are the circumstances as the caller stated them; what was not said is left out.
func stated(d models.Decision) (rows []views.SummaryRow) {
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, views.SummaryRow{Key: key, Body: views.DecisionText(value)})
		}
	}
	add("How sensitive the data is", d.Sensitivity)
	if d.Volume > 1 {
		add("How many actions", views.Count(int(d.Volume)))
	}
	add("Manifest that ran", d.Manifest)
	if d.Manifest != "" {
		add("Who says so", map[bool]string{true: "the caller", false: d.Attested}[d.Attested == "caller"])
	}
	add("Run of the task", d.TaskRun)
	add("Instance of the agent", d.Instance)
	add("Where it ran", d.Environment)
	add("The caller’s trace id", d.Trace)
	add("Request id", d.RequestID)
	return rows
}

func (r *Request) sealed(d store.DecisionRead) []views.SummaryRow {
	rows := []views.SummaryRow{
		{Key: "Sealed", Value: views.WhenText(r.Local(d.Part.SealedAt), r.Now()) + ", with " + views.Counted(int(d.Part.N), "row", "rows")},
		{Key: "Root of the part", Body: views.DigestMark(d.Part.Root)},
	}
	entry := views.SummaryRow{Key: "Entry of the record", Value: strconv.FormatInt(d.Seq, 10)}
	if r.Viewer.Has(models.Auditor) {
		entry.Body = views.DecisionLink(entry.Value, "/ledger?before="+strconv.FormatInt(d.Seq+1, 10)+"#entry-"+entry.Value, "")
	}
	if d.Seq == 0 {
		return rows
	}
	return append(rows, entry)
}
