package store

import (
	"fmt"
	"sync"

	"gorm.io/gorm"

	"countersign/models"
)

// matrixCounts keeps what was counted beside the matrix's filters, which is the one
// thing there that grows with the matrix and not with the page. What was counted
// holds as long as the ledger's head stands, since nothing that is counted changes
// without an entry, and for a minute, in which something may fall due by itself.
// Each reader asks for the head in its own snapshot, so every replica is right.
type matrixCounts struct {
	mu     sync.Mutex
	at     countedAt
	groups map[string][]facetGroup
}

type countedAt struct {
	seq    int64
	minute models.Instant
}

// mostCounted is how many different looks at the matrix are kept.
const mostCounted = 500

// of is what count gives for the query with its arguments, counted now or before.
func (c *matrixCounts) of(tx *gorm.DB, now models.Instant, query string, args []any, count func() ([]facetGroup, error)) ([]facetGroup, error) {
	at := countedAt{minute: now / models.Minute}
	if err := tx.Raw("SELECT seq FROM ledger_head WHERE id = 1").Scan(&at.seq).Error; err != nil {
		return nil, fmt.Errorf("cannot read the ledger's head: %w", err)
	}
	key := query + fmt.Sprintf("%#v", args)
	c.mu.Lock()
	groups, ok := c.groups[key]
	ok = ok && c.at == at
	c.mu.Unlock()
	if ok {
		return groups, nil
	}
	groups, err := count()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at != at || len(c.groups) >= mostCounted {
		c.at, c.groups = at, map[string][]facetGroup{}
	}
	c.groups[key] = groups
	return groups, nil
}
