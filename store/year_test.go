package store

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// A year of an organisation: 300 people in a dozen time zones who are away, move and
// leave, 2,000 capabilities whose reviews come round, and 2,500 other duties; a clock
// that is set forward in spring and back in autumn, a 29 February, a server that is
// started again and once stands still for four days; on PostgreSQL two replicas at once.
// A few people are drilled, and answer in time, late, or long after.
// What the clock recorded is compared with a model of its own, which computes days from
// the calendar hour by hour and knows nothing of PlanOf: each due moment has exactly one
// step, none early, none lost, and holds stand exactly where a review was missed.
func TestSimulatedYear(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		y := newYear(t, url)
		began := time.Now()
		y.run()
		t.Logf("%s: %d stops, %d moments dealt with, in %s", y.engine, len(y.stops), y.dealt.Load(), time.Since(began).Round(time.Second))
		y.checkSteps()
		y.checkReviews()
		y.checkNotices()
		y.checkDrills()
	})
}

const (
	yearPeople       = 300
	yearCapabilities = 2000
	yearDuties       = 2500
	yearDrilled      = 8               // people who are drilled
	yearGrid         = 6 * models.Hour // how long the clock's stops are apart, at most
)

var (
	yearBegins = models.At(time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC))
	yearEnds   = models.At(time.Date(2028, 9, 1, 0, 0, 0, 0, time.UTC))
	// The server stands still for four days.
	yearStill = [2]models.Instant{models.At(time.Date(2028, 5, 9, 3, 0, 0, 0, time.UTC)), models.At(time.Date(2028, 5, 13, 3, 0, 0, 0, time.UTC))}
	// Each stop is exact on the days around these: clocks set, and the leap day.
	yearExact = []string{"2027-10-31", "2028-02-29", "2028-03-12", "2028-03-26"}
	yearZones = []string{"UTC", "Europe/Zurich", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo",
		"Australia/Sydney", "Pacific/Auckland", "Africa/Cairo", "Pacific/Chatham"}
)

// year is the world and what it expects.
type year struct {
	*house
	t       *testing.T
	second  *Store
	random  *rand.Rand
	stops   []models.Instant
	dealt   atomic.Int64
	people  []yearPerson
	byID    map[string]*yearPerson
	teams   []models.Team
	caps    []yearCap
	closing []yearClosing // duties by hand, soonest first
	answers []yearAnswer  // reviews, soonest first
	cycles  []*yearCycle
	days    map[string]models.Instant
	drilled []*yearPerson
	lines   []models.MatrixRow
}

type yearPerson struct {
	models.Person
	team   int
	leaves models.Instant // 0 for never
	moves  models.Instant // to another zone; 0 for never
	to     string
	was    string // the zone before they moved
	away   []models.Delegation
}

type yearCap struct {
	id, version, mandate, agent string
	tier                        models.Tier
	four                        []string // owner first
	plan                        models.Path
	every, grace                models.Instant
}

type yearClosing struct {
	duty string
	at   models.Instant
}

// yearCycle is one review of a capability, as it has to be.
type yearCycle struct {
	of               *yearCap
	opens, due, hold models.Instant
	answered         models.Instant // at the stop; 0 for not within the year
}

type yearAnswer struct {
	cycle *yearCycle
	at    models.Instant
}

func newYear(t *testing.T, url string) *year {
	h := newHouse(t, url)
	y := &year{house: h, t: t, random: rand.New(rand.NewPCG(2027, 9)), byID: map[string]*yearPerson{}, days: map[string]models.Instant{}}
	templates := map[models.Tier]string{}
	for _, op := range []string{"read", "write", "infra", "pay"} {
		capability, version := h.live(op)
		v, err := find[models.Version](h.read, "id = ?", version)
		require.NoError(t, err)
		templates[v.Tier] = capability
	}
	require.Len(t, templates, 4, "a capability of each tier: %v", templates)
	if h.engine == Postgres {
		y.second = h.replica(t)
	}
	*h.clock = yearBegins
	y.past(func(tx *gorm.DB) {
		require.NoError(t, tx.Exec("DELETE FROM clock").Error)
		y.hire(tx)
		y.found(tx, templates)
		y.owe(tx)
		y.drill(tx)
	})
	create(y, plain(h.Store), y.lines) // what is counted of them is counted by triggers
	require.NoError(t, plain(h.Store).Exec("ANALYZE").Error)
	return y
}

