package views

import (
	"strconv"

	"github.com/a-h/templ"
)

// ManifestPage is an agent's newest manifest: what differs in it, and for each of
// its tasks in force what it takes to be signed for it.
type ManifestPage struct {
	AgentHead
	Behind   int               // of all that the viewer sees, how many are not signed for it
	Changes  []ManifestChanges // from each revision that something on the page is signed for
	Rows     []ManifestTask
	Carry    FormKeys // of the form to which the rows' boxes belong
	MayCarry bool     // some row has a box
	Most     int      // how many can be carried over at once
	Errors   Errors
	More     string
	First    string
}

// ManifestChanges is what differs between a revision that is signed and the newest.
type ManifestChanges struct {
	From  int
	Lines []DiffLine
}

// ManifestTask is one task in force.
type ManifestTask struct {
	AgentID, ID   string // of the agent and the capability
	Title, Tier   string
	Held          bool
	Signed        bool     // for the newest already
	Stands        string   // what is in force, and for which revision it is signed
	Says          []string // what is asked, or what is in the way
	Moved         []string // what moved beside the manifest
	Link          Crumb    // where it goes on, where not here
	Needed        []Reason
	Choice        string // the version in force, where the viewer may carry it over
	Chosen        bool
	Accept        *ManifestAccept
	Sign          *ManifestSign
	Done          string // what the viewer just did
	Receipt       string // its address
	Failed        string // why nothing was done
	FailedFocused bool
}

// ManifestAccept is the viewer's answer to an offered role.
type ManifestAccept struct {
	Words, Role, Action, Decline string
	Keys                         FormKeys
}

// ManifestSign is the viewer's sign-off.
type ManifestSign struct {
	Action  string
	Keys    FormKeys
	Passkey *PasskeyAsked
	Fresh   string // where to sign in again first, "" for no need
	Team    string
	Teams   *Choices
	Reason  string
	Error   string
	After   string // what follows
}

func (t ManifestTask) anchor() string { return "task-" + t.ID }

// swapped are the attributes of a form whose answer takes the row's place.
func (t ManifestTask) swapped(more templ.Attributes) templ.Attributes {
	out := templ.Attributes{"hx-post": "", "hx-target": "#" + t.anchor(), "hx-swap": "outerHTML"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func (t ManifestTask) acceptAttrs() templ.Attributes {
	return t.swapped(templ.Attributes{"hx-post": t.Accept.Action})
}

func (t ManifestTask) signAttrs() templ.Attributes {
	more := templ.Attributes{"hx-post": t.Sign.Action}
	if t.Sign.Passkey != nil {
		for k, v := range t.Sign.Passkey.Attrs("sign") {
			more[k] = v
		}
	}
	return t.swapped(more)
}

func (s ManifestSign) reasonField(id string) Field {
	return Field{ID: "reason-" + id, Name: "reason", Label: "A comment", Value: s.Reason, Error: s.Error, Rows: 2}
}

// may is whether the sign-off can be sent: nothing is in the way of a passkey.
func (s ManifestSign) may() bool {
	return s.Fresh == "" && (s.Passkey == nil || !s.Passkey.None && s.Passkey.Not == "")
}

func (p ManifestPage) lead() string {
	switch p.Behind {
	case 0:
		return "Everything in force that you see is signed for revision " + strconv.Itoa(p.Revision) + "."
	case 1:
		return "One task in force is not signed for revision " + strconv.Itoa(p.Revision) + ". It stays in force for the revision that was signed; a run on the new one is denied until it is signed."
	}
	return Count(p.Behind) + " tasks in force are not signed for revision " + strconv.Itoa(p.Revision) + ". They stay in force for the revision that was signed; a run on the new one is denied until they are signed."
}

func (c ManifestChanges) title() string {
	return "What differs from revision " + strconv.Itoa(c.From)
}

// BehindText is the line that leads to the page of the new manifest.
func BehindText(n int) string {
	if n == 1 {
		return "1 task is not signed for the new manifest"
	}
	return Count(n) + " tasks are not signed for the new manifest"
}
