package views

import (
	"time"

	"countersign/models"
)

// AlertLine is something that came of a task at runtime and that its control owner was
// alerted of.
type AlertLine struct {
	What               string // in a sentence
	Urgent             bool
	At                 time.Time
	Title, Agent, Href string // where the page is about more than one task
	StopHref           string // "" where the reader cannot stop it here
}

// AlertText is an alert as a sentence; operation is what a first use was of.
func AlertText(a models.Alert, operation string) string {
	if a.Kind == models.AlertFirstUse {
		return "Used for the first time: " + or(operation, "an operation that is not in the catalogue any more") + "."
	}
	return a.Sentence()
}

// AlertsCard is the alerts of one task or agent.
type AlertsCard struct {
	Lines   []AlertLine
	Task    bool   // of a task: its agent and name are known
	Refused string // the address of what it was refused
	Now     time.Time
}