// past writes past the product: nothing here asks for the record of how it came about.
func (y *year) past(do func(tx *gorm.DB)) {
	y.t.Helper()
	err := y.write.Connection(func(c *gorm.DB) error {
		if y.engine == SQLite {
			require.NoError(y.t, c.Exec("PRAGMA foreign_keys = OFF").Error)
			defer func() { require.NoError(y.t, c.Exec("PRAGMA foreign_keys = ON").Error) }()
		}
		return c.Transaction(func(tx *gorm.DB) error {
			y.unprotected(y.t, tx)
			do(tx)
			return nil
		})
	})
	require.NoError(y.t, err)
}

func create[T any](y *year, tx *gorm.DB, rows []T) {
	y.t.Helper()
	require.NoError(y.t, tx.CreateInBatches(&rows, 200).Error)
}

func (y *year) chance(percent int) bool { return y.random.IntN(100) < percent }

// within is a moment of the year.
func (y *year) within(from, until models.Instant) models.Instant {
	return from + models.Instant(y.random.Int64N(int64(until-from)))
}

func (y *year) hire(tx *gorm.DB) {
	for i := range 20 {
		team := models.Team{ID: fmt.Sprintf("tea_y%02d", i), Name: fmt.Sprintf("Team %02d", i), Record: models.Record{Rev: 1}}
		if i%4 == 3 {
			team.Path = `[{"hours":5,"who":"manager"},{"hours":30,"who":"head"}]`
		}
		if i%5 > 0 {
			head := fmt.Sprintf("per_y%03d", i)
			team.HeadID = &head
		}
		y.teams = append(y.teams, team)
	}
	days := []int{0, 0, 0, 0b0011110, 0b1111111, 0b1000001, 0b0010101}
	from := []int{0, 0, 8 * 60, 7*60 + 30, 13 * 60}
	for i := range yearPeople {
		p := yearPerson{Person: models.Person{ID: fmt.Sprintf("per_y%03d", i), Name: fmt.Sprintf("Person %03d", i), TimeZone: yearZones[i%len(yearZones)], Status: models.PersonActive,
			WorkDays: days[y.random.IntN(len(days))], Record: models.Record{Rev: 1}}, team: i % 20}
		if begins := from[y.random.IntN(len(from))]; begins > 0 {
			p.WorkFrom, p.WorkTo = begins, begins+8*60
		}
		if i >= 20 && y.chance(85) {
			manager := fmt.Sprintf("per_y%03d", i%20)
			p.ManagerID = &manager
		}
		switch {
		case i >= 100 && i%25 == 0:
			p.leaves = y.within(yearBegins, yearEnds)
		case i >= 100 && i%25 == 1:
			p.moves, p.to = y.within(yearBegins, yearEnds), yearZones[y.random.IntN(len(yearZones))]
		}
		y.people = append(y.people, p)
	}
	var people []models.Person
	var members []models.TeamMember
	var away []models.Delegation
	for i := range y.people {
		p := &y.people[i]
		y.byID[p.ID] = p
		people = append(people, p.Person)
		members = append(members, models.TeamMember{TeamID: y.teams[p.team].ID, PersonID: p.ID, JoinedAt: 1, Record: models.Record{Rev: 1}})
		for at := yearBegins; y.chance(60) && at < yearEnds; {
			begins := y.within(at, at+100*models.Day)
			until := begins + models.Instant(1+y.random.IntN(20))*models.Day
			p.away = append(p.away, models.Delegation{ID: fmt.Sprintf("dlg_y%03d_%d", i, len(p.away)), PrincipalID: p.ID, DelegateID: y.people[(i+37)%yearPeople%len(y.people)].ID,
				FromAt: begins, UntilAt: until, Reason: "Away", CreatedAt: 1, Record: models.Record{Rev: 1}})
			if p.away[len(p.away)-1].DelegateID == p.ID {
				p.away[len(p.away)-1].DelegateID = y.people[0].ID
			}
			at = until
		}
		away = append(away, p.away...)
	}
	create(y, tx, y.teams)
	create(y, tx, people)
	create(y, tx, members)
	create(y, tx, slices.DeleteFunc(away, func(d models.Delegation) bool { return d.PrincipalID == d.DelegateID }))
}

