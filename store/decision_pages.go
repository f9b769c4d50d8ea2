package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"countersign/models"
)

const (
	// DecisionRows is how many decisions a page shows.
	DecisionRows = 50
	// DecisionScan is how many rows of the log a page looks at, at most: half a second.
	DecisionScan = 200_000
	// DecisionFollow is the same for what came since the page was drawn.
	DecisionFollow = 20_000
)

// DecisionFilter is what of the log is asked for; the zero one is all of it.
type DecisionFilter struct {
	Agent, Capability, Gateway string // ids
	Answer                     string // "yes", "no" or ""
	Rule                       string // an id such as scope.resource, or the beginning of several, such as scope
	From, To                   *models.Instant
}

// LoggedDecision is a row of the log with the names of today.
type LoggedDecision struct {
	models.Decision
	Agent, Title, Gateway string
	SystemName            string // where the request named it by its id
	Behind                Behind // who answered for it; nobody where nothing was in force
}

// Behind are the people of a mandate or an emergency.
type Behind struct {
	Owner, Provisioner, ControlOwner models.HistoryPerson
	Signers                          []models.HistoryPerson
	Emergency                        bool
}

// DecisionPage is a page of decisions, newest first.
type DecisionPage struct {
	Lines   []LoggedDecision
	Older   DecisionCursor // where the next page begins; zero at the end of the log
	Newest  DecisionCursor // what came later is asked for with it
	Left    models.Instant // nothing before this was looked at, because so much was; 0 where that is not so
	Looked  int64          // how many rows were looked at, at most
	More    bool           // of what came since: there is more of it
	Agent   string         // names of the filter's, where the viewer may see them
	Title   string
	Gateway string
}

// Decisions of capabilities are for whoever may see the capability (see visibility.go).
// Where no capability was found they are for auditors; for the agent's owner, where the
// agent was; and for administrators only where that says something of the installation:
// a subject that no binding knows, or a key that is confined to another team.
func decisionsFor(sees sight, by models.Party, own []string) (where piece, check bool) {
	if sees.every {
		return piece{}, false
	}
	var none []string
	var args []any
	if by.Has(models.Administrator) {
		none = append(none, "agent_id = '' OR rule = 'gateway.scope'")
	}
	if len(own) > 0 {
		none, args = append(none, "agent_id IN ?"), append(args, listed(own))
	}
	rest := "1 = 0"
	if len(none) > 0 {
		rest = "(" + strings.Join(none, " OR ") + ")"
	}
	if sees.ids != nil {
		// Where no capability is seen, the list has an empty id in it.
		return sqlOf("(capability_id <> '' AND capability_id IN ? OR capability_id = '' AND "+rest+")", append([]any{sees.ids}, args...)...), false
	}
	return sqlOf("(capability_id <> '' OR "+rest+")", args...), true
}

// eye is what of the log a person may see.
type eye struct {
	where piece
	keep  func([]models.Decision) ([]models.Decision, error) // nil where the condition says it all
}

func eyeOf(tx *gorm.DB, by models.Party) (e eye, err error) {
	sees, err := sightOf(tx, by)
	if err != nil {
		return e, err
	}
	var own []string
	if !sees.every {
		if err := tx.Raw("SELECT g.id FROM agents g WHERE g.owner_id = ? ORDER BY g.id LIMIT ?", by.Person.ID, mostSeen).Scan(&own).Error; err != nil {
			return e, fmt.Errorf("cannot look up somebody's agents: %w", err)
		}
	}
	var check bool
	if e.where, check = decisionsFor(sees, by, own); !check {
		return e, nil
	}
	known := map[string]bool{"": true} // whether the viewer may see the capability
	e.keep = func(rows []models.Decision) ([]models.Decision, error) {
		ask := set{}
		for _, d := range rows {
			if _, looked := known[d.CapabilityID]; !looked {
				ask.add(d.CapabilityID)
			}
		}
		err := inChunks(ask.list(), func(some []string) error {
			for _, id := range some {
				known[id] = false
			}
			var seen []string
			among := sees.among("c.id")
			if err := tx.Raw("SELECT c.id FROM capabilities c WHERE c.id IN ? AND "+among.sql, append([]any{some}, among.args...)...).Scan(&seen).Error; err != nil {
				return fmt.Errorf("cannot look for what may be seen: %w", err)
			}
			for _, id := range seen {
				known[id] = true
			}
			return nil
		})
		return slices.DeleteFunc(rows, func(d models.Decision) bool { return !known[d.CapabilityID] }), err
	}
	return e, nil
}

