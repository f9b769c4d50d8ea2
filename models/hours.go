package models

import "time"

// ShortestDay is the shortest working day that somebody may set, in minutes.
const ShortestDay = 2 * 60

// SetHours sets the days and hours at which a person is at work: they do it themselves.
// Reminders come at the beginning of such a day and drills within one; no deadline moves.
// days has a bit a day, Monday is 1; from and to are minutes of the day in their time zone.
func (f AdminFacts) SetHours(days, from, to int) (Change, error) {
	var p problems
	if days < 1 || days > 0b1111111 {
		p.add("days", "Choose at least one day.")
	}
	switch {
	case from < 0 || from >= 24*60:
		p.add("from", "Choose when your day begins.")
	case to < 1 || to > 24*60:
		p.add("to", "Choose when your day ends.")
	case to <= from:
		p.add("to", "Your day ends before it begins. Choose a later hour.")
	case to-from < ShortestDay:
		p.add("to", "Your day is shorter than two hours. Choose a later hour, so that what is asked within your hours can reach you.")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	x := f.By.Person
	h := Hours{Zone: x.TimeZone, Days: days, From: from, To: to}
	if now := x.Hours(); now.Words() == h.Words() {
		return Change{}, conflict("hours.same", "Your working hours are already %s.", h.Words())
	}
	c := f.change("person.hours_set", x.ID)
	c.touch(TouchPerson, x.ID)
	c.note("hours", h.Words())
	x.WorkDays, x.WorkFrom, x.WorkTo = days, from, to
	c.update(&x)
	return *c, nil
}

// WorkDayNames are the days of the week as forms offer them, Monday first.
var WorkDayNames = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// Words are the days and hours as one reads them: "Monday to Friday, 09:00 to 17:00".
func (h Hours) Words() string {
	return dayWords(h.days()) + ", " + ClockText(h.from()) + " to " + ClockText(h.to())
}

// dayWords joins what follows on each other: "Monday to Thursday and Saturday".
func dayWords(days int) string {
	var runs []string
	for i := 0; i < 7; i++ {
		if days&(1<<i) == 0 {
			continue
		}
		last := i
		for last < 6 && days&(1<<(last+1)) != 0 {
			last++
		}
		switch {
		case last == i:
			runs = append(runs, WorkDayNames[i])
		case last == i+1:
			runs = append(runs, WorkDayNames[i], WorkDayNames[last])
		default:
			runs = append(runs, WorkDayNames[i]+" to "+WorkDayNames[last])
		}
		i = last
	}
	text := ""
	for i, r := range runs {
		switch {
		case i == 0:
		case i == len(runs)-1:
			text += " and "
		default:
			text += ", "
		}
		text += r
	}
	return text
}

// ClockText is minutes of a day as "09:00"; the day ends at "24:00".
func ClockText(minutes int) string {
	two := func(n int) string {
		if n < 10 {
			return "0" + itoa(n)
		}
		return itoa(n)
	}
	return two(minutes/60) + ":" + two(minutes%60)
}

// Shown are they as they count where nothing was set, for forms.
func (h Hours) Shown() Hours {
	return Hours{Zone: h.Zone, Days: h.days(), From: h.from(), To: h.to()}
}

// Next is the first moment from at on at which they are at work: at itself, or the
// beginning of their next working day. They work on at least one day of the week.
func (h Hours) Next(at Instant) Instant {
	loc := h.Location()
	y, m, d := at.Time().In(loc).Date()
	for k := range 9 {
		noon := time.Date(y, m, d+k, 12, 0, 0, 0, loc)
		if noon.Day() != time.Date(y, m, d+k, 12, 0, 0, 0, time.UTC).Day() || !h.works(noon.Weekday()) {
			continue // a place that changed sides of the date line left a day out
		}
		from := time.Date(y, m, d+k, 0, h.from(), 0, 0, loc)
		if at < At(from) {
			return At(from)
		}
		if at < At(time.Date(y, m, d+k, 0, h.to(), 0, 0, loc)) {
			return at
		}
	}
	return at
}

func (h Hours) to() int {
	if h.To == 0 {
		return 17 * 60
	}
	return h.To
}

func (h Hours) days() int {
	if h.Days == 0 {
		return 0b11111
	}
	return h.Days
}