// found makes the capabilities by copying one of each tier with other people.
func (y *year) found(tx *gorm.DB, templates map[models.Tier]string) {
	type of struct {
		v           models.Version
		m           models.Mandate
		row         models.MatrixRow
		parts       []models.VersionPart
		nominations []models.Nomination
		seats       []models.Seat
	}
	was := map[models.Tier]of{}
	for tier, id := range templates {
		m := rows[models.Mandate](y.t, y.house, "id", "capability_id = ?", id)[0]
		was[tier] = of{m: m, v: rows[models.Version](y.t, y.house, "id", "id = ?", m.VersionID)[0], row: y.row(id),
			parts:       rows[models.VersionPart](y.t, y.house, "part", "version_id = ?", m.VersionID),
			nominations: rows[models.Nomination](y.t, y.house, "id", "version_id = ?", m.VersionID), seats: rows[models.Seat](y.t, y.house, "seat", "mandate_id = ?", m.ID)}
	}
	var agents []models.Agent
	var capabilities []models.Capability
	var versions []models.Version
	var parts []models.VersionPart
	var nominations []models.Nomination
	var mandates []models.Mandate
	var seats []models.Seat
	var lines []models.MatrixRow
	var moments []models.Moment
	ask := map[models.Tier][2]models.Instant{models.Low: {365, 30}, models.Moderate: {180, 14}, models.High: {90, 7}, models.Critical: {30, 0}}
	plan := models.Path{{Who: models.ToAccountable, Hours: 1}, {Who: models.ToPerson, Person: "per_y007", Hours: 48}}
	for i := range yearCapabilities {
		tier := models.Low
		switch {
		case i%100 < 2:
			tier = models.Critical
		case i%100 < 6:
			tier = models.High
		case i%100 < 16:
			tier = models.Moderate
		}
		from := was[tier]
		c := yearCap{id: fmt.Sprintf("cap_y%04d", i), version: fmt.Sprintf("ver_y%04d", i), mandate: fmt.Sprintf("man_y%04d", i), agent: fmt.Sprintf("agt_y%04d", i), tier: tier,
			every: ask[tier][0] * models.Day, grace: ask[tier][1] * models.Day}
		who := y.random.Perm(yearPeople)[:len(from.seats)+3]
		for _, n := range who {
			c.four = append(c.four, y.people[n].ID)
		}
		if i%3 == 0 {
			c.plan = plan
		}
		due := y.within(yearBegins, yearBegins+c.every) + models.Lead(c.every)
		a := models.Agent{ID: c.agent, Name: fmt.Sprintf("Agent %04d", i), State: "registered", OwnerID: c.four[0], Draft: "{}", RevisionID: from.v.AgentRevisionID, CreatedAt: 1, Record: models.Record{Rev: 1}}
		v, m, line := from.v, from.m, from.row
		v.ID, v.CapabilityID, v.CreatedBy, v.SubmittedBy = c.version, c.id, c.four[0], &c.four[0]
		m.ID, m.CapabilityID, m.VersionID, m.OwnerID, m.ProvisionerID, m.ControlOwnerID = c.mandate, c.id, c.version, c.four[0], c.four[1], c.four[2]
		m.FromAt, m.ReviewDueAt, m.UntilAt = due-c.every, due, due+c.grace
		line.CapabilityID, line.AgentID, line.VersionID, line.MandateID, line.OwnerID, line.ProvisionerID, line.ControlOwnerID = c.id, c.agent, c.version, c.mandate, c.four[0], c.four[1], c.four[2]
		signers, err := models.Canonical(c.four[3:])
		require.NoError(y.t, err)
		line.Approvers = signers
		for _, p := range from.parts {
			p.VersionID = c.version
			if p.Part == models.OversightPart && c.plan != nil {
				body := oversight()
				body.Path = c.plan
				p.Body, err = models.Canonical(body)
				require.NoError(y.t, err)
			}
			parts = append(parts, p)
		}
		for _, n := range from.nominations {
			n.ID, n.VersionID = fmt.Sprintf("nom_y%04d_%s", i, n.Role), c.version
			n.PersonID = c.four[slices.Index(models.MakerRoles, n.Role)]
			nominations = append(nominations, n)
		}
		for k, s := range from.seats {
			s.MandateID, s.VersionID, s.SignerID, s.PrincipalID = c.mandate, c.version, c.four[3+k], c.four[3+k]
			seats = append(seats, s)
		}
		moments = append(moments, models.Moment{Kind: models.ClockReview, ID: c.mandate, At: due - models.Lead(c.every)})
		agents, versions, mandates, lines = append(agents, a), append(versions, v), append(mandates, m), append(lines, line)
		capabilities = append(capabilities, models.Capability{ID: c.id, AgentID: c.agent, CreatedBy: c.four[0], CreatedAt: 1, Record: models.Record{Rev: 1}})
		y.caps = append(y.caps, c)
	}
	create(y, tx, agents)
	create(y, tx, capabilities)
	create(y, tx, versions)
	create(y, tx, parts)
	create(y, tx, nominations)
	create(y, tx, mandates)
	create(y, tx, seats)
	y.lines = lines
	create(y, tx, moments)
	for i := range y.caps {
		y.next(&y.caps[i], mandates[i].ReviewDueAt)
	}
}

