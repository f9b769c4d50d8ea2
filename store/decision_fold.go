package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// foldOnce are the sealed parts that one call folds, at most: the next goes on.
const foldOnce = 64

// foldLines are the lines that one transaction adds to, at most, on SQLite: a stop waits for no
// more. On PostgreSQL it waits for none of it, and a part is one transaction.
const foldLines = 4_000

// errFolded: another replica has folded this part of the log.
var errFolded = errors.New("this part was folded meanwhile")

// folded is what a piece of the log adds, in the order of the ids and days.
type folded struct {
	Uses     []models.DecisionUse
	First    []models.DecisionUse     // of these, the first of an operation that its task never used before
	Refusals []models.DecisionRefusal // of agents that are known
	Volumes  []models.DecisionVolume  // what was added, also of an older day
}

// FoldDecisions counts what was used and refused in the parts of the log that were sealed
// since, and returns how many parts it read. Each row counts once, whoever else folds and
// wherever this is broken off: what is added and how far it came are one transaction. Where another
// replica folds as well, it leaves the rest to that one.
func (s *Store) FoldDecisions(ctx context.Context) (int, error) {
	parts, err := s.unfolded(ctx)
	if err != nil {
		return 0, err
	}
	before, most := map[int64]int64{}, int64(sealRows)
	for i, p := range parts {
		err := s.foldPart(ctx, p.DecisionPart, max(p.Folded, before[p.Replica]), &most)
		if errors.Is(err, errFolded) {
			return i, nil
		}
		if err != nil {
			return i, err
		}
		before[p.Replica] = p.ToID
	}
	return len(parts), nil
}

// unfoldedPart is a part of the log with how far its replica's were folded.
type unfoldedPart struct {
	models.DecisionPart
	Folded int64
}

// partReplicas are the replicas of which there are parts, found by going from one to the next: there
// are few of them, and many parts.
const partReplicas = `WITH RECURSIVE r(id) AS (SELECT MIN(replica) FROM decision_parts
	UNION ALL SELECT (SELECT MIN(p.replica) FROM decision_parts p WHERE p.replica > r.id) FROM r WHERE r.id IS NOT NULL) `

// unfolded are the next parts, of each replica from the one on in which folding stands.
func (s *Store) unfolded(ctx context.Context) (parts []unfoldedPart, err error) {
	err = s.read.WithContext(ctx).Raw(partReplicas+`SELECT p.*, f.to_id AS folded FROM (SELECT r.id, COALESCE(d.to_id, 0) AS to_id FROM r LEFT JOIN decision_folded d ON d.replica = r.id) f
		JOIN decision_parts p ON p.replica = f.id AND p.to_id > f.to_id
			AND p.from_id >= COALESCE((SELECT MAX(q.from_id) FROM decision_parts q WHERE q.replica = f.id AND q.from_id <= f.to_id), 0)
		ORDER BY p.replica, p.from_id LIMIT ?`, foldOnce).Scan(&parts).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read the sealed parts: %w", err)
	}
	return parts, nil
}

// foldPart counts what is left of a part, before being the last row that was counted. most is
// how many rows one transaction counts: all of the part, and fewer where they are of many tasks.
func (s *Store) foldPart(ctx context.Context, p models.DecisionPart, before int64, most *int64) error {
	if before < p.FromID { // nothing of it counts as read, so nobody is left out
		if err := s.meet(ctx, p); err != nil {
			return err
		}
	}
	known := plans{map[string]*models.Watched{}, map[string]*models.Watched{}}
	for before < p.ToID {
		some, batch, err := s.foldSome(ctx, p, max(before+1, p.FromID), most)
		if err != nil {
			return err
		}
		watched, err := s.watches(ctx, batch, known)
		if err != nil {
			return err
		}
		err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			if err := keepFolded(tx, some, before, &batch); err != nil {
				return err
			}
			return watched.make(tx, s.now(), batch)
		})
		if err != nil {
			return err
		}
		before = some.ToID
	}
	return nil
}

// foldSome reads of a part, from a row on, as much as one transaction is to add.
func (s *Store) foldSome(ctx context.Context, p models.DecisionPart, from int64, most *int64) (some models.DecisionPart, batch folded, err error) {
	for {
		some = p
		some.FromID = from
		if *most < sealRows {
			err := s.logged.WithContext(ctx).Raw("SELECT MAX(x.id) AS to_id, MAX(x.at) AS to_at FROM (SELECT id, at FROM decisions WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?) x",
				from, p.ToID, *most).Row().Scan(&some.ToID, &some.ToAt)
			if err != nil {
				return some, batch, fmt.Errorf("cannot read the log of decisions: %w", err)
			}
		}
		if batch, err = s.fold(ctx, some); err != nil || s.engine == Postgres || batch.lines() <= foldLines || *most == 1 {
			return some, batch, err
		}
		*most /= 2
	}
}

// lines are how many lines a batch adds to.
func (b folded) lines() int { return len(b.Uses) + len(b.Volumes) + len(b.Refusals) }

