package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// ReviewRead is a review with everything that its page says: of an open one as it is
// now, of one that is over as it was then.
type ReviewRead struct {
	CapabilityRead
	Review    models.ReviewFile
	Mandate   models.Mandate    // in force when it was opened
	Signature *models.Signature // by which it was kept; nil for none
	Since     models.Instant    // the last look before it: a periodic review, or when it went live
	Reviewed  bool              // Since is a review
	Evidence  ReviewEvidence
	Revisions map[string]models.AgentRevision // that its changes name
}

// ReviewEvidence is what happened since the last look, up to the end of the review.
type ReviewEvidence struct {
	Holds       []models.Hold // placed on it or its agent, newest first
	Versions    []models.Version
	Revisions   []models.AgentRevision
	Successions []models.Mandate // that ended with one
	Looked      []models.Review  // small ones that were closed
	Recalls     []models.Recall
	Emergencies []models.Emergency
	Stopped     *KillPast      // when stopping it was last exercised, for real or by a drill; nil for never
	Missed      []models.Drill // drills of its people that were missed or late, newest first
	Left        []string       // who answers for it and has left
	Used        []GrantUse     // what its version grants, in the order of the scope
	Refused     []Refused      // by rule
	Counted     models.Instant // up to when Used and Refused are known; 0: no gateway asked yet
}

// mostEvidence is how many of each are listed.
const mostEvidence = 20

// ReviewPage is one review. What the viewer may not see is NotFound.
func (s *Store) ReviewPage(ctx context.Context, viewer models.Party, id string) (p ReviewRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		r, err := find[models.Review](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if r == nil {
			return missing("review")
		}
		p.CapabilityFacts, err = s.readVersion(tx, viewer, r.VersionID, Lookup{})
		if models.CodeOf(err) == models.NotFound {
			return missing("review") // as if there were none
		}
		if err != nil {
			return err
		}
		if known := p.ReviewOf(id); known != nil {
			p.Review = *known
		} else {
			files, err := reviewFiles(tx, []models.Review{*r})
			if err != nil {
				return err
			}
			p.Review = files[0]
		}
		if err := p.complete(tx); err != nil {
			return err
		}
		if viewer.Has(models.Approver) {
			if p.Passkeys, err = passkeysOf(tx, viewer.Person.ID); err != nil {
				return err
			}
		}
		m, err := find[models.Mandate](tx, "id = ?", r.MandateID)
		if err != nil {
			return err
		}
		p.Mandate = *m
		if r.SignatureID != nil {
			if p.Signature, err = find[models.Signature](tx, "id = ?", *r.SignatureID); err != nil {
				return err
			}
		}
		if err := p.evidence(tx); err != nil {
			return err
		}
		return p.named(tx)
	})
	return p, err
}

// evidence is looked up by the capability: what happened to it is not much.
func (p *ReviewRead) evidence(tx *gorm.DB) error {
	r, cap, agent := p.Review, p.Capability.ID, p.Agent.ID
	last, err := all[models.Review](tx.Limit(1), "closed_at DESC, id", "capability_id = ? AND kind = 'periodic' AND state = 'closed' AND closed_at <= ? AND id <> ?", cap, r.OpenedAt, r.ID)
	if err != nil {
		return err
	}
	first, err := all[models.Mandate](tx.Limit(1), "from_at, id", "version_id = ?", r.VersionID)
	if err != nil {
		return err
	}
	p.Since = first[0].FromAt
	if len(last) > 0 && *last[0].ClosedAt >= p.Since {
		p.Since, p.Reviewed = *last[0].ClosedAt, true
	}
	until, e := p.Now, &p.Evidence
	if r.ClosedAt != nil {
		until = *r.ClosedAt
	}
	from := p.Since
	few := func() *gorm.DB { return tx.Limit(mostEvidence) }
	if e.Holds, err = all[models.Hold](few(), "placed_at DESC, id", "(target_kind = 'capability' AND target_id = ? OR target_kind = 'agent' AND target_id = ?) AND placed_at > ? AND placed_at <= ?", cap, agent, from, until); err != nil {
		return err
	}
	if e.Versions, err = all[models.Version](few().Omit("document"), "no DESC", "capability_id = ? AND created_at > ? AND created_at <= ?", cap, from, until); err != nil {
		return err
	}
	if e.Revisions, err = all[models.AgentRevision](few().Omit("document"), "no DESC", "agent_id = ? AND created_at > ? AND created_at <= ?", agent, from, until); err != nil {
		return err
	}
	if e.Successions, err = all[models.Mandate](few(), "ended_at DESC, id", "capability_id = ? AND end_reason = 'succession' AND ended_at > ? AND ended_at <= ?", cap, from, until); err != nil {
		return err
	}
	if e.Looked, err = all[models.Review](few(), "closed_at DESC, id", "capability_id = ? AND kind = 'change' AND state = 'closed' AND closed_at > ? AND closed_at <= ? AND id <> ?", cap, from, until, r.ID); err != nil {
		return err
	}
	if e.Recalls, err = all[models.Recall](few(), "recalled_at DESC", "recalled_at > ? AND recalled_at <= ? AND sign_off_id IN (SELECT id FROM sign_offs WHERE version_id = ?)", from, until, r.VersionID); err != nil {
		return err
	}
	if e.Emergencies, err = all[models.Emergency](few(), "from_at DESC, id", "capability_id = ? AND from_at > ? AND from_at <= ?", cap, from, until); err != nil {
		return err
	}
	past, err := exercised(tx, cap, p.Agent.ID, until, mostPast)
	if err != nil {
		return err
	}
	e.Stopped = LastStopped(past)
	if e.Missed, err = all[models.Drill](few(), "planned_at DESC, id", "capability_id = ? AND kind = 'answer' AND state IN ('missed', 'late') AND planned_at > ? AND planned_at <= ?", cap, from, until); err != nil {
		return err
	}
	e.Used = grantsOf(cap, "", p.Asked.Version.Doc().Facts)
	if err := countUse(tx, agent, e.Used, from, until); err != nil {
		return err
	}
	if e.Refused, err = refusedOf(tx, agent, cap, from, until); err != nil {
		return err
	}
	if e.Counted, err = counted(tx); err != nil {
		return err
	}
	for _, role := range models.MakerRoles {
		if who, held := p.Asked.Holder(role); held && p.People[who].Person.Status != models.PersonActive {
			e.Left = append(e.Left, who)
		}
	}
	revisions := []string{""}
	for _, x := range r.Changes() {
		if x.Kind == models.ChangeOfManifest {
			revisions = append(revisions, x.From, x.To)
		}
	}
	p.Revisions, err = byID[models.AgentRevision](tx, revisions)
	return err
}