// next says how a review of a capability has to go, and plans how it is answered:
// mostly in time, sometimes late, now and then only after it was missed and held.
func (y *year) next(c *yearCap, due models.Instant) {
	cycle := &yearCycle{of: c, opens: due - models.Lead(c.every), due: due, hold: due + c.grace}
	y.cycles = append(y.cycles, cycle)
	at := y.within(cycle.opens+models.Minute, due)
	switch {
	case y.chance(5):
		at = y.within(cycle.hold+models.Day, cycle.hold+9*models.Day)
	case c.grace > 0 && y.chance(15):
		at = y.within(due, cycle.hold)
	}
	i, _ := slices.BinarySearchFunc(y.answers, at, func(a yearAnswer, at models.Instant) int { return cmp.Compare(a.at, at) })
	y.answers = slices.Insert(y.answers, i, yearAnswer{cycle, at})
}

// owe makes the other duties, some of them of pools, and plans when each is done.
func (y *year) owe(tx *gorm.DB) {
	var duties []models.Duty
	var moments []models.Moment
	pool := models.PoolApprover
	for i := range yearDuties {
		c := y.caps[y.random.IntN(len(y.caps))]
		opened := y.within(yearBegins, yearEnds-20*models.Day)
		span := []models.Instant{2 * models.Hour, models.Day, 7 * models.Day, 14 * models.Day, 30 * models.Day}[y.random.IntN(5)]
		d := models.Duty{ID: fmt.Sprintf("dty_y%04d", i), Kind: models.DutyNarrow, Subject: c.version, AgentID: c.agent, CapabilityID: c.id, OpenedAt: opened, DueAt: opened + span, Record: models.Record{Rev: 1}}
		if i%20 == 0 {
			d.Pool, d.Holder, d.Kind = &pool, "pool:"+pool, models.DutySign
		} else {
			who := y.people[y.random.IntN(len(y.people))].ID
			if i%2 == 0 {
				who = c.four[y.random.IntN(len(c.four))]
			}
			d.PersonID, d.Holder = &who, who
		}
		duties = append(duties, d)
		moments = append(moments, models.Moment{Kind: models.ClockDuty, ID: d.ID})
		at := y.within(opened, d.DueAt)
		switch {
		case y.chance(10):
			continue // never
		case y.chance(25):
			at = y.within(d.DueAt, d.DueAt+6*models.Day)
		}
		y.closing = append(y.closing, yearClosing{d.ID, at})
	}
	slices.SortFunc(y.closing, func(a, b yearClosing) int { return cmp.Compare(a.at, b.at) })
	create(y, tx, duties)
	create(y, tx, moments)
}

// drill has the clock look when a few of those who stay all year are drilled.
func (y *year) drill(tx *gorm.DB) {
	var moments []models.Moment
	for i := 101; len(y.drilled) < yearDrilled; i += 7 {
		if p := &y.people[i]; p.leaves == 0 && p.moves == 0 {
			y.drilled = append(y.drilled, p)
			moments = append(moments, models.Moment{Kind: models.ClockDrill, ID: p.ID})
		}
	}
	create(y, tx, moments)
}

// answerDrills has most of those who were just asked answer at once, and those who did
// not by and by.
func (y *year) answerDrills(at models.Instant) {
	for _, d := range rows[models.Drill](y.t, y.house, "id", "kind = 'answer' AND state IN ('open', 'missed')") {
		if !y.chance(60) {
			continue
		}
		act := models.Act{ID: NewActID(), Person: d.PersonID, AuthAt: at}
		_, err := y.DecideDrill(y.t.Context(), act, d.ID, func(f models.DrillFacts) (models.Change, error) { return f.Answer(models.Yes, models.No, "") })
		require.NoError(y.t, err)
	}
}

