package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

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
// query occurs (in the system's name, the operation's name or its title), in any
// order of the words and whatever their case: first those where each word begins
// one, then those where it is somewhere inside; of each by system and title. kind
// narrows to one kind of system. more says that there are others. The catalogue is
// open to everybody who is signed in.
func (s *Store) FindOperations(ctx context.Context, query, kind string) (hits []CatalogueHit, more bool, err error) {
	tx := s.read.WithContext(ctx)
	words := models.SearchWords(query)
	ids, err := s.found(tx, kind, words)
	if err != nil {
		return nil, false, err
	}
	if len(ids) > MaxOperationsFound {
		ids, more = ids[:MaxOperationsFound], true
	}
	operations, err := byID[models.Operation](tx, ids)
	if err != nil {
		return nil, false, err
	}
	systemIDs := set{}
	for _, o := range operations {
		systemIDs.add(o.SystemID)
	}
	systems, err := byID[models.System](tx, systemIDs.list())
	if err != nil {
		return nil, false, err
	}
	for _, id := range ids {
		o := operations[id]
		hits = append(hits, CatalogueHit{Operation: o, System: systems[o.SystemID]})
	}
	return hits, more, nil
}

// found are the ids of a page of operations, and one more where there are others. Reading
// ends with the page, so what matches often is found at once. What matches seldom takes one
// pass over everything, and then all of it is known and put in order here.
func (s *Store) found(tx *gorm.DB, kind string, words []string) ([]string, error) {
	const most = MaxOperationsFound + 1
	inside, err := s.holding(tx, kind, "", words)
	if err != nil {
		return nil, err
	}
	var begin []models.OperationSearch
	if len(inside) == most && len(words) > 0 {
		if begin, err = s.holding(tx, kind, " ", words); err != nil {
			return nil, err
		}
	} else {
		for _, row := range inside {
			if row.Begins(words) {
				begin = append(begin, row)
			}
		}
	}
	var ids []string
	for _, row := range append(begin, inside...) {
		if !slices.Contains(ids, row.OperationID) && len(ids) < most {
			ids = append(ids, row.OperationID)
		}
	}
	return ids, nil
}

// holding is the first page, and one more, of what holds every word after the given text.
// instr is faster than SQLite's LIKE; PostgreSQL knows of LIKE how seldom a word is.
func (s *Store) holding(tx *gorm.DB, kind, before string, words []string) (rows []models.OperationSearch, err error) {
	q := tx.Where("state = 'active'")
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	q = s.having(q, before, words)
	if err := q.Order("sort, operation_id").Limit(MaxOperationsFound + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot search the catalogue: %w", err)
	}
	return rows, nil
}

func (s *Store) having(q *gorm.DB, before string, words []string) *gorm.DB {
	for _, w := range words {
		if s.engine == Postgres {
			q = q.Where(`words LIKE ? ESCAPE '\'`, likePattern(before+w))
		} else {
			q = q.Where("instr(words, ?) > 0", before+w)
		}
	}
	return q
}

// maxWords is how many words of a search for people count.
const maxWords = 8

func searchWords(query string) []string {
	words := strings.Fields(query)
	return words[:min(len(words), maxWords)]
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

// projectSearch brings how operations are found up to date with what a change wrote.
func projectSearch(tx *gorm.DB, c models.Change) error {
	var operations []models.Operation
	systems := map[string]models.System{}
	for _, w := range c.Writes() {
		switch x := w.Row.(type) {
		case *models.Operation:
			operations = append(operations, *x)
		case *models.System:
			systems[x.ID] = *x
			if w.Expect > 0 {
				if err := searchSystem(tx, *x); err != nil {
					return err
				}
			}
		}
	}
	return searchOperations(tx, operations, systems)
}

// searchOperations writes the rows of operations; systems are those that are known already.
func searchOperations(tx *gorm.DB, operations []models.Operation, systems map[string]models.System) error {
	if len(operations) == 0 {
		return nil
	}
	missing, ids := set{}, []string{}
	for _, o := range operations {
		ids = append(ids, o.ID)
		if _, known := systems[o.SystemID]; !known {
			missing.add(o.SystemID)
		}
	}
	more, err := byID[models.System](tx, missing.list())
	if err != nil {
		return err
	}
	rows := make([]models.OperationSearch, 0, len(operations))
	for _, o := range operations {
		sys, known := systems[o.SystemID]
		if !known {
			sys = more[o.SystemID]
		}
		rows = append(rows, models.SearchOf(o, sys))
	}
	if err := tx.Where("operation_id IN ?", ids).Delete(&models.OperationSearch{}).Error; err != nil {
		return fmt.Errorf("cannot write the catalogue's words: %w", err)
	}
	if err := tx.CreateInBatches(&rows, chunk).Error; err != nil {
		return fmt.Errorf("cannot write the catalogue's words: %w", err)
	}
	return nil
}

// searchSystem writes the rows of all operations of a system anew, in pieces.
func searchSystem(tx *gorm.DB, sys models.System) error {
	after := ""
	for {
		operations, err := all[models.Operation](tx.Limit(chunk), "id", "system_id = ? AND id > ?", sys.ID, after)
		if err != nil || len(operations) == 0 {
			return err
		}
		after = operations[len(operations)-1].ID
		if err := searchOperations(tx, operations, map[string]models.System{sys.ID: sys}); err != nil {
			return err
		}
	}
}

// fillSearch writes the rows that an older program did not, a system at a time.
func (s *Store) fillSearch(ctx context.Context) error {
	const lacking = "SELECT DISTINCT system_id FROM operations o WHERE NOT EXISTS (SELECT 1 FROM operation_search x WHERE x.operation_id = o.id) ORDER BY system_id LIMIT ?"
	for {
		var ids []string
		if err := s.write.WithContext(ctx).Raw(lacking, chunk).Scan(&ids).Error; err != nil {
			return fmt.Errorf("cannot look for operations that are not found yet: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			if _, err := s.lock(tx); err != nil { // no change comes in between
				return err
			}
			systems, err := byID[models.System](tx, ids)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := searchSystem(tx, systems[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// search checks that operations are found as they are.
func (v *verification) search() error {
	n, after := int64(0), ""
	for {
		operations, err := all[models.Operation](v.tx.Limit(chunk), "id", "id > ?", after)
		if err != nil {
			return err
		}
		if len(operations) == 0 {
			break
		}
		ids, systemIDs := []string{}, set{}
		for _, o := range operations {
			ids = append(ids, o.ID)
			systemIDs.add(o.SystemID)
		}
		after = ids[len(ids)-1]
		systems, err := byID[models.System](v.tx, systemIDs.list())
		if err != nil {
			return err
		}
		rows, err := all[models.OperationSearch](v.tx, "operation_id", "operation_id IN ?", ids)
		if err != nil {
			return err
		}
		have := map[string]models.OperationSearch{}
		for _, r := range rows {
			have[r.OperationID] = r
		}
		for _, o := range operations {
			if have[o.ID] != models.SearchOf(o, systems[o.SystemID]) {
				return misfit("operation_search", o.ID, 0, "The operation %s is not found in the catalogue as what it is.", o.ID)
			}
		}
		n += int64(len(operations))
	}
	var rows int64
	if err := v.tx.Raw("SELECT COUNT(*) FROM operation_search").Scan(&rows).Error; err != nil {
		return fmt.Errorf("cannot count the catalogue's words: %w", err)
	}
	if rows != n {
		return misfit("operation_search", "", 0, "The catalogue's search has %d rows for %d operations.", rows, n)
	}
	return nil
}
