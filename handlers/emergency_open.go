package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// EmergencyAsk asks an approver who had no part in a version what the emergency
// is, while the path is on.
func EmergencyAsk(r *Request) error {
	c, err := r.App.Store.EmergencyAsk(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if err := c.MayOpenEmergency(c.Asked); err != nil {
		return err
	}
	return drawEmergencyAsk(r, c, attempt{})
}

// EmergencyOpen lets what was shown run at once, for a stated emergency: one
// approver does, at high and critical with their passkey.
func EmergencyOpen(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	shown := r.shownOf(id)
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, id, store.Lookup{Challenge: r.Form("challenge")}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.BreakGlass(shown, r.signing())
	})
	if err == nil {
		return r.done(receipt, "/emergencies/"+receipt.Subject, "It may act now. Everybody whose word was skipped is told, and an approver reviews it within two days.")
	}
	var rule *models.Error
	if errors.As(err, &rule) && rule.Code == models.Conflict && (rule.Rule == "version.changed" || rule.Rule == "row.changed") {
		return versionMoved(r, err)
	}
	a := attempt{failed: http.StatusUnauthorized}
	if models.CodeOf(err) == models.Stale {
		a.refused = err.Error()
	} else if a, err = attempted(nil, err); err != nil {
		return err
	}
	c, err := r.App.Store.EmergencyAsk(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawEmergencyAsk(r, c, a)
}

func drawEmergencyAsk(r *Request, c store.CapabilityRead, a attempt) error {
	v := c.Asked
	page := views.EmergencyAsk{VersionTop: versionTop(r, c), Needed: "Still needed: " + neededText(c, *v) + ".", Paged: pagedWords(c, c.Paged(v)),
		Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Digest: v.Version.Digest,
		Reason: views.Field{Name: "reason", Label: "What is the emergency, and what happens if it waits?", Hint: "The people told, the reviewer and the ledger get it word for word.",
			Value: r.Form("reason"), Error: a.problems.For("reason"), Required: true, Max: models.MaxText, Rows: 4, Spellcheck: true},
		Minutes: views.Field{Name: "minutes", Label: "For how many minutes?", Hint: "As few as it takes; 120 at most. Nobody can make it longer afterwards.", Value: r.Form("minutes"), Error: a.problems.For("minutes"),
			Required: true, InputMode: "numeric", Width: "short", Suffix: "minutes", Autocomplete: "off"}}
	page.Keys.Digest = v.Version.Digest
	page.Keys.More = [][2]string{{"round", strconv.Itoa(v.Version.Round)}}
	if teams := r.Viewer.Teams; len(teams) == 1 {
		page.Team = teams[0].Name
	} else {
		page.Teams = teamChoice(teams, r.Form("team"), a.problems.For("team"))
		page.Teams.Label, page.Teams.Hint = "For which team do you open it?", ""
	}
	switch {
	case v.NeedsPasskey():
		page.Passkey = &views.PasskeyAsked{Href: "/versions/" + v.Version.ID + "/challenge", None: len(c.Passkeys) == 0, Typed: a.failed != 0,
			Why: "When you send it, your browser asks for your passkey: its signature is on the digest below, on what you state and on the minutes, under your name."}
		if r.App.Passkeys == nil {
			page.Passkey.Not = noPasskeys
		}
	case documentOf(c, v).Ask.FreshSignIn && !r.Fresh():
		page.Fresh = "/sign-in/again?return=/versions/" + v.Version.ID + "/emergency"
	}
	head := r.Head("Break glass", page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.EmergencyOpen(head, page))
}

// pagedWords are recipients as a person reads them.
func pagedWords(c store.CapabilityRead, paged []string) []string {
	var out []string
	for _, id := range paged {
		kind, of, _ := strings.Cut(id, ":")
		switch kind {
		case "pool":
			out = append(out, "every approver")
		case "team":
			name := "a team that looks after a system"
			if t, ok := c.Teams[of]; ok {
				name = "the team " + t.Name + ", which looks after a system that it reaches"
			}
			out = append(out, name)
		default:
			out = append(out, text(named(c, id)))
		}
	}
	return out
}