// run steps the clock from moment to moment.
func (y *year) run() {
	for at := yearBegins; at <= yearEnds; at = y.nextStop(at) {
		*y.clock = max(at, *y.clock)
		y.stops = append(y.stops, at)
		y.happens(at)
		if n := len(y.stops); n%700 == 0 { // started again
			require.NoError(y.t, y.Close())
			var err error
			y.Store, err = Open(y.t.Context(), y.url, WithClock(y.tick))
			require.NoError(y.t, err)
			if y.engine == SQLite {
				require.NoError(y.t, plain(y.Store).Exec("PRAGMA synchronous = OFF").Error)
			}
		}
		var run sync.WaitGroup
		for _, s := range []*Store{y.Store, y.second} {
			if s != nil {
				run.Go(func() {
					n, err := s.Tick(context.Background())
					require.NoError(y.t, err)
					y.dealt.Add(int64(n))
				})
			}
		}
		run.Wait()
		y.answerDrills(at)
	}
}

// nextStop is the clock's next moment: exactly on the days that are looked at closely and
// where somebody is drilled, else at the next stroke of the grid.
func (y *year) nextStop(at models.Instant) models.Instant {
	var next models.Instant
	require.NoError(y.t, y.read.Raw("SELECT COALESCE(MIN(at), 0) FROM clock").Scan(&next).Error)
	if next == 0 {
		next = at + models.Day
	}
	next = max(next, at+1)
	if !slices.Contains(yearExact, next.Time().Format(time.DateOnly)) {
		next = (next + yearGrid - 1) / yearGrid * yearGrid
	}
	var drill models.Instant // is asked within minutes, or on another day
	require.NoError(y.t, y.read.Raw("SELECT COALESCE(MIN(at), 0) FROM clock WHERE kind = ? AND at > ?", models.ClockDrill, at).Scan(&drill).Error)
	if drill != 0 {
		next = min(next, drill)
	}
	if next > yearStill[0] && next < yearStill[1] {
		next = yearStill[1]
	}
	return next
}

// happens is what people did since the stop before, in the database's own words.
func (y *year) happens(at models.Instant) {
	var closed []string
	for len(y.closing) > 0 && y.closing[0].at <= at {
		closed = append(closed, y.closing[0].duty)
		y.closing = y.closing[1:]
	}
	var answered []*yearCycle
	for i := 0; i < len(y.answers) && y.answers[i].at <= at; {
		c := y.answers[i].cycle
		if stop, opened := y.firstStop(c.opens); !opened || stop == at { // nobody answers what was not opened yet
			i++
			continue
		}
		y.answers = slices.Delete(y.answers, i, i+1)
		c.answered = at
		answered = append(answered, c)
	}
	var left, moved []*yearPerson
	for i := range y.people {
		p := &y.people[i]
		if p.leaves != 0 && p.leaves <= at && p.Status == models.PersonActive {
			left = append(left, p)
		}
		if p.moves != 0 && p.moves <= at && p.to != "" {
			moved = append(moved, p)
		}
	}
	if len(closed)+len(answered)+len(left) > 0 {
		y.past(func(tx *gorm.DB) {
			must := func(sql string, args ...any) { require.NoError(y.t, tx.Exec(sql, args...).Error, sql) }
			done := func(where string, args ...any) {
				must("DELETE FROM clock WHERE kind = 'duty' AND id IN (SELECT id FROM duties WHERE closed_at IS NULL AND "+where+")", args...)
				must("UPDATE duties SET closed_at = ?, rev = rev + 1 WHERE closed_at IS NULL AND "+where, append([]any{at}, args...)...)
			}
			for some := range slices.Chunk(closed, chunk) {
				done("id IN ?", some)
			}
			for _, c := range answered {
				done("capability_id = ? AND detail IN (SELECT id FROM reviews WHERE state = 'open' AND mandate_id = ?)", c.of.id, c.of.mandate)
				for _, r := range rows[models.Review](y.t, y.house, "id", "state = 'open' AND mandate_id = ?", c.of.mandate) {
					must("DELETE FROM clock WHERE kind = 'review_hold' AND id = ?", r.ID)
				}
				must("UPDATE reviews SET state = 'moot', closed_at = ?, rev = rev + 1 WHERE state = 'open' AND mandate_id = ?", at, c.of.mandate)
				must("UPDATE holds SET lifted_at = ?, lifted_by = 'system', rev = rev + 1 WHERE lifted_at IS NULL AND target_id = ?", at, c.of.id)
				due := at + c.of.every
				must("UPDATE mandates SET from_at = ?, review_due_at = ?, until_at = ?, rev = rev + 1 WHERE id = ?", at, due, due+c.of.grace, c.of.mandate)
				must("INSERT INTO clock (kind, id, at) VALUES ('review', ?, ?)", c.of.mandate, due-models.Lead(c.of.every))
				y.next(c.of, due)
			}
			for _, p := range left {
				p.Status, p.leaves = models.PersonLeft, at
				must("UPDATE people SET status = 'left', rev = rev + 1 WHERE id = ?", p.ID)
			}
		})
	}
	for _, p := range moved {
		if p.to != p.TimeZone && p.Status == models.PersonActive {
			act := models.Act{ID: NewActID(), Person: p.ID, AuthAt: at}
			_, err := y.DecideAdmin(y.t.Context(), act, AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone(p.to) })
			require.NoError(y.t, err)
			p.was, p.TimeZone = p.TimeZone, p.to
		}
		p.moves, p.to = at, ""
	}
}

