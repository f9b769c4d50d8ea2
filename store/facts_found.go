package store

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"countersign/models"
)

// nameKey is models.NameKey in the database, for what its LOWER knows: ASCII.
// Its indexes are on the very expression (00010_found.sql).
const nameKey = "(REPLACE(REPLACE(LOWER(name), '_', ' '), '-', ' '))"

// DecideFound runs a rule on something that was found: who may see it at all is
// said on the route, and who may act is the rule's.
func (s *Store) DecideFound(ctx context.Context, act models.Act, id string, rule func(models.FoundFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := foundFacts(tx, env, id)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

func foundFacts(tx *gorm.DB, env models.Env, id string) (f models.FoundFacts, err error) {
	f.Env = env
	if !models.MaySeeFound(env.By) {
		return f, missing("found agent")
	}
	row, err := find[models.Found](tx, "id = ?", id)
	if err != nil {
		return f, err
	}
	if row == nil {
		return f, missing("found agent")
	}
	f.Found = *row
	if row.ImportID != nil {
		if f.Import, err = find[models.Import](tx, "id = ?", *row.ImportID); err != nil {
			return f, err
		}
	}
	if row.DecidedBy != nil {
		people, err := parties(tx, []string{*row.DecidedBy})
		if err != nil {
			return f, err
		}
		f.Decider = people[*row.DecidedBy]
	}
	f.Sightings, err = sightings(tx, []models.Named{{Kind: row.Kind, Name: row.Name, URL: row.URL}})
	return f, err
}

// sightings are what is known under the names and at the addresses: a fixed
// number of queries, whatever is named.
func sightings(tx *gorm.DB, names []models.Named) (models.Sightings, error) {
	out := models.Sightings{Asked: names}
	if len(names) == 0 {
		return out, nil
	}
	if err := foundBefore(tx, names, &out); err != nil {
		return out, err
	}
	agents, systems := set{}, set{}
	for _, r := range out.Rows {
		if r.AgentID != nil {
			agents.add(*r.AgentID)
		}
		if r.SystemID != nil {
			systems.add(*r.SystemID)
		}
	}
	keys, addresses := spellings(names), addressKeys(names)
	for _, look := range []struct {
		query string
		keys  []string
		into  set
	}{
		{"SELECT id FROM agents WHERE " + nameKey + " IN ?", keys, agents},
		{"SELECT id FROM systems WHERE " + nameKey + " IN ?", keys, systems},
		{"SELECT agent_id FROM agent_addresses WHERE url_key IN ?", addresses, agents},
	} {
		if len(look.keys) == 0 {
			continue
		}
		var ids []string
		if err := tx.Raw(look.query, look.keys).Scan(&ids).Error; err != nil {
			return out, fmt.Errorf("cannot look for what is named: %w", err)
		}
		look.into.add(ids...)
	}
	var err error
	if out.Agents, err = byID[models.Agent](tx, agents.list()); err != nil {
		return out, err
	}
	out.Systems, err = byID[models.System](tx, systems.list())
	return out, err
}

// foundBefore loads the rows under the names and at the addresses, and the duties
// to claim them.
func foundBefore(tx *gorm.DB, names []models.Named, out *models.Sightings) error {
	keys := set{}
	for _, n := range names {
		keys.add(models.NameKey(n.Name))
	}
	query, args := "kind IN ('agent', 'system') AND name_key IN ?", []any{append(keys.list(), "")}
	if addresses := addressKeys(names); len(addresses) > 0 {
		query, args = query+" OR url_key IN ?", append(args, addresses)
	}
	var err error
	if out.Rows, err = all[models.Found](tx, "id", query, args...); err != nil || len(out.Rows) == 0 {
		return err
	}
	ids := make([]string, len(out.Rows))
	for i, r := range out.Rows {
		ids[i] = r.ID
	}
	out.Duties, err = all[models.Duty](tx, "id", "subject IN ? AND closed_at IS NULL", ids)
	return err
}

func addressKeys(names []models.Named) []string {
	keys := set{}
	for _, n := range names {
		keys.add(models.AddressKey(n.URL))
	}
	return keys.list()
}

// spellings are the names as the database may have lowered them: it lowers ASCII
// letters only, so a name is looked for as written, in small letters, and
// beginning with a capital. What comes back is compared by models.NameKey.
func spellings(names []models.Named) []string {
	keys := set{}
	for _, n := range names {
		key := models.NameKey(n.Name)
		first, size := utf8.DecodeRuneInString(key)
		for _, s := range []string{key, n.Name, string(unicode.ToUpper(first)) + key[size:]} {
			keys.add(strings.Map(asciiLower, strings.NewReplacer("_", " ", "-", " ").Replace(s)))
		}
	}
	return keys.list()
}

func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
