package models

// Alerts are from when on the control owner of a task is told of what came of it at
// runtime. That another manifest runs than was signed is told in any case.
type Alerts struct {
	Denials  int    `json:"denials"`   // from so many noes of a day on
	FirstUse string `json:"first_use"` // Yes or No: of each operation that is used for the first time
	Volume   int    `json:"volume"`    // from so many percent of the day's volume on
}

// StandardAlerts are those of a plan that says nothing of them, and of plans that were signed
// before they could: they never change. A plan that says the same keeps its digest.
var StandardAlerts = Alerts{Denials: 1, FirstUse: Yes, Volume: 80}

// Bounds of Alerts.
const (
	MostDenials = 10_000
	LeastVolume = 50 // percent: what is half used is not near its limit
)

// Thresholds are the alerts that apply.
func (o Oversight) Thresholds() Alerts {
	if o.Alerts == (Alerts{}) {
		return StandardAlerts
	}
	return o.Alerts
}

// check says what is wrong with the alerts as typed. None of them can be switched off but
// that of a first use: a plan that hears of no refusal watches nothing.
func (a *Alerts) check(p *problems, complete bool) {
	if *a == (Alerts{}) {
		return
	}
	switch {
	case a.Denials == 0 && !complete:
	case a.Denials == 0:
		p.add("alert_denials", "Enter from how many refusals a day on the control owner is alerted.")
	case a.Denials < 0 || a.Denials > MostDenials:
		p.add("alert_denials", "Enter a number between 1 and 10,000. An alert on refusals cannot be switched off.")
	}
	switch {
	case a.Volume == 0 && !complete:
	case a.Volume == 0:
		p.add("alert_volume", "Enter from which share of the day’s volume on the control owner is alerted.")
	case a.Volume < LeastVolume || a.Volume > 100:
		p.add("alert_volume", "Enter a number of percent between %d and 100.", LeastVolume)
	}
	if a.FirstUse != Yes && a.FirstUse != No && (complete || a.FirstUse != "") {
		p.add("alert_first_use", "Choose whether the control owner is alerted of a first use.")
	}
	if *a == StandardAlerts {
		*a = Alerts{}
	}
}

// Words are what the control owner is alerted of, as one reads it.
func (a Alerts) Words() []string {
	out := []string{denialsWords(a.Denials), volumeWords(a.Volume), "any run on another manifest than was signed"}
	if a.FirstUse == Yes {
		out = append(out, "the first use of each operation")
	}
	return out
}

func denialsWords(n int) string {
	if n == 1 {
		return "the first refusal of a day"
	}
	return itoa(n) + " refusals on one day"
}

func volumeWords(percent int) string {
	if percent == 100 {
		return "all of the day’s volume used"
	}
	return itoa(percent) + " % of the day’s volume used"
}

// alerts adds a sentence for each threshold that moved.
func (d *diff) alerts(was, is Alerts) {
	if was.Denials != is.Denials {
		d.add(DiffChanged, is.Denials > was.Denials, denialsWords(was.Denials), "the control owner is alerted of ", "*"+denialsWords(is.Denials))
	}
	if was.FirstUse != is.FirstUse {
		told := "*is"
		if is.FirstUse == No {
			told = "*is not"
		}
		d.add(DiffChanged, is.FirstUse == No, "", "the control owner ", told+" alerted", " of the first use of each operation")
	}
	if was.Volume != is.Volume {
		d.add(DiffChanged, is.Volume > was.Volume, volumeWords(was.Volume), "the control owner is alerted of ", "*"+volumeWords(is.Volume))
	}
}