// firstStop is the first stop at or after a moment; false for after the year.
func (y *year) firstStop(at models.Instant) (models.Instant, bool) {
	i, _ := slices.BinarySearch(y.stops, at)
	if i == len(y.stops) {
		return 0, false
	}
	return y.stops[i], true
}

// day is when somebody's working day begins: that many days of their calendar before a
// moment, or the last working day before that which has begun by the moment. It looks
// for the minute at which their clock on the wall says so.
func (y *year) day(p models.Person, due models.Instant, days int) models.Instant {
	zone, err := time.LoadLocation(p.TimeZone)
	require.NoError(y.t, err)
	works, begins := []time.Weekday{1, 2, 3, 4, 5}, 9*60
	if p.WorkDays != 0 {
		works = nil
		for bit := range 7 {
			if p.WorkDays&(1<<bit) != 0 {
				works = append(works, time.Weekday((bit+1)%7))
			}
		}
	}
	if p.WorkTo != 0 {
		begins = p.WorkFrom
	}
	date, err := time.Parse(time.DateOnly, due.Time().In(zone).Format(time.DateOnly))
	require.NoError(y.t, err)
	for date = date.AddDate(0, 0, -days); ; date = date.AddDate(0, 0, -1) {
		if !slices.Contains(works, date.Weekday()) {
			continue
		}
		wall := fmt.Sprintf("%s %02d:%02d", date.Format(time.DateOnly), begins/60, begins%60)
		key := p.TimeZone + wall
		at, known := y.days[key]
		if !known {
			for at = models.At(date) - 15*models.Hour; at.Time().In(zone).Format("2006-01-02 15:04") != wall; at += 15 * models.Minute {
			}
			y.days[key] = at
		}
		if at <= due {
			return at
		}
	}
}

// expected are the steps of a duty, as "kind step → who", at their stops.
func (y *year) expected(d models.Duty, c *yearCap) map[string]models.Instant {
	out := map[string]models.Instant{}
	holder := models.Person{ID: d.Holder, TimeZone: "UTC"}
	if d.PersonID != nil {
		p := y.byID[*d.PersonID]
		holder = p.Person
		if p.was != "" && p.moves > d.OpenedAt {
			holder.TimeZone = p.was
		}
	}
	lived := func(at models.Instant) (models.Instant, bool) {
		stop, ok := y.firstStop(at)
		return stop, ok && (d.ClosedAt == nil || stop < *d.ClosedAt)
	}
	seen := map[models.Instant]bool{}
	for _, days := range []int{14, 7, 2, 0} {
		at := y.day(holder, d.DueAt, days)
		if at <= d.OpenedAt || seen[at] {
			continue
		}
		seen[at] = true
		if stop, ok := lived(at); ok {
			out[fmt.Sprintf("reminder %d at %d", days, at)] = stop
		}
	}
	path := c.plan
	if owner := y.byID[c.four[0]]; path == nil && y.teams[owner.team].Path != "" {
		path = models.Path{{Who: "manager", Hours: 5}, {Who: "head", Hours: 30}}
	} else if path == nil {
		path = models.Path{{Who: "delegate", Hours: 24}, {Who: "manager", Hours: 48}, {Who: "accountable", Hours: 72}, {Who: "head", Hours: 120}}
	}
	for i, step := range path {
		at := d.DueAt + models.Instant(step.Hours)*models.Hour
		if stop, ok := lived(at); ok {
			out[fmt.Sprintf("escalation %d at %d to %s", i+1, at, strings.Join(y.whom(d, c, step, stop), " "))] = stop
		}
	}
	return out
}

