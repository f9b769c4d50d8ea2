package store

import (
	"context"

	"gorm.io/gorm"
)

// Together records several acts in one transaction: what acts did through the
// Store that it is given is committed at once when it returns nil, and none of it
// otherwise. Each is an act like any other, with its own rule, its own facts and
// its own ledger entry; one that is refused leaves nothing behind, and those
// beside it stand. Nobody else can write meanwhile, so a batch is some hundred
// acts at most where people wait.
func (s *Store) Together(ctx context.Context, acts func(in *Store) error) error {
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		in := *s
		in.write, in.read = tx, tx  // an act in it is a savepoint
		in.counts = &matrixCounts{} // what is counted here may never be
		return acts(&in)
	})
	if err != nil {
		return refusal(err)
	}
	return nil
}
