package handlers

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"countersign/policy"
)

// request is what is decided. Whole members of a batch's item take the place of the
// batch's own.
func (in accessRequest) request() (req policy.Request, err error) {
	switch {
	case !in.Subject.there:
		return req, errors.New("subject is missing")
	case !in.Action.Name.there:
		return req, errors.New("action.name is missing")
	case !in.Resource.there:
		return req, errors.New("resource is missing")
	}
	if req.Subject, err = in.Subject.entity("subject"); err != nil {
		return req, err
	}
	if req.Resource, err = in.Resource.entity("resource"); err != nil {
		return req, err
	}
	if req.Action = in.Action.Name.is; !plainID(req.Action) {
		return req, errors.New("action.name is empty, too long, or has control characters")
	}
	req.Context, err = in.Context.Context, in.Context.bad
	if !in.Context.there {
		req.Context.Volume = 1
	}
	return req, err
}

func (e accessEntity) entity(name string) (policy.Entity, error) {
	switch {
	case !e.Type.there:
		return policy.Entity{}, errors.New(name + ".type is missing")
	case !e.ID.there:
		return policy.Entity{}, errors.New(name + ".id is missing")
	case !plainID(e.Type.is) || !plainID(e.ID.is):
		return policy.Entity{}, errors.New(name + ".type or .id is empty, too long, or has control characters")
	}
	return policy.Entity{Type: e.Type.is, ID: e.ID.is, Properties: e.Properties}, nil
}

// plainID is text that can be logged and compared: bounded, and without control characters.
func plainID(s string) bool {
	return s != "" && len(s) <= policy.MaxID && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

// accessContext is a request's context: what is known of it picked out. bad is what is wrong
// with a known member: that item of a batch is then none.
type accessContext struct {
	policy.Context
	there bool
	bad   error
}

// number takes a known member that is no text.
func (c *accessContext) number(name string, v any) {
	if name == "act" {
		chain, err := accessChain(v)
		if c.Chain = chain; err != nil {
			c.bad = err
		}
		return
	}
	n, ok := v.(float64)
	if !ok || n != math.Trunc(n) || n < 1 || n > policy.MaxVolume {
		c.bad = fmt.Errorf("context.volume is not a whole number from 1 to %d", policy.MaxVolume)
		return
	}
	c.Volume = int64(n)
}

// known is where a member of this name goes; nil for one that is no text, or not known. These
// and the two above are policy.KnownContext.
func (c *accessContext) known(name string) *string {
	switch name {
	case "capability":
		return &c.Capability
	case "task":
		return &c.Task
	case "instance":
		return &c.Instance
	case "trace_id":
		return &c.Trace
	case "environment":
		return &c.Environment
	case "sensitivity":
		return &c.Sensitivity
	case "manifest":
		return &c.Manifest
	}
	return nil
}

// accessChain reads nested actors (RFC 8693, section 4.1): sub is an agent's id, the
// outermost the nearest.
func accessChain(v any) (chain []policy.Hop, err error) {
	for v != nil {
		act, ok := v.(map[string]any)
		if !ok {
			return nil, errors.New("context.act is not an actor with a sub")
		}
		agent, ok := act["sub"].(string)
		if !ok || !plainID(agent) {
			return nil, errors.New("context.act has no sub that is an agent’s id")
		}
		hop := policy.Hop{Agent: agent}
		if named, there := act["capability"]; there {
			if hop.Capability, ok = named.(string); !ok || !plainID(hop.Capability) {
				return nil, errors.New("context.act.capability is not an id")
			}
		}
		if chain = append(chain, hop); len(chain) > policy.MaxChain {
			return nil, fmt.Errorf("context.act has more than %d actors", policy.MaxChain)
		}
		v = act["act"]
	}
	return chain, nil
}