// whom is who a step of a path tells at a stop, sorted.
func (y *year) whom(d models.Duty, c *yearCap, step models.PathStep, stop models.Instant) []string {
	var who []string
	switch {
	case step.Who == "person":
		who = []string{step.Person}
	case step.Who == "accountable":
		who = slices.Clone(c.four)
	case step.Who == "head":
		if head := y.teams[y.byID[c.four[0]].team].HeadID; head != nil {
			who = []string{*head}
		}
	case d.PersonID == nil: // a pool has neither a manager nor a delegate
	case step.Who == "manager":
		if m := y.byID[*d.PersonID].ManagerID; m != nil {
			who = []string{*m}
		}
	case step.Who == "delegate":
		for _, away := range y.byID[*d.PersonID].away {
			if away.FromAt <= stop && stop < away.UntilAt {
				who = append(who, away.DelegateID)
			}
		}
	}
	who = slices.DeleteFunc(who, func(id string) bool {
		p := y.byID[id]
		return id == d.Holder || p.Status == models.PersonLeft && p.leaves <= stop
	})
	slices.Sort(who)
	return slices.Compact(who)
}

// checkSteps compares every duty's steps with the model.
func (y *year) checkSteps() {
	t := y.t
	steps := map[string][]models.DutyStep{}
	for _, s := range rows[models.DutyStep](t, y.house, "duty_id", "1 = 1") {
		steps[s.DutyID] = append(steps[s.DutyID], s)
	}
	caps := map[string]*yearCap{}
	for i := range y.caps {
		caps[y.caps[i].id] = &y.caps[i]
	}
	duties, taken, escalated := 0, 0, 0
	for _, d := range rows[models.Duty](t, y.house, "id", "1 = 1") {
		if caps[d.CapabilityID] == nil || d.Kind == models.DutyLift || d.OpenedAt > yearEnds { // what follows from a hold is not planned here
			continue
		}
		duties++
		if p := y.byID[d.Holder]; p != nil && p.was != "" && p.moves > d.OpenedAt && (d.ClosedAt == nil || p.moves <= *d.ClosedAt) {
			y.checkMoved(d, steps[d.ID])
			continue
		}
		if d.Kind == models.DutyDrill { // escalated within its hours, see checkDrills
			y.checkMoved(d, steps[d.ID])
			continue
		}
		want, have := y.expected(d, caps[d.CapabilityID]), map[string]bool{}
		for _, s := range steps[d.ID] {
			key := fmt.Sprintf("%s %d at %d", s.Kind, s.Step, s.PlannedAt)
			if s.Kind == models.StepEscalation {
				escalated++
				who := s.People()
				slices.Sort(who)
				key += " to " + strings.Join(who, " ")
			}
			taken++
			stop, expected := want[key]
			require.True(t, expected, "%s of %s, due %s, opened %s, closed %v: %q was taken, and %v was to be", d.ID, d.Holder, d.DueAt, d.OpenedAt, d.ClosedAt, key, want)
			require.GreaterOrEqual(t, s.TakenAt, s.PlannedAt, "%s: %s is early", d.ID, key)
			require.Less(t, s.TakenAt, stop+models.Minute, "%s: %s is late", d.ID, key)
			have[key] = true
		}
		for key := range want {
			require.True(t, have[key], "%s of %s, due %s, opened %s, closed %v: %q is lost", d.ID, d.Holder, d.DueAt, d.OpenedAt, d.ClosedAt, key)
		}
	}
	t.Logf("%d duties, %d steps, %d of them escalations", duties, taken, escalated)
	require.Greater(t, duties, yearDuties)
	require.Greater(t, escalated, 2000)
}

// checkMoved: of somebody who moved meanwhile, and of a drill, nothing is early and nothing is said twice.
func (y *year) checkMoved(d models.Duty, steps []models.DutyStep) {
	last := 400
	// Two that are taken at one stop of the clock are in the order in which they were planned.
	slices.SortFunc(steps, func(a, b models.DutyStep) int {
		return cmp.Or(cmp.Compare(a.TakenAt, b.TakenAt), cmp.Compare(a.PlannedAt, b.PlannedAt))
	})
	for _, s := range steps {
		require.GreaterOrEqual(y.t, s.TakenAt, s.PlannedAt)
		if s.Kind == models.StepReminder {
			require.Less(y.t, s.Step, last, "%s: reminders go on to fewer days", d.ID)
			last = s.Step
		}
	}
}

