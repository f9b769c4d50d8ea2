package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"countersign/ledger"
	"countersign/models"
)

const (
	sealRows = 65_536                                           // of one part, at most
	sealOld  = 5 * models.Instant(time.Second/time.Microsecond) // a row is sealed when nothing that was begun before it can still arrive
	sealOnce = 16                                               // parts of one act, at most
)

// SealDecisions commits the ledger to what the log of decisions has got since the last
// time, of every replica: also of one that was killed. It returns how many rows it sealed.
func (s *Store) SealDecisions(ctx context.Context) (int64, error) {
	parts, err := s.unsealed(ctx)
	if err != nil || len(parts) == 0 {
		return 0, err
	}
	act := clockAct("seal", fmt.Sprint(parts[0].Replica, " ", parts[0].FromID, " ", len(parts), " ", parts[len(parts)-1].ToID), 0)
	receipt, err := s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		var fresh []models.DecisionPart // another replica may have been faster
		for _, p := range parts {
			later, err := find[models.DecisionPart](tx, "replica = ? AND to_id >= ?", p.Replica, p.FromID)
			if err != nil {
				return models.Change{}, err
			}
			if later == nil {
				fresh = append(fresh, p)
			}
		}
		if len(fresh) == 0 {
			return models.Change{}, errNothing
		}
		return models.SealFacts{Env: env, Parts: fresh}.Seal()
	})
	if err != nil && !errors.Is(err, errNothing) || receipt.Again {
		return 0, err
	}
	var rows int64
	for _, p := range parts {
		rows += p.N
	}
	return rows, nil
}

// unsealed are the next parts of each replica. Only of those that logged anything since are
// rows looked for: each start of the server makes a replica, and none ever goes.
func (s *Store) unsealed(ctx context.Context) (parts []models.DecisionPart, err error) {
	var replicas []struct{ ID, Last int64 }
	err = s.logged.WithContext(ctx).Raw("SELECT r.id, COALESCE((SELECT MAX(d.id) FROM decisions d WHERE d.id > r.id * ? AND d.id < (r.id + 1) * ?), 0) AS last FROM decision_replicas r ORDER BY r.id", replicaSize, replicaSize).Scan(&replicas).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read the replicas: %w", err)
	}
	var sealed []struct{ ID, Last int64 }
	err = s.read.WithContext(ctx).Raw(partReplicas + "SELECT r.id, (SELECT p.to_id FROM decision_parts p WHERE p.replica = r.id ORDER BY p.from_id DESC LIMIT 1) AS last FROM r WHERE r.id IS NOT NULL").Scan(&sealed).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read the sealed parts: %w", err)
	}
	last := map[int64]int64{}
	for _, x := range sealed {
		last[x.ID] = x.Last
	}
	for _, r := range replicas {
		for from := max(last[r.ID], r.ID<<models.ReplicaBits); from < r.Last && len(parts) < sealOnce; {
			p, err := s.part(ctx, r.ID, from, 0)
			if err != nil {
				return nil, err
			}
			if p == nil {
				break
			}
			parts, from = append(parts, *p), p.ToID
		}
	}
	return parts, nil
}

// part reads the rows of a replica after one, up to another or as many as a part has,
// and says what their part is; nil where there are none.
func (s *Store) part(ctx context.Context, replica, after, to int64) (*models.DecisionPart, error) {
	query := s.logged.WithContext(ctx).Model(&models.Decision{}).Order("id").Limit(sealRows)
	if to == 0 {
		query = query.Where("id > ? AND id < ? AND at <= ?", after, (replica+1)<<models.ReplicaBits, s.now()-sealOld)
	} else {
		query = query.Where("id > ? AND id <= ?", after, to)
	}
	rows, err := query.Rows()
	if err != nil {
		return nil, fmt.Errorf("cannot read the log of decisions: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what there is to tell
	p := &models.DecisionPart{Replica: replica}
	var tree ledger.Tree
	for rows.Next() {
		var d models.Decision
		if err := s.logged.ScanRows(rows, &d); err != nil {
			return nil, fmt.Errorf("cannot read the log of decisions: %w", err)
		}
		if tree.Size() == 0 {
			p.FromID, p.FromAt = d.ID, d.At
		}
		p.ToID, p.FromAt, p.ToAt = d.ID, min(p.FromAt, d.At), max(p.ToAt, d.At)
		leaf, err := DecisionLeaf(d)
		if err != nil {
			return nil, err
		}
		tree.Add(leaf)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the log of decisions: %w", err)
	}
	if tree.Size() == 0 {
		return nil, nil //nolint:nilnil // no rows are no part
	}
	p.N, p.Root = tree.Size(), tree.Root()
	return p, nil
}

// DecisionLeaf is a row of the log as a leaf of its part's tree: its JSON with the members
// in the order of models.Decision.
func DecisionLeaf(d models.Decision) ([]byte, error) {
	leaf, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("cannot encode a decision: %w", err)
	}
	return leaf, nil
}
