package views

import (
	"strconv"

	"countersign/models"
)

// HoursTyped are working days (0 is Monday) and minutes of the day, as chosen.
type HoursTyped struct {
	Days     []string
	From, To string
}

func workDayOptions() []Option {
	out := make([]Option, len(models.WorkDayNames))
	for i, name := range models.WorkDayNames {
		out[i] = Option{Value: strconv.Itoa(i), Label: name}
	}
	return out
}

// halfHours are the times of a day that a form offers, and the one that was set by
// another door.
func halfHours(from, to int, set string) []Option {
	var out []Option
	known := false
	for m := from; m <= to; m += 30 {
		o := Option{Value: strconv.Itoa(m), Label: models.ClockText(m)}
		known = known || o.Value == set
		out = append(out, o)
	}
	if n, err := strconv.Atoi(set); err == nil && !known && n >= 0 && n <= 24*60 {
		out = append(out, Option{Value: set, Label: models.ClockText(n)})
	}
	return out
}

// workText is when somebody is at work, for their colleagues.
func workText(p models.Person) string {
	if p.Status != models.PersonActive {
		return "no longer"
	}
	return p.Hours().Words() + ", " + models.WordsOf(models.TimeZones, p.TimeZone) + " time"
}