func (f DecisionFilter) where() (out piece) {
	for _, x := range [][2]string{{"agent_id", f.Agent}, {"capability_id", f.Capability}, {"gateway_id", f.Gateway}} {
		if x[1] != "" {
			out = and(out, sqlOf(x[0]+" = ?", x[1]))
		}
	}
	switch f.Answer {
	case "yes":
		out = and(out, sqlOf("allow = 1"))
	case "no":
		out = and(out, sqlOf("allow = 0"))
	}
	if f.Rule != "" {
		out = and(out, sqlOf("(rule = ? OR SUBSTR(rule, 1, ?) = ?)", f.Rule, utf8.RuneCountInString(f.Rule)+1, f.Rule+"."))
	}
	return out
}

// DecisionList is a page of the decisions that the viewer may see, newest first.
func (s *Store) DecisionList(ctx context.Context, by models.Party, f DecisionFilter, c DecisionCursor) (page DecisionPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sees, err := eyeOf(tx, by)
		if err != nil {
			return err
		}
		x, err := scanFrom(ctx, s.logged, c, f.From, f.To, DecisionScan)
		if err != nil {
			return err
		}
		rows, left, err := x.read(and(sees.where, f.where()), DecisionRows, f.From, sees.keep)
		if err != nil {
			return err
		}
		page.Newest, page.Left, page.Looked = x.end, left, x.looked
		switch next := x.newest(); {
		case left > 0:
			page.Older = x.older(left)
		case next != nil && len(rows) == DecisionRows && (f.From == nil || next.head() >= *f.From-logSkew):
			page.Older = x.older(rows[len(rows)-1].At)
		}
		if err := page.named(tx, by, f); err != nil {
			return err
		}
		page.Lines, err = decisionLines(tx, rows)
		return err
	})
	return page, err
}

// DecisionsSince are what the viewer may see of what came after a place, newest first; as
// many as a page shows.
func (s *Store) DecisionsSince(ctx context.Context, by models.Party, f DecisionFilter, c DecisionCursor) (page DecisionPage, err error) {
	x, err := scanAfter(ctx, s.logged, c, DecisionFollow)
	if err != nil {
		return page, err
	}
	if page.Newest = x.end; len(x.streams) == 0 {
		return page, nil // nothing came, and nothing more is looked up
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sees, err := eyeOf(tx, by)
		if err != nil {
			return err
		}
		rows, left, err := x.read(and(sees.where, f.where()), DecisionRows, f.From, sees.keep)
		if err != nil {
			return err
		}
		page.More = left > 0 || len(rows) == DecisionRows && x.newest() != nil
		page.Lines, err = decisionLines(tx, rows)
		return err
	})
	return page, err
}

// named are the names of what the filter asks for.
func (p *DecisionPage) named(tx *gorm.DB, by models.Party, f DecisionFilter) error {
	if f.Agent != "" {
		cond, args := seenAgent(by, "g")
		if err := tx.Raw("SELECT g.name FROM agents g WHERE g.id = ? AND "+cond, append([]any{f.Agent}, args...)...).Scan(&p.Agent).Error; err != nil {
			return fmt.Errorf("cannot load a name: %w", err)
		}
	}
	if f.Capability != "" {
		cond, args := seen(by, "m.capability_id")
		if err := tx.Raw("SELECT m.title FROM matrix_rows m WHERE m.capability_id = ? AND "+cond, append([]any{f.Capability}, args...)...).Scan(&p.Title).Error; err != nil {
			return fmt.Errorf("cannot load a title: %w", err)
		}
	}
	if f.Gateway != "" {
		if err := tx.Raw("SELECT g.name FROM gateways g WHERE g.id = ?", f.Gateway).Scan(&p.Gateway).Error; err != nil {
			return fmt.Errorf("cannot load a name: %w", err)
		}
	}
	return nil
}

