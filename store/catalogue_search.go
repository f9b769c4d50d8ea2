package store

import (
	"context"
	"fmt"
	"strings"

	"countersign/models"
)

// MaxOperationsFound is how many operations one search shows.
const MaxOperationsFound = 30

// CatalogueHit is an operation that a search found, with its system.
type CatalogueHit struct {
	Operation models.Operation
	System    models.System
}

// FindOperations are active operations of active systems in which every word of
// query occurs (in the system's name, the operation's name or its title), by
// system and title; kind narrows to one kind of system. more says that there are
// others. The catalogue is open to everybody who is signed in.
func (s *Store) FindOperations(ctx context.Context, query, kind string) (hits []CatalogueHit, more bool, err error) {
	tx := s.read.WithContext(ctx)
	q := tx.Table("operations o").Select("o.*").Joins("JOIN systems s ON s.id = o.system_id").Where("o.state = 'active' AND s.state = 'active'")
	if kind != "" {
		q = q.Where("s.kind = ?", kind)
	}
	for _, word := range searchWords(query) {
		q = anywhere(q, word, "s.name", "o.name", "o.title")
	}
	var found []models.Operation
	if err := q.Order("LOWER(s.name), s.id, LOWER(o.title), o.id").Limit(MaxOperationsFound + 1).Scan(&found).Error; err != nil {
		return nil, false, fmt.Errorf("cannot search the catalogue: %w", err)
	}
	if len(found) > MaxOperationsFound {
		found, more = found[:MaxOperationsFound], true
	}
	ids := set{}
	for _, o := range found {
		ids.add(o.SystemID)
	}
	systems, err := byID[models.System](tx, ids.list())
	if err != nil {
		return nil, false, err
	}
	for _, o := range found {
		hits = append(hits, CatalogueHit{Operation: o, System: systems[o.SystemID]})
	}
	return hits, more, nil
}

// maxSecrets is how many secrets a form offers.
const maxSecrets = 200

// SecretsOf are the active secrets that reach any of the systems, by name.
func (s *Store) SecretsOf(ctx context.Context, systems []string) ([]models.SecretRef, error) {
	if len(systems) == 0 {
		return nil, nil
	}
	return all[models.SecretRef](s.read.WithContext(ctx).Limit(maxSecrets), "LOWER(name), id", "state = 'active' AND system_id IN ?", systems[:min(len(systems), chunk)])
}

// maxWords is how many words of a search count.
const maxWords = 8

func searchWords(query string) []string {
	words := strings.Fields(query)
	return words[:min(len(words), maxWords)]
}
