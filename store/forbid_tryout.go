package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

const (
	tryRows  = 5_000           // allowed requests that a forbid is tried out on, at most: the newest
	tryScan  = 200_000         // rows of the log that are looked at for them
	tryOld   = 30 * models.Day // how old they are, at most
	tryLines = 50              // operations that are listed
)

// Tryout is what a forbid would have refused of the requests that were allowed.
type Tryout struct {
	Looked  int            // requests that it was tried out on
	Since   models.Instant // the oldest of them; 0 where there is none
	Fits    int            // it would have refused
	Errs    int            // of these, since it cannot be worked out on them
	Unknown int            // whose task or operation is in force no more
	Agents  int            // that the refused ones are of
	By      []TriedBy      // the refused ones by operation, the most frequent first
	Blind   bool           // it asks for properties, which the log does not keep
}

// TriedBy is how many requests for an operation would have been refused.
type TriedBy struct {
	Operation, System string
	N                 int
}

// TryForbid tries the text of a forbid out on the newest requests that were allowed:
// administrators and auditors may. It says how many, of which operations, and nothing of
// the agents that the viewer may not see. The text is one that policy.ParseForbid takes.
func (s *Store) TryForbid(ctx context.Context, by models.Party, text string) (t Tryout, err error) {
	if err := s.administered(ctx, by, func(*gorm.DB) error { return nil }); err != nil {
		return t, err
	}
	d, err := s.Decisions(ctx)
	if err != nil {
		return t, err
	}
	from := s.now() - tryOld
	scan, err := scanFrom(ctx, s.logged, DecisionCursor{}, &from, nil, tryScan)
	if err != nil {
		return t, err
	}
	past, _, err := scan.read(piece{sql: "allow = 1"}, tryRows, &from, nil)
	if err != nil {
		return t, err
	}
	return tryOut(d.current.Load(), text, past), nil
}

func tryOut(snap *policy.Snapshot, text string, past []models.Decision) (t Tryout) {
	forbids := policy.NewForbids([]models.Forbid{{ID: "tried", Text: text}})
	t.Blind = policy.AsksForProperties(text)
	agents, by := set{}, map[[2]string]int{}
	for _, d := range past {
		fits, known, err := snap.Fits(forbids, d)
		if t.Looked++; !known {
			t.Unknown++
		}
		t.Since = d.At
		if !fits {
			continue
		}
		if t.Fits++; err != nil {
			t.Errs++
		}
		agents.add(d.AgentID)
		by[[2]string{d.Operation, d.System}]++
	}
	t.Agents = len(agents)
	for _, k := range slices.SortedFunc(maps.Keys(by), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}) {
		if len(t.By) < tryLines {
			t.By = append(t.By, TriedBy{k[0], k[1], by[k]})
		}
	}
	return t
}