// named adds the people and teams that the page names and no version does.
func (p *ReviewRead) named(tx *gorm.DB) error {
	people, teams := set{}, set{}
	for _, a := range p.Review.Answers {
		people.add(a.PersonID)
	}
	for _, x := range p.Review.Changes() {
		if x.Kind == models.ChangeOfPeople {
			people.add(x.From, x.To)
		}
	}
	e := p.Evidence
	for _, h := range e.Holds {
		people.add(h.PlacedBy)
	}
	for _, v := range e.Versions {
		people.add(v.CreatedBy)
	}
	for _, x := range e.Recalls {
		people.add(x.PersonID)
	}
	for _, x := range e.Emergencies {
		people.add(x.ApproverID)
	}
	for _, x := range e.Missed {
		people.add(x.PersonID)
	}
	if by := p.Review.ClosedBy; by != nil {
		people.add(*by)
		teams.add(*p.Review.TeamID)
	}
	return p.withNames(tx, people, teams, nil)
}

// ReviewAsk says which reviews a list shows.
type ReviewAsk struct {
	State      string // open, closed, moot; "" for open
	Whose      string // mine: that I answer; close: that I may close; "" for all that I may see
	Kind       string // periodic, change; "" for both
	Tier       string // "" for all
	Overdue    bool   // of open ones: past due
	Capability string // "" for all
	After      *ReviewCursor
}

// ReviewCursor is where a page begins: after this review, by when it is due, or was closed.
type ReviewCursor struct {
	At models.Instant
	ID string
}

// String is the cursor in an address.
func (c ReviewCursor) String() string { return strconv.FormatInt(int64(c.At), 10) + "." + c.ID }

// ParseReviewCursor reads what String wrote; nil for anything else.
func ParseReviewCursor(s string) *ReviewCursor {
	at, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 {
		return nil
	}
	return &ReviewCursor{models.Instant(n), id}
}

// ReviewLine is one line of the list.
type ReviewLine struct {
	models.Review
	AgentName string
	Title     string // of the task
	VersionNo int
	Tier      models.Tier
	Answered  int
	Held      bool // a hold stands for want of it
	Mine      bool // the viewer owes an answer
	Closes    bool // the viewer may close it, and it waits for that

	Closer, CloserTeam string // by name; "" while it is open, or moot
}

// ReviewList is one page of it.
type ReviewList struct {
	Lines  []ReviewLine
	Next   *ReviewCursor
	Counts map[string]int // open, closed, moot, mine, close, overdue: of all that the viewer sees
}

// ReviewPageSize is how many lines a page has.
const ReviewPageSize = 50

// Reviews are the reviews that the viewer may see: what is open by when it is due, so
// what is overdue comes first; what is over newest first.
func (s *Store) Reviews(ctx context.Context, viewer models.Party, ask ReviewAsk) (list ReviewList, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		now := s.now()
		if list.Counts, err = reviewCounts(tx, viewer, ask.Capability, now); err != nil {
			return err
		}
		if list.Lines, err = reviewLines(tx, viewer, ask, now, ReviewPageSize+1); err != nil {
			return err
		}
		if len(list.Lines) > ReviewPageSize {
			list.Lines = list.Lines[:ReviewPageSize]
			list.Next = list.Lines[ReviewPageSize-1].cursor()
		}
		return nil
	})
	return list, err
}

