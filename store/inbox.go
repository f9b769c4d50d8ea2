package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// What waits for one person: the open duties that are theirs, or of a pool whose
// role they hold. A duty of a pool that they could not do is not among them
// (inbox_query.go).

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
	Tier      models.Tier    // "" while it is not known: a draft
	Restart   bool           `gorm:"-"` // what is to be signed is a restart
	TierRank  int            // by which it is sorted; -1 while it is not known
	Until     models.Instant // when what is in force ends by itself; 0 where nothing is

	File   *models.VersionFile `gorm:"-"` // of what is to be decided or accepted: with people, without parts
	Before *models.Version     `gorm:"-"` // that was in force before it
	Review *models.Review      `gorm:"-"` // to answer, to close, or that says to narrow

	Stopped string `gorm:"-"` // of a broad stop that is to be lifted: what it is on

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
	Duties     []InboxDuty
	Next       *InboxCursor            // nil at the end
	Counts     []InboxCount            // of all that waits, whatever is asked for
	Principals []models.Party          // approvers for whom the viewer stands in
	Approvers  []models.Party          // enough of them to name who else may sign each duty (enoughOthers)
	People     map[string]models.Party // whom the duties' versions name
}

// InboxAsk says which part of what waits is asked for.
type InboxAsk struct {
	Kind  string       // of duty; "" for every kind
	Tier  *int         // its rank, -1 for what has none yet; nil for every one
	After *InboxCursor // nil at the beginning
}

// InboxCount is how many duties of one kind and tier wait.
type InboxCount struct {
	Kind     string
	TierRank int
	N        int
}

// Head is the number of the newest entry of the record: while it stands, nothing
// that follows from acts has changed.
func (s *Store) Head(ctx context.Context) (seq int64, err error) {
	if err := s.read.WithContext(ctx).Raw("SELECT seq FROM ledger_head WHERE id = 1").Scan(&seq).Error; err != nil {
		return 0, fmt.Errorf("cannot read the ledger's head: %w", err)
	}
	return seq, nil
}

// Waiting is how many duties wait for the person, counted to WaitingMost.
func (s *Store) Waiting(ctx context.Context, viewer models.Party) (n int, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		principals, err := s.principals(tx, viewer)
		if err != nil {
			return err
		}
		q := waiting(viewer, principals, InboxAsk{}, 0)
		if err := tx.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM ("+q.sql+") x LIMIT ?) y", append(q.args, WaitingMost)...).Scan(&n).Error; err != nil {
			return fmt.Errorf("cannot count what waits: %w", err)
		}
		return nil
	})
	return n, err
}

// principals are the approvers for whom the viewer stands in just now.
func (s *Store) principals(tx *gorm.DB, viewer models.Party) ([]models.Party, error) {
	if !viewer.Has(models.Approver) {
		return nil, nil
	}
	return principalsOf(tx, viewer.Person.ID, s.now())
}

// Inbox is what waits for the viewer, highest tier first, then soonest due.
func (s *Store) Inbox(ctx context.Context, viewer models.Party, ask InboxAsk) (in Inbox, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if in.Principals, err = s.principals(tx, viewer); err != nil {
			return err
		}
		q := waiting(viewer, in.Principals, InboxAsk{}, 0)
		if err := tx.Raw("SELECT x.kind, 3 - x.risk AS tier_rank, COUNT(*) AS n FROM ("+q.sql+") x GROUP BY x.kind, x.risk ORDER BY x.risk, x.kind", q.args...).Scan(&in.Counts).Error; err != nil {
			return fmt.Errorf("cannot count what waits: %w", err)
		}
		if err := in.duties(tx, viewer, ask); err != nil {
			return err
		}
		return in.complete(tx, viewer)
	})
	return in, err
}

