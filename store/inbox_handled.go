package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// HandledFor is how far back the home page says what others have handled.
const HandledFor = 7 * models.Day

const (
	handledMost   = 10 // that are shown
	handledLooked = 60 // that are looked at for them, newest first
	handledPiece  = 15 // of those, at once: these mostly have the ones that are shown
)

// Handled is a version that waited for somebody as approver until another decided.
type Handled struct {
	VersionID string
	AgentName string
	VersionNo int
	Open      bool                // an approver of another team is still needed
	Entry     models.HistoryEntry // by which it left their list
}

// HandledByOthers are, newest first, what the viewer could have decided in their
// own name in the last seven days and another did: never their own work, and
// nothing from before they were an approver.
func (s *Store) HandledByOthers(ctx context.Context, viewer models.Party) (out []Handled, err error) {
	if !viewer.Has(models.Approver) || len(viewer.Teams) == 0 {
		return nil, nil
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		left, err := leftTheList(tx, viewer, s.now()-HandledFor)
		if err != nil || len(left) == 0 {
			return err
		}
		out, err = handledEntries(tx, left)
		return err
	})
	return out, err
}

// byThemselves is whether an act of somebody's own closed the duty. It is asked of the newest
// ones alone: PostgreSQL would else go through every sign-off that there was for it.
const byThemselves = `EXISTS (SELECT 1 FROM ledger l JOIN ledger_refs r ON r.seq = l.seq AND r.kind = 'capability' AND r.id = d.capability_id WHERE l.at = d.closed_at AND l.actor = ?)`

// handledDuty is a duty of the approvers with when it left the viewer's list.
type handledDuty struct {
	models.Duty
	AgentName string
	VersionNo int
	LeftAt    models.Instant `gorm:"-"`
}

func leftTheList(tx *gorm.DB, viewer models.Party, since models.Instant) ([]handledDuty, error) {
	var from []models.Instant
	if err := tx.Raw("SELECT MIN(granted_at) FROM grants WHERE person_id = ? AND role = 'approver' AND ended_at IS NULL HAVING MIN(granted_at) IS NOT NULL", viewer.Person.ID).Scan(&from).Error; err != nil {
		return nil, fmt.Errorf("cannot look since when somebody is an approver: %w", err)
	}
	for _, at := range from {
		since = max(since, at)
	}
	const lines = `SELECT w.*, COALESCE(g.name, '') AS agent_name, COALESCE(v.no, 0) AS version_no FROM (%s) x JOIN duties w ON w.id = x.id
		LEFT JOIN versions v ON v.id = w.subject LEFT JOIN agents g ON g.id = w.agent_id`
	closed := fmt.Sprintf(lines, "SELECT d.id FROM (SELECT d.* FROM duties d WHERE d.pool = 'approver' AND d.kind = 'sign' AND d.closed_at > ? ORDER BY d.closed_at DESC LIMIT ?) d WHERE NOT "+byThemselves)
	spoken := fmt.Sprintf(lines, "SELECT DISTINCT b.duty_id AS id FROM inbox_barred b WHERE b.who IN ? LIMIT ?")
	var all, open []handledDuty // closed, and open where a team has spoken
	if err := tx.Raw(closed, since, handledLooked, viewer.Person.ID).Scan(&all).Error; err != nil {
		return nil, fmt.Errorf("cannot load what was handled: %w", err)
	}
	slices.SortFunc(all, func(a, b handledDuty) int { return cmp.Compare(*b.ClosedAt, *a.ClosedAt) })
	if err := tx.Raw(spoken, teamIDs(viewer), handledLooked).Scan(&open).Error; err != nil {
		return nil, fmt.Errorf("cannot load what a team has signed: %w", err)
	}
	pieces := append([][]handledDuty{open}, slices.Collect(slices.Chunk(all, handledPiece))...)
	var out []handledDuty
	for i, piece := range pieces {
		// Nothing left a list later than it was closed, and what follows was closed before.
		if i > 0 && len(out) >= handledMost && out[handledMost-1].LeftAt > *piece[0].ClosedAt {
			break
		}
		more, err := leftIn(tx, viewer, piece, since)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		slices.SortFunc(out, func(a, b handledDuty) int {
			return cmp.Or(cmp.Compare(b.LeftAt, a.LeftAt), cmp.Compare(a.ID, b.ID))
		})
	}
	return out[:min(len(out), handledMost)], nil
}

// leftIn are those of the duties that left the viewer's list since a moment.
func leftIn(tx *gorm.DB, viewer models.Party, duties []handledDuty, since models.Instant) (out []handledDuty, err error) {
	subjects := set{}
	for _, d := range duties {
		subjects.add(d.Subject)
	}
	if len(subjects) == 0 {
		return nil, nil
	}
	files, err := inboxFiles(undocumented(tx), subjects.list())
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if f := files[d.Subject]; f != nil {
			if d.LeftAt = left(viewer, *f, d.Duty); d.LeftAt > since {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// left is when the duty left the viewer's list by another's hand; 0 for never, or
// that it was never on it.
func left(viewer models.Party, f models.VersionFile, d models.Duty) models.Instant {
	if models.MayCheck(viewer, f) != nil {
		return 0
	}
	end := models.Instant(1<<63 - 1)
	if d.ClosedAt != nil {
		end = *d.ClosedAt
	}
	waits := len(viewer.Teams)
	var gone models.Instant
	for _, s := range f.SignOffs { // in the order in which they were given
		if s.SignedAt < d.OpenedAt || s.SignedAt > end {
			continue
		}
		if s.SignerID == viewer.Person.ID || s.PrincipalID == viewer.Person.ID {
			return 0 // theirs as well
		}
		if f.Version.Apart == 1 && viewer.On(s.TeamID) && waits > 0 {
			if waits--; waits == 0 && !slices.ContainsFunc(f.Recalls, func(r models.Recall) bool { return r.SignOffID == s.ID }) {
				gone = s.SignedAt
			}
		}
	}
	if gone == 0 && d.ClosedAt != nil {
		gone = end
	}
	return gone
}

// handledEntries are the acts by which they left, in the record.
func handledEntries(tx *gorm.DB, left []handledDuty) ([]Handled, error) {
	var at []models.Instant
	var ids []string
	for _, d := range left {
		at, ids = append(at, d.LeftAt), append(ids, d.CapabilityID)
	}
	var rows []historyRow
	err := tx.Raw(`SELECT l.seq, l.at, l.act, l.actor AS actor_id, l.subject, l.outcome, l.hash, b.body, r.id AS capability_id
		FROM ledger l JOIN ledger_refs r ON r.seq = l.seq AND r.kind = 'capability' JOIN ledger_bodies b ON b.seq = l.seq WHERE l.at IN ? AND r.id IN ? ORDER BY l.seq`, at, ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load who handled it: %w", err)
	}
	entries, err := historyEntries(tx, rows)
	if err != nil {
		return nil, err
	}
	var out []Handled
	for _, d := range left {
		i := slices.IndexFunc(entries, func(e models.HistoryEntry) bool { return e.At == d.LeftAt && e.CapabilityID == d.CapabilityID })
		if i >= 0 {
			out = append(out, Handled{VersionID: d.Subject, AgentName: d.AgentName, VersionNo: d.VersionNo, Open: d.ClosedAt == nil, Entry: entries[i]})
		}
	}
	return out, nil
}
