package policy

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// Snapshot is everything that a decision looks at, as of one moment. It is never
// changed: With makes the next one. Grants are data, found in an index; Cedar runs
// only where a scope has a condition or the organisation forbids something.
type Snapshot struct {
	Epoch int64 // of the last change that it knows
	Fence int64 // of the last change that may turn a yes into a no

	agents   map[string]*Agent
	subjects map[models.Subject]string // open bindings → agent
	gateways map[string]models.Gateway // by the key's hash
	holds    map[Target]models.Hold    // the oldest open hold on each target
	forbids  Forbids
	people   map[string]Person
}

// Target is what a hold is on.
type Target struct{ Kind, ID string }

// Person is what an answer needs of somebody: a no names whom to turn to, and gateways,
// stops and forbids go by the teams of a capability's owner.
type Person struct {
	Name  string
	Teams []string
}

// Agent is an agent with what it has in force, what runs in an emergency first.
type Agent struct {
	ID, Name     string
	Subjects     []models.Subject // its open identity bindings
	Capabilities []*Capability
}

// Capability is one capability in force, made for being looked up.
type Capability struct {
	models.InForce // without the document

	Title       string
	Tier        models.Tier
	Manifest    string // digest of the agent revision that was signed
	limit       int64
	sensitivity int
	windows     models.Windows
	when        string           // the condition's text
	condition   *cedar.PolicySet // nil for none
	grants      []grant          // sorted by operation, then system
}

type grant struct {
	no                                                     int // in the scope, as people wrote it
	operation, operationID, system, systemName, systemKind string
	access                                                 string
	effects                                                []string
	sensitivity                                            int
	resources                                              []string
}

// NewCapability prepares what is in force for being looked up. What cannot be
// understood is an error: it does not run.
func NewCapability(c models.InForce) (*Capability, error) {
	d := c.Document
	c.Document = models.Document{}
	windows, err := models.ParseWindows(d.Task.Windows)
	if err != nil {
		return nil, fmt.Errorf("cannot read the time window of %s: %w", c.VersionID, err)
	}
	out := &Capability{InForce: c, Title: d.Task.Title, Tier: d.Tier, Manifest: d.AgentRevision, limit: int64(d.Task.VolumeLimit), sensitivity: sensitivity(d.Task.Sensitivity), windows: windows, when: d.Scope.When,
		grants: make([]grant, len(d.Facts))}
	if d.Scope.When != "" {
		if err := CheckCondition(d.Scope.When); err != nil {
			return nil, fmt.Errorf("cannot read the condition of %s: %w", c.VersionID, err)
		}
		if out.condition, err = cedar.NewPolicySetFromBytes("condition.cedar", []byte(conditionPolicy(d.Scope.When))); err != nil {
			return nil, fmt.Errorf("cannot read the condition of %s: %w", c.VersionID, err)
		}
	}
	for i, f := range d.Facts {
		out.grants[i] = grant{no: i, operation: f.Operation, operationID: f.OperationID, system: f.SystemID, systemName: f.System, systemKind: f.SystemKind, access: f.Access, effects: f.Effects,
			sensitivity: sensitivity(f.Sensitivity), resources: f.Resources}
	}
	slices.SortFunc(out.grants, func(a, b grant) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.system, b.system), cmp.Compare(a.operationID, b.operationID))
	})
	return out, nil
}

// find is the grant for an operation of a system and a resource. Where there is none, near
// is one for the operation on other resources, or nil.
func (c *Capability) find(operation, system, resource string) (found, near *grant) {
	i, _ := slices.BinarySearchFunc(c.grants, operation, func(g grant, op string) int { return cmp.Compare(g.operation, op) })
	for ; i < len(c.grants) && c.grants[i].operation == operation; i++ {
		g := &c.grants[i]
		if g.system != system && g.systemName != system {
			continue
		}
		if len(g.resources) == 0 || slices.ContainsFunc(g.resources, func(p string) bool { return matches(p, resource) }) {
			return g, nil
		}
		near = g
	}
	return nil, near
}

// Parts are what With puts in place of what there was. A nil member stays as it was.
type Parts struct {
	Agents   map[string]*Agent // a nil agent goes
	Gateways map[string]models.Gateway
	Holds    map[Target]models.Hold
	Forbids  *Forbids
	People   map[string]Person
}

// With is the snapshot with some of it in place of what there was. On a nil snapshot
// it is the first one.
func (s *Snapshot) With(epoch, fence int64, p Parts) *Snapshot {
	next := &Snapshot{}
	if s != nil {
		*next = *s
	}
	next.Epoch, next.Fence = epoch, fence
	if p.Agents != nil {
		if next.agents = maps.Clone(next.agents); next.agents == nil {
			next.agents = make(map[string]*Agent, len(p.Agents))
		}
		if next.subjects = maps.Clone(next.subjects); next.subjects == nil {
			next.subjects = make(map[models.Subject]string, len(p.Agents))
		}
		for id, a := range p.Agents {
			next.put(id, a)
		}
	}
	if p.Gateways != nil {
		next.gateways = p.Gateways
	}
	if p.Holds != nil {
		next.holds = p.Holds
	}
	if p.Forbids != nil {
		next.forbids = *p.Forbids
	}
	if p.People != nil {
		next.people = p.People
	}
	return next
}

func (s *Snapshot) put(id string, a *Agent) {
	if was := s.agents[id]; was != nil {
		for _, x := range was.Subjects {
			if s.subjects[x] == id {
				delete(s.subjects, x)
			}
		}
	}
	if a == nil {
		delete(s.agents, id)
		return
	}
	s.agents[id] = a
	for _, x := range a.Subjects {
		s.subjects[x] = id
	}
}

// Gateway is the gateway whose key has this hash, if it may ask now.
func (s *Snapshot) Gateway(hash string, now models.Instant) (models.Gateway, bool) {
	g, known := s.gateways[hash]
	return g, known && g.Open(now)
}

// Same says whether two snapshots say the same of everything but when they were made.
// For tests: it takes as long as they are large.
func (s *Snapshot) Same(o *Snapshot) bool {
	a, b := *s, *o
	return reflect.DeepEqual(a.holds, b.holds) && reflect.DeepEqual(a.gateways, b.gateways) && reflect.DeepEqual(a.people, b.people) && maps.Equal(a.subjects, b.subjects) &&
		(a.forbids.set == nil) == (b.forbids.set == nil) && maps.EqualFunc(a.agents, b.agents, func(x, y *Agent) bool {
		return x.Name == y.Name && slices.Equal(x.Subjects, y.Subjects) && slices.EqualFunc(x.Capabilities, y.Capabilities, func(c, d *Capability) bool {
			return reflect.DeepEqual(c.InForce, d.InForce) && reflect.DeepEqual(c.grants, d.grants)
		})
	})
}
