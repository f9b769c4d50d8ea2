package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// What waits for one person: the open duties that are theirs, or of a pool whose
// role they hold. A duty of a pool that they could not do is not among them:
// the conditions below are those of models.MaySign, in the database, so that a
// page of them costs what it shows.

// InboxPage is how many duties, or capabilities, the home page shows at once.
const InboxPage = 50

// WaitingMost is where the count beside "What waits for me" stops counting.
const WaitingMost = 100

// InboxDuty is one duty with what its row says.
type InboxDuty struct {
	models.Duty
	AgentName string
	Title     string // of the capability
	VersionNo int
	State     models.State
	Tier      models.Tier // "" while it is not known: a draft
	Restart   bool        `gorm:"-"` // what is to be signed is a restart
	TierRank  int         // by which it is sorted; -1 while it is not known

	File   *models.VersionFile `gorm:"-"` // of what is to be decided or accepted: with people, without parts
	Before *models.Version     `gorm:"-"` // that was in force before it

	// Of a duty to claim: how many found agents wait, and the name of the one that
	// has waited longest. The row stands for all of them.
	FoundCount int    `gorm:"-"`
	FoundName  string `gorm:"-"`
}

// InboxCursor is where a page of the inbox begins: after this row.
type InboxCursor struct {
	TierRank int
	DueAt    models.Instant
	ID       string
}

// String is the cursor in an address.
func (c InboxCursor) String() string {
	return strconv.Itoa(c.TierRank) + "." + strconv.FormatInt(int64(c.DueAt), 10) + "." + c.ID
}

// ParseInboxCursor reads one back; what is none is the beginning.
func ParseInboxCursor(s string) *InboxCursor {
	part := strings.SplitN(s, ".", 3)
	if len(part) != 3 || len(part[2]) > 64 {
		return nil
	}
	rank, err1 := strconv.Atoi(part[0])
	due, err2 := strconv.ParseInt(part[1], 10, 64)
	if err1 != nil || err2 != nil || part[2] == "" {
		return nil
	}
	return &InboxCursor{rank, models.Instant(due), part[2]}
}

// Inbox is the home page's list.
type Inbox struct {
	Duties    []InboxDuty
	Next      *InboxCursor // nil at the end
	Approvers []models.Party
	People    map[string]models.Party // whom the duties' versions name
}

// waiting is the condition under which the duty w, of the version v where it is
// about one, waits for the person.
func waiting(by models.Party) (string, []any) {
	me := by.Person.ID
	// First whose it may be at all, each through its own index: of all that is open
	// in a large house most is other people's.
	among := []string{"o.person_id = ?"}
	cond := []string{"w.person_id = ?"}
	args := []any{me}
	sees, who := seen(by, "w.capability_id")
	pool := func(name, may string, times int) {
		among = append(among, "o.pool = '"+name+"'")
		cond = append(cond, "(w.pool = '"+name+"' AND "+may+")")
		for range times {
			args = append(args, me)
		}
	}
	if by.Has(models.Approver) {
		pool(models.PoolApprover, maySignNow, 5)
		sees = "w.pool = '" + models.PoolApprover + "' OR " + sees // as seen has it, without looking
	}
	if by.Has(models.Administrator) {
		pool(models.PoolAdministrator, mayConfirm, 4)
	}
	if by.Has(models.BusinessOwner) {
		pool(models.PoolBusinessOwner, firstClaim, 0)
	}
	const open = "SELECT o.id FROM duties o WHERE o.closed_at IS NULL AND "
	args = slices.Concat([]any{me}, args, who)
	return "w.id IN (" + open + strings.Join(among, " UNION ALL "+open) + ") AND w.closed_at IS NULL AND (" + strings.Join(cond, " OR ") + ") AND (w.capability_id = '' OR " + sees + ")", args
}

// maySignNow is models.MaySign for the version v: no maker, not nominated, not
// signed in this round, and of a team that may still speak. Five times the person.
const maySignNow = `NOT EXISTS (SELECT 1 FROM standings t WHERE t.version_id = w.subject AND t.person_id = ? AND t.side = 'maker')
	AND NOT EXISTS (SELECT 1 FROM nominations n WHERE n.version_id = w.subject AND n.person_id = ? AND (n.state = 'accepted'
		OR n.state = 'open' AND NOT EXISTS (SELECT 1 FROM nominations h WHERE h.version_id = n.version_id AND h.role = n.role AND h.state = 'accepted')))
	AND NOT EXISTS (SELECT 1 FROM sign_offs s WHERE s.version_id = w.subject AND s.round = v.round AND s.digest = v.digest AND (s.signer_id = ? OR s.principal_id = ?)
		AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id))
	AND EXISTS (SELECT 1 FROM team_members m WHERE m.person_id = ? AND m.left_at IS NULL AND (v.apart = 0
		OR NOT EXISTS (SELECT 1 FROM sign_offs s WHERE s.version_id = w.subject AND s.round = v.round AND s.digest = v.digest AND s.team_id = m.team_id
			AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id))))`

