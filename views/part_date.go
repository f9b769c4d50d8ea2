package views

import (
	"strconv"
	"strings"
	"time"
)

// DateValue is a date as typed, right or wrong. Clock ("15:04") is asked for
// when DateProps.AskTime is set.
type DateValue struct{ Day, Month, Year, Clock string }

// DateFrom reads a DateField back: get is the form's look-up.
func DateFrom(get func(string) string, name string) DateValue {
	read := func(part string) string { return strings.TrimSpace(get(name + "-" + part)) }
	return DateValue{Day: read("day"), Month: read("month"), Year: read("year"), Clock: read("time")}
}

// DateOf is the value of an instant in its own location; zero gives empty fields.
func DateOf(at time.Time) DateValue {
	if at.IsZero() {
		return DateValue{}
	}
	return DateValue{
		Day: strconv.Itoa(at.Day()), Month: strconv.Itoa(int(at.Month())), Year: strconv.Itoa(at.Year()),
		Clock: at.Format("15:04"),
	}
}

// Empty reports whether nothing was typed.
func (d DateValue) Empty() bool { return d.Day == "" && d.Month == "" && d.Year == "" }

// Date is the instant, at midnight when no time was typed; ok is false when
// there is no such date or time.
func (d DateValue) Date(in *time.Location) (at time.Time, ok bool) {
	day, err1 := strconv.Atoi(d.Day)
	month, err2 := strconv.Atoi(d.Month)
	year, err3 := strconv.Atoi(d.Year)
	if err1 != nil || err2 != nil || err3 != nil || year < 1000 || year > 9999 {
		return time.Time{}, false
	}
	var hour, minute int
	if d.Clock != "" {
		clock, err := time.Parse("15:04", d.Clock)
		if err != nil {
			return time.Time{}, false
		}
		hour, minute = clock.Hour(), clock.Minute()
	}
	at = time.Date(year, time.Month(month), day, hour, minute, 0, 0, in)
	if at.Day() != day || int(at.Month()) != month {
		return time.Time{}, false
	}
	return at, true
}

// DateProps is a date in three inputs: a date picker loses what was typed wrong.
type DateProps struct {
	ID, Name, Label string
	Hint, Error     string
	Value           DateValue
	Required        bool
	AskTime         bool
	Zone            string // said beside the time: "UTC"
}

func (d DateProps) id() string { return or(d.ID, d.Name) }

func (d DateProps) describedBy() string { return describedBy(d.id(), d.Hint, d.Error, false) }

func timeLabel(zone string) string {
	if zone == "" {
		return "Time"
	}
	return "Time (" + zone + ")"
}

func dateInputMode(part string) string {
	if part == "time" {
		return "text"
	}
	return "numeric"
}
