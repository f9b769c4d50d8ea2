package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// The states of a line of the matrix beside those of a version: what is in
// force may act (live), or a hold or the time stands in its way.
const (
	MatrixLive    = "live"
	MatrixHeld    = "held"
	MatrixExpired = "expired"
	MatrixNone    = "none" // nothing signed was in force, in a look back
)

// Review that is late, or comes within MatrixSoonDays. What is signed until a
// last day is late from that day on, too.
const (
	MatrixOverdue  = "overdue"
	MatrixSoon     = "soon"
	MatrixSoonDays = 30
)

// MatrixRows is how many lines a page shows at once.
const MatrixRows = 50

// MatrixHole names one kind of hole for filters and exports.
type MatrixHole struct {
	Value string
	Bit   models.Hole
	Words string
}

// MatrixHoles are the kinds of hole, in the order of the mask.
var MatrixHoles = []MatrixHole{
	{"owner", models.HoleOwner, "no business owner"}, {"provisioner", models.HoleProvisioner, "no provisioner"},
	{"control_owner", models.HoleControlOwner, "no control owner"}, {"approvers", models.HoleApprovers, "sign-offs missing"},
	{"scope", models.HoleScope, "no scope"}, {"oversight", models.HoleOversight, "no oversight plan"},
	{"mandate", models.HoleMandate, "nothing signed in force"},
}

// MatrixFilter is what of the matrix is asked for. The zero one is all of it as
// it is now, overdue and holes first. A value that is not known matches nothing.
type MatrixFilter struct {
	Search string          // in agent, task and the names of the four
	State  string          // MatrixLive, MatrixHeld, MatrixExpired, MatrixNone, or a version's state
	Tier   string          // a models.Tier, or "unknown"
	Hole   string          // a MatrixHole's value, or "any"
	Held   bool            // a hold is in force on it
	Due    string          // MatrixOverdue or MatrixSoon
	Person string          // an id: one of the four
	Team   string          // an id: one of the four is on it
	Agent  string          // an id
	Sort   string          // a key of the sorts; "" is what needs attention first
	Desc   bool            // the other way round; not for attention
	At     *models.Instant // as of then; nil is now

	Emergency bool // something of it runs under break glass
}

// MatrixCursor is where a page begins: after the line whose key a page gave as
// Next, or before that of Previous. What was not given by a page begins at the top.
type MatrixCursor struct{ After, Before string }

// MatrixLine is one capability's line.
type MatrixLine struct {
	models.MatrixRow
	Words        string // the state as derived: MatrixLive, … or the version's
	Held         bool
	Digest       string // "" while it is a draft
	Owner        Who
	Provisioner  Who
	ControlOwner Who
	ApprovedBy   []Who
	Holds        []models.Hold
	Emergency    *models.Emergency // under which something of it runs; nil for none
	Answers      Answers           // to drills about it, in the year before
}

// Tier is the line's tier, "" while it is not known.
func (l MatrixLine) Tier() models.Tier {
	if l.TierRank < 0 || l.TierRank >= len(models.Tiers) {
		return ""
	}
	return models.Tiers[l.TierRank]
}

// Ended says that nothing of the capability is in force or on its way any more.
func (l MatrixLine) Ended() bool { return slices.Contains(endedStates, l.State) }

// endedStates are those of a newest version that has ended: nobody answers for
// it, and nothing acts, so what is missing there is no hole that waits to be filled.
var endedStates = []models.State{models.ChangesRequested, models.Rejected, models.Withdrawn, models.Superseded, models.Revoked, models.Expired}

// MatrixPage is one page of lines with what is said around them.
type MatrixPage struct {
	Lines          []MatrixLine
	Previous, Next string // cursors; "" where there is nothing more
	Facets         MatrixFacets
	Emergencies    int            // lines of which something runs under break glass
	At             models.Instant // as of when: the look back's moment, or the time just now
	Person, Team   string         // names of the filter's person and team, "" for none
	Agent          string         // of the filter's agent, where a line of it is seen
	Teams          []models.Team  // to choose from
}

// Matrix is one page of what the viewer may see of the matrix. Its cost follows
// the page, not the matrix: two or three index ranges, read until the page is full.
func (s *Store) Matrix(ctx context.Context, viewer models.Party, f MatrixFilter, c MatrixCursor) (page MatrixPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		q, err := s.matrixQuery(tx, viewer, f)
		if err != nil {
			return err
		}
		page.At = q.now
		lines, previous, next, err := q.page(tx, c, MatrixRows)
		if err != nil {
			return err
		}
		page.Lines, page.Previous, page.Next = lines, previous, next
		if page.Facets, err = q.facets(tx, s.counts); err != nil {
			return err
		}
		if page.Emergencies, err = q.countEmergencies(tx); err != nil {
			return err
		}
		return page.names(tx, q)
	})
	return page, err
}

