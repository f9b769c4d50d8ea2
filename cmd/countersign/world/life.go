package world

import (
	"time"

	"countersign/models"
	"countersign/store"
)

// looksIn is at what hour, UTC, the people of the story look at what waits for them.
const looksIn = 9 * models.Hour

// pass lets time pass until a moment: in a large organisation without anybody's doing,
// since it would be told for days.
func (c *cast) pass(to models.Instant) {
	if c.large {
		c.clock.now = max(c.clock.now, to)
		return
	}
	c.live(to)
}

// live lets time pass as it does in a house: the clock ticks, and on working days
// people look at what waits for them.
func (c *cast) live(to models.Instant) {
	for c.err == nil && c.clock.now < to {
		next := to
		if day := nextLook(c.clock.now); day < next {
			next = day
		}
		at, some, err := c.store.NextMoment(c.ctx)
		if err != nil {
			c.err = err
			return
		}
		if some && at < next {
			next = at
		}
		c.clock.now = max(c.clock.now+1, next)
		if _, err := c.store.Tick(c.ctx); err != nil {
			c.err = err
			return
		}
		if _, err := c.store.Relay(c.ctx, false); err != nil {
			c.err = err
			return
		}
		c.answerDrills()
		if c.clock.now == nextLook(c.clock.now-1) {
			c.review()
		}
	}
}

// nextLook is the next moment after now at which people look in: not at weekends.
func nextLook(now models.Instant) models.Instant {
	for at := now - now%models.Day + looksIn; ; at += models.Day {
		if day := at.Time().Weekday(); at > now && day != time.Saturday && day != time.Sunday {
			return at
		}
	}
}

// party is somebody of the story as a reader.
func (c *cast) party(who Person) models.Party {
	return models.Party{Person: models.Person{ID: c.people[who.Subject], Status: models.PersonActive}, Roles: who.Roles, Teams: []models.Team{{ID: c.teams[who.Team]}}}
}

// waiting are the duties of a kind that wait for somebody.
func (c *cast) waiting(who Person, kind string) []store.InboxDuty {
	if c.err != nil || c.people[who.Subject] == "" {
		return nil
	}
	in, err := c.store.Inbox(c.ctx, c.party(who), store.InboxAsk{Kind: kind})
	if err != nil {
		c.err = err
	}
	return in.Duties
}

// answerDrills: most answer within minutes; one of them is now and then in a meeting.
func (c *cast) answerDrills() {
	for i, p := range People() {
		for _, d := range c.waiting(p, models.DutyDrill) {
			if p.Subject == c.busy && c.clock.now < d.DueAt+2*models.Hour {
				continue
			}
			c.clock.pass(models.Instant(2+(i*7+c.acts)%23) * models.Minute)
			if c.err == nil {
				c.keep(c.store.DecideDrill(c.ctx, c.act(p.Subject), d.Detail, func(f models.DrillFacts) (models.Change, error) {
					if !f.Drill.ScenarioOf().Inside {
						return f.Answer(models.No, models.Yes, "This is not in the scope that was signed.")
					}
					return f.Answer(models.Yes, models.No, "")
				}))
			}
		}
	}
}

// review: the three answer a week or so after they are asked, and an approver closes it
// some days after that; what nobody was to review (see forgotten) stays as it is.
func (c *cast) review() {
	for i, p := range People() {
		for _, d := range c.waiting(p, models.DutyReview) {
			if c.forgotten[d.CapabilityID] || c.clock.now < d.OpenedAt+models.Instant(5+3*(i%3))*models.Day {
				continue
			}
			c.answer(p, d)
		}
		for _, d := range c.waiting(p, models.DutyCloseReview) {
			if c.clock.now >= d.OpenedAt+2*models.Day {
				c.closeReview(p, d)
			}
		}
	}
}

func (c *cast) answer(p Person, d store.InboxDuty) {
	c.on(p.Subject, d.CapabilityID, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		r := f.ReviewOf(d.Detail)
		said := models.ReviewSaid{About: r.AboutDigest(), Answer: models.AnswerRight}
		for _, role := range f.RolesIn(f.By.Person.ID) { // everybody of the story holds one
			said.Role = role
		}
		if said.Role == models.ControlOwner {
			said.Never = true
			said.Note = "The alerts came through; nobody has tried the stop yet."
		}
		return f.AnswerReview(d.Detail, said)
	})
}

func (c *cast) closeReview(p Person, d store.InboxDuty) {
	c.on(p.Subject, d.CapabilityID, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		r := f.ReviewOf(d.Detail)
		shown := models.Shown{VersionID: r.VersionID, Digest: r.Digest, Round: f.Force.Version.Round}
		return c.keys.CloseReview(f, d.Detail, models.Closing{Shown: shown, Outcome: models.ReviewKeep, How: models.Signing{Comment: "The three agree, and nothing changed."}})
	})
}
