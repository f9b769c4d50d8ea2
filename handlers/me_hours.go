package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// MeHours sets the days and hours at which the viewer is at work. Refused: no day, an
// end before the beginning, and less than two hours.
func MeHours(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	typed := views.HoursTyped{Days: r.FormAll("days"), From: r.Form("from"), To: r.Form("to")}
	days, from, to := hoursFrom(typed)
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetHours(days, from, to) })
	if err != nil {
		refused, ok := again(err, "days")
		if !ok {
			return err
		}
		return r.drawMe(r.Viewer.Person.TimeZone, typed, refused)
	}
	return r.done(receipt, "/me", "Saved. Reminders come at the beginning of such a day, and drills within one.")
}

func hoursShown(p models.Person) views.HoursTyped {
	h := p.Hours().Shown()
	t := views.HoursTyped{From: strconv.Itoa(h.From), To: strconv.Itoa(h.To)}
	for i := range models.WorkDayNames {
		if h.Days&(1<<i) != 0 {
			t.Days = append(t.Days, strconv.Itoa(i))
		}
	}
	return t
}

// hoursFrom reads the form; what is none becomes what the rule refuses.
func hoursFrom(t views.HoursTyped) (days, from, to int) {
	for _, d := range t.Days {
		n, err := strconv.Atoi(d)
		if err != nil || n < 0 || n >= len(models.WorkDayNames) {
			return -1, wholeNumber(t.From), wholeNumber(t.To)
		}
		days |= 1 << n
	}
	return days, wholeNumber(t.From), wholeNumber(t.To)
}
