package views

import (
	"time"

	"countersign/models"
)

// DrillPage is one answerability drill.
type DrillPage struct {
	Kicker, Agent, Task string
	Href                string // of the capability, "" where the reader does not see it
	Tier                models.Tier
	State               string // in words
	Now                 time.Time
	Due                 time.Time
	Scene               []Piece // what the agent is said to have done
	Ask                 *DrillAsk
	Held                bool // missing it holds the capability just now
	Mine                bool // the reader was asked
	Who                 SeatPerson
	Facts               []SummaryRow
	Outcome             string // whether it was within the boundary, in a sentence; "" while it is not for the reader to know
	Right               bool   // the answer knew
	Seats               []Seat
	StopHow             []SummaryRow
	StopHref            string
}

// DrillAsk is the form.
type DrillAsk struct {
	Action  string
	Keys    FormKeys
	Errors  Errors
	Refused string
	Yours   Choices
	Stop    Choices
	Note    Field
}

// KillPage is the page of a capability's kill drills.
type KillPage struct {
	CapabilityTop
	Planned *KillPlanned
	Ask     *KillAsk
	WhyNot  string // why the reader cannot plan one; "" where they may
	Refused string
	Last    string // when stopping was last exercised, in a sentence
	Past    []KillLine
}

// KillPlanned is what is planned, or runs just now.
type KillPlanned struct {
	At     time.Time
	Who    SeatPerson
	Why    string
	Runs   bool
	Action string // calls it off; "" where the reader may not
	Keys   FormKeys
}

// KillAsk is the form that plans one.
type KillAsk struct {
	Action  string
	Keys    FormKeys
	Errors  Errors
	At, Why Field
}

// KillLine is one time at which stopping was exercised, or was to be.
type KillLine struct {
	At        time.Time
	What      string
	Who, Team string
	Result    string
	Time      string // how long it took, "" for not measured
	Bad       bool
}

// MyDrillsPage is a person's own drills.
type MyDrillsPage struct {
	Party  models.Party
	Now    time.Time
	Lines  []MyDrillLine
	Says   string // in a sentence
	Newest string
	Older  string
}

// MyDrillLine is one of them.
type MyDrillLine struct {
	Href, Task, Agent string
	Tier              models.Tier
	Asked             time.Time
	State             string
	Took              string
	Bad               bool
}

func (p DrillPage) title() string {
	if p.Ask != nil {
		return "Is this yours, and would you stop it?"
	}
	if p.Mine {
		return "What your answer shows"
	}
	return "Whether " + p.Who.Name + " answers"
}

func (p DrillPage) outcomeTitle() string {
	if p.Right {
		return "It was recognised"
	}
	return "It was not recognised"
}

func (k KillPlanned) title() string {
	if k.Runs {
		return "A kill drill runs just now"
	}
	return "A kill drill is planned"
}