// reviewLines are as many lines of the list as are asked for, from its cursor on.
func reviewLines(tx *gorm.DB, viewer models.Party, ask ReviewAsk, now models.Instant, most int) (lines []ReviewLine, err error) {
	where, order, key := sqlOf("r.state = ?", models.ReviewOpen), "r.due_at, r.id", "(r.due_at, r.id) > (?, ?)"
	if ask.State == models.ReviewClosed || ask.State == models.ReviewMoot {
		where, order, key = sqlOf("r.state = ?", ask.State), "r.closed_at DESC, r.id DESC", "(r.closed_at, r.id) < (?, ?)"
	}
	where = and(where, reviewsSeen(viewer, ask.Capability))
	switch ask.Whose {
	case "mine":
		where = and(where, answersNext(viewer))
	case "close":
		where = and(where, closesNext(viewer))
	}
	if ask.Kind != "" {
		where = and(where, sqlOf("r.kind = ?", ask.Kind))
	}
	if ask.Tier != "" {
		where = and(where, sqlOf("v.tier = ?", ask.Tier))
	}
	if ask.Overdue {
		where = and(where, sqlOf("r.due_at <= ?", now))
	}
	if c := ask.After; c != nil {
		where = and(where, sqlOf(key, c.At, c.ID))
	}
	mine, closes := answersNext(viewer), closesNext(viewer)
	args := append(append(append([]any{}, mine.args...), closes.args...), where.args...)
	err = tx.Raw(`SELECT r.*, k.agent_name, k.title, v.no AS version_no, v.tier, (SELECT COUNT(*) FROM review_answers a WHERE a.review_id = r.id) AS answered,
		EXISTS (SELECT 1 FROM holds h WHERE h.target_kind = 'capability' AND h.target_id = r.capability_id AND h.kind = 'missed_review' AND h.lifted_at IS NULL) AS held,
		`+mine.sql+` AS mine, `+closes.sql+` AS closes, COALESCE(p.name, '') AS closer, COALESCE(t.name, '') AS closer_team
		FROM reviews r JOIN versions v ON v.id = r.version_id JOIN matrix_rows k ON k.capability_id = r.capability_id
		LEFT JOIN people p ON p.id = r.closed_by LEFT JOIN teams t ON t.id = r.team_id
		WHERE `+where.sql+` ORDER BY `+order+` LIMIT ?`, append(args, most)...).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the reviews: %w", err)
	}
	return lines, nil
}

// cursor is where the lines after this one begin.
func (l ReviewLine) cursor() *ReviewCursor {
	if l.ClosedAt != nil {
		return &ReviewCursor{*l.ClosedAt, l.ID}
	}
	return &ReviewCursor{l.DueAt, l.ID}
}

func reviewsSeen(viewer models.Party, capability string) piece {
	cond, args := seen(viewer, "r.capability_id")
	where := sqlOf(cond, args...)
	if capability != "" {
		where = and(where, sqlOf("r.capability_id = ?", capability))
	}
	return where
}

func answersNext(viewer models.Party) piece {
	return sqlOf("EXISTS (SELECT 1 FROM duties d WHERE d.holder = ? AND d.kind = 'review' AND d.detail = r.id AND d.closed_at IS NULL)", viewer.Person.ID)
}

// closesNext is models.MayCloseReview, where it waits to be closed.
func closesNext(viewer models.Party) piece {
	if !viewer.Has(models.Approver) || len(viewer.Teams) == 0 {
		return sqlOf("1 = 0")
	}
	return sqlOf(`EXISTS (SELECT 1 FROM duties d WHERE d.holder = 'pool:approver' AND d.kind = 'close_review' AND d.detail = r.id AND d.closed_at IS NULL
		AND d.id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who = ?))`, viewer.Person.ID)
}

func reviewCounts(tx *gorm.DB, viewer models.Party, capability string, now models.Instant) (map[string]int, error) {
	where, mine, closes := reviewsSeen(viewer, capability), answersNext(viewer), closesNext(viewer)
	var rows []struct {
		State                string
		N, Late, Mine, Close int
	}
	args := append([]any{now}, mine.args...)
	args = append(append(args, closes.args...), where.args...)
	err := tx.Raw(`SELECT r.state, COUNT(*) AS n, COALESCE(SUM(CASE WHEN r.state = 'open' AND r.due_at <= ? THEN 1 ELSE 0 END), 0) AS late,
		COALESCE(SUM(CASE WHEN r.state = 'open' AND `+mine.sql+` THEN 1 ELSE 0 END), 0) AS mine, COALESCE(SUM(CASE WHEN r.state = 'open' AND `+closes.sql+` THEN 1 ELSE 0 END), 0) AS close
		FROM reviews r WHERE `+where.sql+` GROUP BY r.state`, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot count the reviews: %w", err)
	}
	out := map[string]int{}
	for _, x := range rows {
		out[x.State] = x.N
		out["overdue"] += x.Late
		out["mine"] += x.Mine
		out["close"] += x.Close
	}
	return out, nil
}