func (p *MatrixPage) names(tx *gorm.DB, q matrixQuery) (err error) {
	if p.Teams, err = all[models.Team](tx.Limit(chunk), "name, id", "1 = 1"); err != nil {
		return err
	}
	one := func(to *string, query string, args ...any) {
		if err == nil {
			if err = tx.Raw(query, args...).Scan(to).Error; err != nil {
				err = fmt.Errorf("cannot load a name: %w", err)
			}
		}
	}
	if q.Person != "" {
		one(&p.Person, "SELECT p.name FROM people p WHERE p.id = ?", q.Person)
	}
	if q.Team != "" {
		one(&p.Team, "SELECT t.name FROM teams t WHERE t.id = ?", q.Team)
	}
	if q.Agent != "" {
		one(&p.Agent, "SELECT m.agent_name FROM matrix_rows m WHERE m.agent_id = ? AND "+q.seen.sql+" LIMIT 1", append([]any{q.Agent}, q.seen.args...)...)
	}
	return err
}

// fill completes lines with what is not kept in them: names and teams, digests
// and holds, each for all lines at once; and in a look back with the title and
// the approvers as of then.
func (q matrixQuery) fill(tx *gorm.DB, lines []MatrixLine) error {
	mandates, versions, people := set{}, set{}, set{}
	for _, l := range lines {
		mandates.add(l.MandateID)
		versions.add(l.VersionID)
		people.add(l.OwnerID, l.ProvisionerID, l.ControlOwnerID)
	}
	seats, err := seatsByMandate(tx, mandates.list())
	if err != nil {
		return err
	}
	signers := make([][]Who, len(lines))
	for i, l := range lines {
		for _, x := range seats[l.MandateID] {
			signers[i] = append(signers[i], Who{ID: x.SignerID, Team: x.Team})
		}
		if l.MandateID == "" {
			for _, id := range l.approvers() {
				signers[i] = append(signers[i], Who{ID: id})
			}
		}
		for _, w := range signers[i] {
			people.add(w.ID)
		}
	}
	names, err := q.who(tx, people)
	if err != nil {
		return err
	}
	digests, err := q.versions(tx, versions.list())
	if err != nil {
		return err
	}
	if err := q.fillEmergencies(tx, lines); err != nil {
		return err
	}
	targets := make([]holdTargets, len(lines))
	for i := range lines {
		l := &lines[i]
		l.Owner, l.Provisioner, l.ControlOwner = names[l.OwnerID], names[l.ProvisionerID], names[l.ControlOwnerID]
		for _, w := range signers[i] {
			l.ApprovedBy = append(l.ApprovedBy, Who{ID: w.ID, Name: names[w.ID].Name, Team: cmp.Or(w.Team, names[w.ID].Team)})
		}
		l.Digest = digests[l.VersionID].Digest
		if q.At != nil {
			l.Title = cmp.Or(digests[l.VersionID].Title, l.Title)
		}
		targets[i] = holdTargets{capability: l.CapabilityID, agent: l.AgentID, owner: l.OwnerID, people: []string{l.OwnerID, l.ProvisionerID, l.ControlOwnerID}}
		if l.MandateID != "" {
			targets[i].version = l.VersionID
			for _, x := range seats[l.MandateID] {
				targets[i].people = append(targets[i].people, x.SignerID, x.PrincipalID)
			}
		}
	}
	if err := q.fillAnswers(tx, lines); err != nil {
		return err
	}
	holds, err := holdsThen(tx, targets, q.At)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].Holds = holds[lines[i].CapabilityID]
	}
	return nil
}

// mostKnown is how many people an export remembers from page to page.
const mostKnown = 5_000

// who are the people by their ids, of whom an export has met most before.
func (q matrixQuery) who(tx *gorm.DB, people set) (map[string]Who, error) {
	if len(q.known) > mostKnown {
		clear(q.known)
	}
	strangers := set{}
	for id := range people {
		if _, met := q.known[id]; !met {
			strangers.add(id)
		}
	}
	met, err := whoThen(tx, strangers.list(), q.At)
	if err != nil {
		return nil, err
	}
	maps.Copy(q.known, met)
	return q.known, nil
}

func (l MatrixLine) approvers() []string {
	var ids []string
	if err := jsonText(l.Approvers, &ids); err != nil {
		return nil // written by us from a list of ids; verify looks at what others wrote
	}
	return ids
}

func seatsByMandate(tx *gorm.DB, mandates []string) (map[string][]seat, error) {
	out := map[string][]seat{}
	for len(mandates) > 0 {
		some := mandates[:min(chunk, len(mandates))]
		mandates = mandates[len(some):]
		seats, err := seatsOf(tx, some)
		if err != nil {
			return nil, err
		}
		for _, x := range seats {
			out[x.MandateID] = append(out[x.MandateID], x)
		}
	}
	return out, nil
}

// versionFact is what a line says of its version.
type versionFact struct {
	ID, Digest, Title string
}

func (q matrixQuery) versions(tx *gorm.DB, ids []string) (map[string]versionFact, error) {
	out := map[string]versionFact{}
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		query := "SELECT v.id, v.digest, '' AS title FROM versions v WHERE v.id IN ?"
		if q.At != nil {
			query = "SELECT v.id, v.digest, p.body AS title FROM versions v JOIN version_parts p ON p.version_id = v.id AND p.part = 'task' WHERE v.id IN ?"
		}
		var rows []versionFact
		if err := tx.Raw(query, some).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("cannot load the versions: %w", err)
		}
		for _, r := range rows {
			var task models.Task
			if err := jsonText(r.Title, &task); err == nil {
				r.Title = task.Title
			}
			out[r.ID] = r
		}
	}
	return out, nil
}