// decisionLines give the rows their names, in a query for each kind of thing.
func decisionLines(tx *gorm.DB, rows []models.Decision) ([]LoggedDecision, error) {
	agents, capabilities, gateways, mandates, systems := set{}, set{}, set{}, set{}, set{}
	for _, d := range rows {
		agents.add(d.AgentID)
		capabilities.add(d.CapabilityID)
		gateways.add(d.GatewayID)
		mandates.add(d.MandateID)
		systems.add(d.System)
	}
	names, err := agentNames(tx, agents.list())
	if err != nil {
		return nil, err
	}
	titles, err := capabilityTitles(tx, capabilities.list())
	if err != nil {
		return nil, err
	}
	keys, err := byID[models.Gateway](tx, gateways.list())
	if err != nil {
		return nil, err
	}
	reached, err := byID[models.System](tx, systems.list())
	if err != nil {
		return nil, err
	}
	behind, err := peopleBehind(tx, mandates.list())
	if err != nil {
		return nil, err
	}
	out := make([]LoggedDecision, 0, len(rows))
	for _, d := range rows {
		out = append(out, LoggedDecision{Decision: d, Agent: names[d.AgentID], Title: titles[d.CapabilityID], Gateway: keys[d.GatewayID].Name, SystemName: reached[d.System].Name, Behind: behind[d.MandateID]})
	}
	return out, nil
}

func agentNames(tx *gorm.DB, ids []string) (map[string]string, error) {
	out := map[string]string{}
	err := inChunks(ids, func(some []string) error {
		var rows []struct{ ID, Name string }
		if err := tx.Raw("SELECT g.id, g.name FROM agents g WHERE g.id IN ?", some).Scan(&rows).Error; err != nil {
			return fmt.Errorf("cannot load names of agents: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r.Name
		}
		return nil
	})
	return out, err
}

// peopleBehind are the four of each mandate or emergency.
func peopleBehind(tx *gorm.DB, ids []string) (map[string]Behind, error) {
	type four struct {
		ID, OwnerID, ProvisionerID, ControlOwnerID string
		Emergency                                  bool
	}
	var rows []four
	var signed []struct{ ID, PersonID string }
	err := inChunks(ids, func(some []string) error {
		var r []four
		err := tx.Raw(`SELECT m.id, m.owner_id, m.provisioner_id, m.control_owner_id, FALSE AS emergency FROM mandates m WHERE m.id IN ?
			UNION ALL SELECT e.id, e.owner_id, e.provisioner_id, e.control_owner_id, TRUE FROM emergencies e WHERE e.id IN ?`, some, some).Scan(&r).Error
		if err != nil {
			return fmt.Errorf("cannot load who answers for it: %w", err)
		}
		rows = append(rows, r...)
		var by []struct{ ID, PersonID string }
		err = tx.Raw(`SELECT s.mandate_id AS id, s.person_id FROM seat_people s WHERE s.mandate_id IN ?
			UNION ALL SELECT e.id, e.approver_id FROM emergencies e WHERE e.id IN ? ORDER BY 1, 2`, some, some).Scan(&by).Error
		if err != nil {
			return fmt.Errorf("cannot load who signed: %w", err)
		}
		signed = append(signed, by...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	people := set{}
	for _, r := range rows {
		people.add(r.OwnerID, r.ProvisionerID, r.ControlOwnerID)
	}
	for _, x := range signed {
		people.add(x.PersonID)
	}
	names, err := parties(tx, people.list())
	if err != nil {
		return nil, err
	}
	out := map[string]Behind{}
	for _, r := range rows {
		out[r.ID] = Behind{Owner: historyPerson(names, r.OwnerID), Provisioner: historyPerson(names, r.ProvisionerID), ControlOwner: historyPerson(names, r.ControlOwnerID), Emergency: r.Emergency}
	}
	for _, x := range signed {
		b := out[x.ID]
		b.Signers = append(b.Signers, historyPerson(names, x.PersonID))
		out[x.ID] = b
	}
	return out, nil
}