// mayConfirm: the second administrator is another one, whom it does not concern.
// Four times the person.
const mayConfirm = `NOT EXISTS (SELECT 1 FROM account_links l WHERE l.id = w.subject AND (l.proposed_by = ? OR l.person_id = ? OR l.from_id = ?))
	AND NOT EXISTS (SELECT 1 FROM tier_rules q WHERE q.id = w.subject AND q.proposed_by = ?)`

// firstClaim: of the duties to claim what was found, the one that is due first
// stands for all of them. A file may name hundreds of agents, and hundreds of lines
// would bury what else waits; the page that it leads to has them one by one.
const firstClaim = `w.pool = 'business_owner' AND w.id = (SELECT d.id FROM duties d
	WHERE d.pool = 'business_owner' AND d.closed_at IS NULL ORDER BY d.due_at, d.id LIMIT 1)`

// tierRank sorts what is not known yet last.
const tierRank = `CASE WHEN v.id IS NULL OR v.state = 'draft' THEN -1 WHEN v.tier = 'critical' THEN 3 WHEN v.tier = 'high' THEN 2 WHEN v.tier = 'moderate' THEN 1 ELSE 0 END`

// Waiting is how many duties wait for the person, counted to WaitingMost.
func (s *Store) Waiting(ctx context.Context, viewer models.Party) (int, error) {
	cond, args := waiting(viewer)
	var n int
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM duties w LEFT JOIN versions v ON v.id = w.subject WHERE "+cond+" LIMIT ?) x",
		append(args, WaitingMost)...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("cannot count what waits: %w", err)
	}
	return n, nil
}

// Inbox is what waits for the viewer, highest tier first, then soonest due;
// after is where the page begins, nil at the beginning.
func (s *Store) Inbox(ctx context.Context, viewer models.Party, after *InboxCursor) (in Inbox, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if err := in.duties(tx, viewer, after); err != nil {
			return err
		}
		return in.complete(tx)
	})
	return in, err
}

func (in *Inbox) duties(tx *gorm.DB, viewer models.Party, after *InboxCursor) error {
	cond, args := waiting(viewer)
	query := `SELECT x.* FROM (SELECT w.*, COALESCE(g.name, '') AS agent_name, COALESCE(k.title, '') AS title, COALESCE(v.no, 0) AS version_no, COALESCE(v.state, '') AS state,
		CASE WHEN v.state = 'draft' THEN '' ELSE COALESCE(v.tier, '') END AS tier, ` + tierRank + ` AS tier_rank
		FROM duties w LEFT JOIN versions v ON v.id = w.subject LEFT JOIN agents g ON g.id = w.agent_id LEFT JOIN matrix_rows k ON k.capability_id = w.capability_id
		WHERE ` + cond + `) x`
	if after != nil {
		query += " WHERE x.tier_rank < ? OR x.tier_rank = ? AND (x.due_at, x.id) > (?, ?)"
		args = append(args, after.TierRank, after.TierRank, after.DueAt, after.ID)
	}
	if err := tx.Raw(query+" ORDER BY x.tier_rank DESC, x.due_at, x.id LIMIT ?", append(args, InboxPage+1)...).Scan(&in.Duties).Error; err != nil {
		return fmt.Errorf("cannot load what waits: %w", err)
	}
	if len(in.Duties) > InboxPage {
		in.Duties = in.Duties[:InboxPage]
		last := in.Duties[InboxPage-1]
		in.Next = &InboxCursor{last.TierRank, last.DueAt, last.ID}
	}
	return nil
}

// complete adds the versions that the rows speak of, the ones before them, and
// everybody whom they name: a fixed number of queries for a page.
func (in *Inbox) complete(tx *gorm.DB) error {
	subjects := set{}
	for i := range in.Duties {
		d := &in.Duties[i]
		d.Restart = d.Kind == models.DutySign && d.State == models.Live
		if d.CapabilityID != "" {
			subjects.add(d.Subject)
		}
		if d.Kind == models.DutyClaim {
			var err error
			if d.FoundCount, d.FoundName, err = claims(tx); err != nil {
				return err
			}
		}
	}
	in.People = map[string]models.Party{}
	if len(subjects) == 0 {
		return nil
	}
	files, err := inboxFiles(tx, subjects.list())
	if err != nil {
		return err
	}
	before, err := lastInForce(tx, subjects.list())
	if err != nil {
		return err
	}
	people := set{}
	signs := false
	for i := range in.Duties {
		d := &in.Duties[i]
		if f := files[d.Subject]; f != nil {
			d.File, d.Before = f, before[d.Subject]
			people.add(peopleOf(*f)...)
		}
		signs = signs || d.Kind == models.DutySign
	}
	if in.People, err = parties(tx, people.list()); err != nil || !signs {
		return err
	}
	in.Approvers, err = withRole(tx, models.Approver)
	return err
}

