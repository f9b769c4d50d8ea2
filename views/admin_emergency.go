package views

import (
	"time"

	"countersign/models"
)

// EmergencyPathPage is the setting of the emergency path, and what happened under it.
type EmergencyPathPage struct {
	On       *SwitchLine
	Proposed *SwitchLine
	Before   []SwitchLine // switched off or withdrawn, newest first
	Past     []EmergencyLine
	Reason   Field
	Propose  FormKeys
	Confirm  FormKeys
	Withdraw FormKeys
	Off      FormKeys
	Why      string // why the viewer may not confirm what is proposed
	May      bool   // the viewer is an administrator
	Errors   Errors
	Now      time.Time
}

// SwitchLine is one time that the path was proposed, on or off.
type SwitchLine struct {
	models.EmergencySwitch
	Proposer, Confirmer, Ender models.Party
}

func (s SwitchLine) href(act string) string { return "/admin/emergency/" + s.ID + act }

// state is how far it is, in the words of a state.
func (s SwitchLine) state() string {
	switch s.State {
	case models.SwitchOn:
		return "active"
	case models.SwitchProposed:
		return "waiting"
	case models.SwitchOff:
		return "ended"
	}
	return s.State
}

// EmergencyLine is one emergency in the administrators' list: no contents.
type EmergencyLine struct {
	Agent, Href string // Href "" where the viewer does not see the capability
	Who         string
	From, Over  time.Time
	Runs        bool
	Review      string
}
