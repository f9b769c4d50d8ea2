package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// DraftPage is what the pages of a version that is being made show.
type DraftPage struct {
	models.CapabilityFacts
	SentBack *models.Version // what an approver sent back, where this draft follows it
}

// Draft is the version with everything that its pages show; also names what a
// form chose. A version that the viewer may not see is NotFound; one that is no
// draft any more is given all the same, since the pages say what became of it.
func (s *Store) Draft(ctx context.Context, viewer models.Party, versionID string, also Lookup) (p DraftPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if p.CapabilityFacts, err = s.readVersion(tx, viewer, versionID, also); err != nil {
			return err
		}
		return sentBack(tx, &p)
	})
	return p, err
}

// sentBack loads the version before this one, where an approver asked for
// changes in it, and who that was.
func sentBack(tx *gorm.DB, p *DraftPage) error {
	if p.Asked.Version.BasedOn == nil {
		return nil
	}
	v, err := find[models.Version](tx, "id = ? AND state = ?", *p.Asked.Version.BasedOn, models.ChangesRequested)
	if err != nil || v == nil {
		return err
	}
	p.SentBack = v
	if v.EndedBy == nil {
		return nil
	}
	who, err := parties(tx, []string{*v.EndedBy})
	if err != nil {
		return err
	}
	for id, person := range who {
		p.People[id] = person
	}
	return nil
}

// OpenVersion is the id of the capability's version on its way: a draft,
// proposed, in review or approved. NotFound where there is none for the viewer.
func (s *Store) OpenVersion(ctx context.Context, viewer models.Party, capabilityID string) (string, error) {
	cond, args := seen(viewer, "v.capability_id")
	var ids []string
	err := s.read.WithContext(ctx).Raw("SELECT v.id FROM versions v WHERE v.capability_id = ? AND v.state IN ('draft','proposed','in_review','approved') AND "+cond,
		append([]any{capabilityID}, args...)...).Scan(&ids).Error
	if err != nil {
		return "", fmt.Errorf("cannot look for the open version: %w", err)
	}
	if len(ids) == 0 {
		return "", missing("version")
	}
	return ids[0], nil
}

// NewCapabilityPage is what the form for a new capability shows.
type NewCapabilityPage struct {
	Agent  models.Agent
	File   string // the import that Skills come from; "" where there was none
	Skills []ImportedSkill
}

// ImportedSkill is what an imported file says that the agent can do: a task to
// propose. Index is its place in the file.
type ImportedSkill struct {
	Index             int
	Name, Description string
}

// NewCapability is the agent for which a capability is to be drafted, with what
// its newest import proposes. An agent that the viewer may not see is NotFound.
func (s *Store) NewCapability(ctx context.Context, viewer models.Party, agentID string) (p NewCapabilityPage, err error) {
	tx := s.read.WithContext(ctx)
	sees, err := maySeeAgent(tx, viewer, agentID)
	if err != nil {
		return p, err
	}
	if !sees {
		return p, missing("agent")
	}
	agent, err := find[models.Agent](tx, "id = ?", agentID)
	if err != nil || agent == nil {
		return p, err
	}
	p.Agent = *agent
	if agent.ImportID == nil {
		return p, nil
	}
	imported, err := find[models.Import](tx, "id = ?", *agent.ImportID)
	if err != nil || imported == nil {
		return p, err
	}
	p.File, p.Skills = imported.File, skills(imported.Origins())
	return p, nil
}

var skillField = regexp.MustCompile(`^skills\[(\d{1,4})\]\.(name|description)$`)

// skills are the skills among the fields of an import, in the file's order,
// without what was a gap or could not be used.
func skills(fields []models.Origin) []ImportedSkill {
	var out []ImportedSkill
	at := map[int]int{}
	for _, o := range fields {
		m := skillField.FindStringSubmatch(o.Field)
		if m == nil || o.Value == "" || o.Status != models.FieldRead && o.Status != models.FieldOdd {
			continue
		}
		index, _ := strconv.Atoi(m[1])
		i, known := at[index]
		if !known {
			i = len(out)
			at[index] = i
			out = append(out, ImportedSkill{Index: index})
		}
		if m[2] == "name" {
			out[i].Name = o.Value
		} else {
			out[i].Description = o.Value
		}
	}
	return out
}

// maxHolders is how many people a choice offers at once.
const maxHolders = 100

// RoleHolders are active people who hold the role now and whose name or team has
// all the words of find, by name; more says that there are others. The people
// behind always are given as well, if they hold the role.
func (s *Store) RoleHolders(ctx context.Context, r models.Role, find string, always ...string) (holders []models.Party, more bool, err error) {
	holders, more, err = s.choices(ctx, "EXISTS (SELECT 1 FROM grants g WHERE g.person_id = p.id AND g.role = ? AND g.ended_at IS NULL)", []any{r}, find, always)
	return slices.DeleteFunc(holders, func(p models.Party) bool { return !p.Has(r) }), more, err
}

// PeopleChoices are active people, whatever their roles, as RoleHolders gives them.
func (s *Store) PeopleChoices(ctx context.Context, find string, always ...string) ([]models.Party, bool, error) {
	return s.choices(ctx, "1 = 1", nil, find, always)
}

func (s *Store) choices(ctx context.Context, cond string, args []any, find string, always []string) (found []models.Party, more bool, err error) {
	tx := s.read.WithContext(ctx)
	q := tx.Table("people p").Where("p.status = ?", models.PersonActive).Where(cond, args...)
	for _, word := range searchWords(find) {
		lowered, typed := likePattern(strings.ToLower(word)), likePattern(word)
		q = q.Where(`(LOWER(p.name) LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\' OR EXISTS (SELECT 1 FROM team_members m JOIN teams t ON t.id = m.team_id
			WHERE m.person_id = p.id AND m.left_at IS NULL AND (LOWER(t.name) LIKE ? ESCAPE '\' OR t.name LIKE ? ESCAPE '\')))`, lowered, typed, lowered, typed)
	}
	var ids []string
	if err := q.Order("LOWER(p.name), p.id").Limit(maxHolders+1).Pluck("p.id", &ids).Error; err != nil {
		return nil, false, fmt.Errorf("cannot look for people: %w", err)
	}
	if len(ids) > maxHolders {
		ids, more = ids[:maxHolders], true
	}
	shown := set{}
	shown.add(ids...)
	for _, id := range always {
		if id != "" && !shown[id] {
			shown.add(id)
			ids = append(ids, id)
		}
	}
	all, err := parties(tx, ids)
	if err != nil {
		return nil, false, err
	}
	for _, id := range ids {
		if p, ok := all[id]; ok && p.Person.Status == models.PersonActive {
			found = append(found, p)
		}
	}
	return found, more, nil
}