// duties chooses the ids of a page first, and then looks up what its rows say.
func (in *Inbox) duties(tx *gorm.DB, viewer models.Party, ask InboxAsk) error {
	q := waiting(viewer, in.Principals, ask, InboxPage+1)
	var ids []string
	if err := tx.Raw("SELECT x.duty_id FROM ("+q.sql+") x ORDER BY x.risk, x.due_at, x.duty_id LIMIT ?", append(q.args, InboxPage+1)...).Scan(&ids).Error; err != nil {
		return fmt.Errorf("cannot load what waits: %w", err)
	}
	more := len(ids) > InboxPage
	if more {
		ids = ids[:InboxPage]
	}
	if len(ids) == 0 {
		return nil
	}
	const rows = `SELECT w.*, COALESCE(g.name, '') AS agent_name, COALESCE(k.title, '') AS title, COALESCE(v.no, 0) AS version_no, COALESCE(v.state, '') AS state,
		CASE WHEN v.state = 'draft' THEN '' ELSE COALESCE(v.tier, '') END AS tier, 3 - i.risk AS tier_rank, COALESCE(k.until_at, 0) AS until
		FROM duties w JOIN inbox_rows i ON i.duty_id = w.id LEFT JOIN versions v ON v.id = w.subject LEFT JOIN agents g ON g.id = w.agent_id LEFT JOIN matrix_rows k ON k.capability_id = w.capability_id
		WHERE w.id IN ?`
	if err := tx.Raw(rows, listed(slices.Clone(ids))).Scan(&in.Duties).Error; err != nil {
		return fmt.Errorf("cannot load what waits: %w", err)
	}
	slices.SortFunc(in.Duties, func(a, b InboxDuty) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	if more {
		last := in.Duties[len(in.Duties)-1]
		in.Next = &InboxCursor{last.TierRank, last.DueAt, last.ID}
	}
	return nil
}

// complete adds the versions that the rows speak of, the ones before them, and
// everybody whom they name: a fixed number of queries for a page.
func (in *Inbox) complete(tx *gorm.DB, viewer models.Party) error {
	subjects := set{}
	for i := range in.Duties {
		d := &in.Duties[i]
		d.Restart = d.Kind == models.DutySign && d.State == models.Live
		if d.CapabilityID != "" {
			subjects.add(d.Subject)
		}
		if err := d.nameStopped(tx); err != nil {
			return err
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
	files, err := inboxFiles(undocumented(tx), subjects.list())
	if err != nil {
		return err
	}
	before, err := lastInForce(tx, subjects.list())
	if err != nil {
		return err
	}
	if err := withDocuments(tx, files, before); err != nil {
		return err
	}
	people := set{}
	signs := false
	for i := range in.Duties {
		d := &in.Duties[i]
		if f := files[d.Subject]; f != nil {
			d.File, d.Before = f, before[d.Subject]
			if d.Kind != models.DutySign { // whose row names approvers alone
				people.add(peopleOf(*f)...)
			}
		}
		signs = signs || d.Kind == models.DutySign
	}
	if err := in.reviews(tx); err != nil {
		return err
	}
	if in.People, err = parties(tx, people.list()); err != nil || !signs {
		return err
	}
	return in.approvers(tx, viewer)
}

const (
	othersNamed   = 4  // who else may sign a duty: three names, and whether there are more
	approversSome = 25 // that are looked up first for it
)

// approvers adds some approvers, and the others where these are not enough: of hundreds a few
// dozens mostly are, and looking up all of them would cost more than the rest of the page.
func (in *Inbox) approvers(tx *gorm.DB, viewer models.Party) error {
	for _, most := range []int{approversSome, holdersMost} {
		ids, err := holders(tx, models.Approver, most)
		if err != nil {
			return err
		}
		ids = ids[min(len(in.Approvers), len(ids)):]
		found, err := parties(tx, ids)
		if err != nil {
			return err
		}
		in.Approvers = append(in.Approvers, picked(found, ids)...)
		if len(in.Approvers) < most || in.enoughOthers(viewer) {
			return nil
		}
	}
	return nil
}

// enoughOthers is whether more approvers would add nothing to what the rows say.
func (in *Inbox) enoughOthers(viewer models.Party) bool {
	for _, d := range in.Duties {
		if d.Kind != models.DutySign || d.File == nil {
			continue
		}
		n := 0
		for _, p := range in.Approvers {
			if p.Person.ID != viewer.Person.ID && models.MaySign(p, *d.File) == nil {
				n++
			}
			if n == othersNamed {
				break
			}
		}
		if n < othersNamed {
			return false
		}
	}
	return true
}

// reviews adds the reviews that the rows speak of.
func (in *Inbox) reviews(tx *gorm.DB) error {
	ids := set{}
	for _, d := range in.Duties {
		if d.Kind == models.DutyReview || d.Kind == models.DutyCloseReview || d.Kind == models.DutyNarrow {
			ids.add(d.Detail)
		}
	}
	found, err := byID[models.Review](tx, ids.list())
	for i := range in.Duties {
		if r, ok := found[in.Duties[i].Detail]; ok {
			in.Duties[i].Review = &r
		}
	}
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

// undocumented reads rows without their documents, which are most of what a version is.
func undocumented(tx *gorm.DB) *gorm.DB { return tx.Omit("document").Session(&gorm.Session{}) }

// withDocuments adds the documents of those versions that are compared with one before.
func withDocuments(tx *gorm.DB, files map[string]*models.VersionFile, before map[string]*models.Version) error {
	if len(before) == 0 {
		return nil
	}
	rows, err := all[models.Version](tx.Select("id, document"), "id", "id IN ?", slices.Collect(maps.Keys(before)))
	if err != nil {
		return err
	}
	for _, v := range rows {
		if f := files[v.ID]; f != nil {
			f.Version.Document = v.Document
		}
	}
	return nil
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