// fold reads one part: a query each for what was allowed and what was not.
func (s *Store) fold(ctx context.Context, p models.DecisionPart) (b folded, err error) {
	db := s.logged.WithContext(ctx)
	day := fmt.Sprintf("at - at %% %d", models.Day)
	queries := []struct {
		into any
		sql  string
	}{
		{&b.Uses, "SELECT capability_id, operation_id, " + day + " AS day, COUNT(*) AS allowed, MIN(at) AS first_at, MAX(at) AS last_at FROM decisions WHERE id >= ? AND id <= ? AND allow = 1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"},
		{&b.Volumes, "SELECT capability_id, " + day + " AS day, SUM(volume) AS volume FROM decisions WHERE id >= ? AND id <= ? AND allow = 1 GROUP BY 1, 2 ORDER BY 1, 2"},
		{&b.Refusals, "SELECT agent_id, capability_id, operation_id, rule, " + day + " AS day, COUNT(*) AS refused, MAX(at) AS last_at FROM decisions WHERE id >= ? AND id <= ? AND allow = 0 AND agent_id <> '' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"},
	}
	for _, q := range queries {
		if err := db.Raw(q.sql, p.FromID, p.ToID).Scan(q.into).Error; err != nil {
			return b, fmt.Errorf("cannot read the log of decisions: %w", err)
		}
	}
	return b, nil
}

// keepFolded adds what was read to what is known, unless somebody did so meanwhile: before is
// the last row that was counted when it was read, 0 for none.
func keepFolded(tx *gorm.DB, p models.DecisionPart, before int64, b *folded) error {
	res := tx.Exec(`INSERT INTO decision_folded (replica, to_id, to_at) VALUES (?, ?, ?)
		ON CONFLICT (replica) DO UPDATE SET to_id = excluded.to_id, to_at = excluded.to_at WHERE decision_folded.to_id = ?`, p.Replica, p.ToID, p.ToAt, before)
	if res.Error != nil {
		return fmt.Errorf("cannot note how far the log was read: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errFolded
	}
	if err := b.first(tx); err != nil {
		return err
	}
	return b.add(tx)
}

const (
	addUse = `ON CONFLICT (capability_id, operation_id, day) DO UPDATE SET allowed = decision_uses.allowed + excluded.allowed,
		first_at = CASE WHEN excluded.first_at < decision_uses.first_at THEN excluded.first_at ELSE decision_uses.first_at END,
		last_at = CASE WHEN excluded.last_at > decision_uses.last_at THEN excluded.last_at ELSE decision_uses.last_at END`
	addRefusal = `ON CONFLICT (agent_id, capability_id, day, rule, operation_id) DO UPDATE SET refused = decision_refusals.refused + excluded.refused,
		last_at = CASE WHEN excluded.last_at > decision_refusals.last_at THEN excluded.last_at ELSE decision_refusals.last_at END`
	addVolume = `ON CONFLICT (capability_id) DO UPDATE SET volume = CASE WHEN excluded.day = decision_volumes.day THEN decision_volumes.volume ELSE 0 END + excluded.volume,
		day = excluded.day WHERE excluded.day >= decision_volumes.day`
)

func (b *folded) add(tx *gorm.DB) error {
	var uses, refusals, used [][]any
	for _, u := range b.Uses {
		uses = append(uses, []any{u.CapabilityID, u.OperationID, u.Day, u.Allowed, u.FirstAt, u.LastAt})
	}
	for _, r := range b.Refusals {
		refusals = append(refusals, []any{r.AgentID, r.CapabilityID, r.OperationID, r.Rule, r.Day, r.Refused, r.LastAt})
	}
	for i, v := range b.Volumes {
		if i+1 == len(b.Volumes) || b.Volumes[i+1].CapabilityID != v.CapabilityID { // of its newest day
			used = append(used, []any{v.CapabilityID, v.Day, v.Volume})
		}
	}
	for _, step := range []struct {
		rows       [][]any
		into, then string
	}{
		{uses, "decision_uses (capability_id, operation_id, day, allowed, first_at, last_at)", addUse},
		{refusals, "decision_refusals (agent_id, capability_id, operation_id, rule, day, refused, last_at)", addRefusal},
		{used, "decision_volumes (capability_id, day, volume)", addVolume},
	} {
		for some := range slices.Chunk(step.rows, chunk) {
			if err := insertValues(tx, step.into, some, step.then); err != nil {
				return fmt.Errorf("cannot keep what was used: %w", err)
			}
		}
	}
	return nil
}

// first finds which operations were used for the first time, before they are added.
func (b *folded) first(tx *gorm.DB) error {
	var fresh []models.DecisionUse // of the days of one operation the first
	for i, u := range b.Uses {
		if i == 0 || b.Uses[i-1].CapabilityID != u.CapabilityID || b.Uses[i-1].OperationID != u.OperationID {
			fresh = append(fresh, u)
		}
	}
	known := map[[2]string]bool{}
	for some := range slices.Chunk(fresh, chunk) {
		args := make([]any, 0, 2*len(some))
		for _, u := range some {
			args = append(args, u.CapabilityID, u.OperationID)
		}
		var rows []struct{ CapabilityID, OperationID string }
		err := tx.Raw("SELECT v.column1 AS capability_id, v.column2 AS operation_id FROM (VALUES "+strings.TrimSuffix(strings.Repeat("(?, ?), ", len(some)), ", ")+`) v
			WHERE EXISTS (SELECT 1 FROM decision_uses u WHERE u.capability_id = v.column1 AND u.operation_id = v.column2)`, args...).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot read what was used before: %w", err)
		}
		for _, r := range rows {
			known[[2]string{r.CapabilityID, r.OperationID}] = true
		}
	}
	b.First = slices.DeleteFunc(fresh, func(u models.DecisionUse) bool { return known[[2]string{u.CapabilityID, u.OperationID}] })
	return nil
}