// checkReviews: each review was opened once, at its time, and where it was missed one
// hold was placed, at its time, and no other.
func (y *year) checkReviews() {
	t := y.t
	opened, holds := map[string][]models.Review{}, map[string][]models.Hold{}
	for _, r := range rows[models.Review](t, y.house, "opened_at", "kind = 'periodic'") {
		opened[r.CapabilityID] = append(opened[r.CapabilityID], r)
	}
	for _, x := range rows[models.Hold](t, y.house, "placed_at", "kind = 'missed_review'") {
		holds[x.TargetID] = append(holds[x.TargetID], x)
	}
	reviews, missed := 0, 0
	for _, c := range y.cycles {
		stop, ok := y.firstStop(c.opens)
		if !ok {
			continue
		}
		reviews++
		require.NotEmpty(t, opened[c.of.id], "the review of %s at %s is lost", c.of.id, c.opens)
		r := opened[c.of.id][0]
		opened[c.of.id] = opened[c.of.id][1:]
		require.GreaterOrEqual(t, r.OpenedAt, c.opens)
		require.Less(t, r.OpenedAt, stop+models.Minute)
		require.Equal(t, [2]models.Instant{max(c.due, r.OpenedAt), c.hold}, [2]models.Instant{r.DueAt, r.HoldAt})
		stop, ok = y.firstStop(c.hold)
		if !ok || c.answered != 0 && c.answered <= stop {
			continue
		}
		missed++
		require.NotEmpty(t, holds[c.of.id], "the hold on %s at %s is lost", c.of.id, c.hold)
		hold := holds[c.of.id][0]
		holds[c.of.id] = holds[c.of.id][1:]
		require.GreaterOrEqual(t, hold.PlacedAt, c.hold, "no hold is early")
		require.Less(t, hold.PlacedAt, stop+models.Minute)
	}
	for id, left := range opened {
		require.Empty(t, left, "reviews of %s that nothing asked for", id)
	}
	for id, left := range holds {
		require.Empty(t, left, "holds on %s that nothing asked for", id)
	}
	t.Logf("%d reviews, %d of them missed and held", reviews, missed)
	require.Greater(t, missed, 20)
}

// checkNotices: each step tells each of its people once.
func (y *year) checkNotices() {
	told := map[string]int{}
	for _, n := range rows[models.OutboxRow](y.t, y.house, "id", "kind IN ('reminder', 'escalation')") {
		told[n.Subject+" "+n.Kind]++
	}
	for _, s := range rows[models.DutyStep](y.t, y.house, "duty_id", "1 = 1") {
		told[s.DutyID+" "+s.Kind] -= len(s.People())
	}
	for of, n := range told {
		require.Zero(y.t, n, of)
	}
}

// checkDrills: each of them is asked while at work and not away, so that the answer is
// due on the same day; not sooner than half an interval after the last time, and about
// as often as the tier says.
func (y *year) checkDrills() {
	t, states := y.t, map[string]int{}
	for _, p := range y.drilled {
		zone, err := time.LoadLocation(p.TimeZone)
		require.NoError(t, err)
		begins, ends := 9*60, 17*60
		if p.WorkTo != 0 {
			begins, ends = p.WorkFrom, p.WorkTo
		}
		drills := rows[models.Drill](t, y.house, "planned_at", "kind = 'answer' AND person_id = ?", p.ID)
		require.NotEmpty(t, drills, p.ID)
		every := models.Instant(map[models.Tier]int{models.Moderate: 91, models.High: 30, models.Critical: 7}[drills[0].Tier]) * models.Day
		require.Positive(t, every)
		for i, d := range drills {
			states[d.State]++
			at, due := d.PlannedAt.Time().In(zone), d.DueAt.Time().In(zone)
			says := fmt.Sprintf("%s was asked at %s, due %s, and works on %b from %d to %d", p.ID, at, due, p.WorkDays, begins, ends)
			works := p.WorkDays == 0 && at.Weekday() != time.Saturday && at.Weekday() != time.Sunday || p.WorkDays&(1<<((int(at.Weekday())+6)%7)) != 0
			require.True(t, works, says)
			require.GreaterOrEqual(t, at.Hour()*60+at.Minute(), begins, says)
			require.LessOrEqual(t, due.Hour()*60+due.Minute(), ends+15, says)
			require.Equal(t, at.YearDay(), due.YearDay(), says)
			for _, away := range p.away {
				require.False(t, away.FromAt <= d.PlannedAt && d.PlannedAt < away.UntilAt, says)
			}
			if i > 0 {
				require.Equal(t, drills[0].Tier, d.Tier)
				require.GreaterOrEqual(t, d.PlannedAt-drills[i-1].PlannedAt, every/2, says)
			}
		}
		require.GreaterOrEqual(t, models.Instant(len(drills))*2*every, yearEnds-yearBegins-2*every, "%s was asked %d times, and every %s was to be", p.ID, len(drills), every)
	}
	t.Logf("drills: %v", states)
	require.Positive(t, states[models.DrillDone])
	require.Positive(t, states[models.DrillLate])
}
