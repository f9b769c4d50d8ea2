package notify

import "time"

// Schedule is how long to wait before each try, the first of which is at once: ten
// tries over three days (Standard Webhooks, "Deliverability and reliability"). A
// mail server that is down for an afternoon and a receiver that is broken over a
// weekend both get everything.
var Schedule = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Next is how long to wait after the given number of tries until the next one;
// false when it was the last. Next(0) is the first try, at once.
func Next(tries int) (time.Duration, bool) {
	if tries < 0 || tries >= len(Schedule) {
		return 0, false
	}
	return Schedule[tries], true
}