// inboxFiles are versions with the people in them, without their parts.
func inboxFiles(tx *gorm.DB, ids []string) (map[string]*models.VersionFile, error) {
	versions, err := byID[models.Version](tx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*models.VersionFile{}
	for id, v := range versions {
		out[id] = &models.VersionFile{Version: v, Standings: map[string]string{}}
	}
	standings, err := all[models.Standing](tx, "version_id, person_id", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range standings {
		out[x.VersionID].Standings[x.PersonID] = x.Side
	}
	nominations, err := all[models.Nomination](tx, "nominated_at, id", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range nominations {
		f := out[x.VersionID]
		f.Nominations = append(f.Nominations, x)
	}
	signs, err := all[models.SignOff](tx, "signed_at, id", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	versionOf := map[string]string{}
	for _, x := range signs {
		f := out[x.VersionID]
		f.SignOffs = append(f.SignOffs, x)
		versionOf[x.ID] = x.VersionID
	}
	recalls, err := all[models.Recall](tx, "recalled_at", "sign_off_id IN (SELECT id FROM sign_offs WHERE version_id IN ?)", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range recalls {
		f := out[versionOf[x.SignOffID]]
		f.Recalls = append(f.Recalls, x)
	}
	return out, nil
}

// lastInForce are, by version, the last versions before them that were in force.
func lastInForce(tx *gorm.DB, ids []string) (map[string]*models.Version, error) {
	var pairs []struct{ ID, Earlier string }
	err := tx.Raw(`SELECT v.id, b.id AS earlier FROM versions v JOIN versions b ON b.capability_id = v.capability_id AND b.no = (SELECT MAX(e.no) FROM versions e
		WHERE e.capability_id = v.capability_id AND e.no < v.no AND EXISTS (SELECT 1 FROM mandates m WHERE m.version_id = e.id)) WHERE v.id IN ?`, ids).Scan(&pairs).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for what was in force before: %w", err)
	}
	wanted := set{}
	for _, p := range pairs {
		wanted.add(p.Earlier)
	}
	versions, err := byID[models.Version](tx, wanted.list())
	out := map[string]*models.Version{}
	for _, p := range pairs {
		if v, ok := versions[p.Earlier]; ok {
			out[p.ID] = &v
		}
	}
	return out, err
}

// Mine is one capability that a person answers for.
type Mine struct {
	CapabilityID string
	AgentName    string
	Title        string
	VersionNo    int
	TierRank     int
	ReviewDueAt  models.Instant
	UntilAt      models.Instant
	OwnerID      string
	Provisioner  string
	ControlOwner string
	Held         bool
}

// Tier is the capability's tier.
func (m Mine) Tier() models.Tier { return models.Tiers[min(max(m.TierRank, 0), 3)] }

// Roles are the words of the person's roles in it.
func (m Mine) Roles(person string) []string {
	var out []string
	for i, who := range []string{m.OwnerID, m.Provisioner, m.ControlOwner} {
		if who == person {
			out = append(out, models.MakerRoles[i].Words())
		}
	}
	if len(out) == 0 {
		return []string{models.Approver.Words()}
	}
	return out
}

// MineCursor is where a page of what a person answers for begins.
type MineCursor struct {
	DueAt models.Instant
	ID    string
}

// AnswersFor are the capabilities in force of which the person is one of the
// four, soonest review first. They see them by that.
func (s *Store) AnswersFor(ctx context.Context, viewer models.Party, after *MineCursor) (mine []Mine, next *MineCursor, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		kinds, err := broadHolds(tx, nil)
		if err != nil {
			return err
		}
		isHeld, args := held(kinds, nil)
		me := viewer.Person.ID
		query := `SELECT m.capability_id, m.agent_name, m.title, m.version_no, m.tier_rank, m.review_due_at, m.until_at, m.owner_id,
			m.provisioner_id AS provisioner, m.control_owner_id AS control_owner, CASE WHEN ` + isHeld + ` THEN 1 ELSE 0 END AS held
			FROM matrix_rows m JOIN (SELECT id, capability_id FROM mandates WHERE owner_id = ? AND ended_at IS NULL
				UNION SELECT id, capability_id FROM mandates WHERE provisioner_id = ? AND ended_at IS NULL
				UNION SELECT id, capability_id FROM mandates WHERE control_owner_id = ? AND ended_at IS NULL
				UNION SELECT a.id, a.capability_id FROM seat_people p JOIN mandates a ON a.id = p.mandate_id WHERE p.person_id = ? AND a.ended_at IS NULL) o
			ON o.capability_id = m.capability_id AND o.id = m.mandate_id`
		args = append(args, me, me, me, me)
		if after != nil {
			query, args = query+" WHERE (m.review_due_at, m.capability_id) > (?, ?)", append(args, after.DueAt, after.ID)
		}
		if err := tx.Raw(query+" ORDER BY m.review_due_at, m.capability_id LIMIT ?", append(args, InboxPage+1)...).Scan(&mine).Error; err != nil {
			return fmt.Errorf("cannot load what is answered for: %w", err)
		}
		if len(mine) > InboxPage {
			mine = mine[:InboxPage]
			last := mine[InboxPage-1]
			next = &MineCursor{last.ReviewDueAt, last.CapabilityID}
		}
		return nil
	})
	return mine, next, err
}
