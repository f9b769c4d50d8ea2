package policy

import (
	"cmp"
	"slices"

	"countersign/models"
)

// MaxSearch is how many operations one search looks at.
const MaxSearch = 1_000

// Search says which of the operations that an agent's tasks grant in a system would be
// answered with yes now, in the order in which its tasks and their scopes have them. It
// asks Answer about each, so it says no more than that would. The request's action does not
// count. from is how many operations a search before looked at; next is 0 where this one
// came to the end, and otherwise what the following one begins from.
func (s *Snapshot) Search(req Request, gw models.Gateway, at models.Instant, used func(capability string) int64, from, limit int) (actions []string, next int) {
	granted := s.granted(req, gw)
	for i := min(from, len(granted)); i < len(granted); i++ {
		if len(actions) == limit || i == from+MaxSearch {
			return actions, i
		}
		req.Action = granted[i]
		if s.Answer(req, gw, at, used).Allow {
			actions = append(actions, req.Action)
		}
	}
	return actions, 0
}

// granted are the operations of the request's system in the tasks of its agent, each once.
func (s *Snapshot) granted(req Request, gw models.Gateway) (names []string) {
	x := &asked{Snapshot: s, req: req, gw: gw}
	if x.agent() != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, c := range s.agents[x.out.AgentID].Capabilities {
		if named := req.Context.Capability; named != "" && named != c.CapabilityID {
			continue
		}
		var some []*grant
		for i := range c.grants {
			if g := &c.grants[i]; g.system == req.Resource.Type || g.systemName == req.Resource.Type {
				some = append(some, g)
			}
		}
		slices.SortFunc(some, func(a, b *grant) int { return cmp.Compare(a.no, b.no) })
		for _, g := range some {
			if !seen[g.operation] {
				seen[g.operation] = true
				names = append(names, g.operation)
			}
		}
	}
	return names
}
