package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// What a condition and a forbid see of a request. Names of entities and attributes are
// part of what people sign, so they stay as they are:
//
//	principal  Agent::"<id>"       id, name, team (set), environments (set)
//	action     Action::"<name>"    access, effects (set)
//	resource   Resource::"<id>" in System::"<id>"
//	                               id, name, system, system_kind, sensitivity, properties
//	context                        capability, tier, sensitivity (0 to 3), volume, used, windows (set),
//	                               task_run, environment, subject, properties
func world(req Request, of said, c *Capability, teams []string, g *grant, sens int, used int64, at models.Instant) (cedar.EntityMap, cedar.Request) {
	agent := cedar.NewEntityUID("Agent", cedar.String(c.AgentID))
	action := cedar.NewEntityUID("Action", cedar.String(req.Action))
	resource := cedar.NewEntityUID("Resource", cedar.String(req.Resource.ID))
	system := cedar.NewEntityUID("System", cedar.String(g.system))
	entities := cedar.EntityMap{
		agent: {UID: agent, Attributes: cedar.NewRecord(cedar.RecordMap{"id": cedar.String(c.AgentID), "name": cedar.String(c.AgentName),
			"team": words(teams), "environments": words(c.Environments)})},
		action: {UID: action, Attributes: cedar.NewRecord(cedar.RecordMap{"access": cedar.String(g.access), "effects": words(g.effects)})},
		resource: {UID: resource, Parents: cedar.NewEntityUIDSet(system), Attributes: cedar.NewRecord(cedar.RecordMap{"id": cedar.String(req.Resource.ID), "name": cedar.String(req.Resource.ID),
			"system": cedar.String(g.systemName), "system_kind": cedar.String(g.systemKind), "sensitivity": cedar.String(sensitivityWord(g.sensitivity)), "properties": of.resource})},
	}
	context := cedar.NewRecord(cedar.RecordMap{
		"capability": cedar.String(c.CapabilityID), "tier": cedar.String(c.Tier), "sensitivity": cedar.Long(sens), "volume": cedar.Long(req.Context.Volume), "used": cedar.Long(used),
		"windows": words(c.windows.Open(at)), "task_run": cedar.String(req.Context.Task), "environment": cedar.String(req.Context.Environment),
		"subject":    cedar.NewRecord(cedar.RecordMap{"type": cedar.String(req.Subject.Type), "id": cedar.String(req.Subject.ID), "properties": of.subject}),
		"properties": of.context,
	})
	return entities, cedar.Request{Principal: agent, Action: action, Resource: resource, Context: context}
}

// said are the properties of a request as Cedar knows them; the zero one has none.
type said struct{ subject, resource, context cedar.Record }

func saidBy(req Request) (out said, err error) {
	for _, part := range []struct {
		from Properties
		to   *cedar.Record
	}{{req.Subject.Properties, &out.subject}, {req.Resource.Properties, &out.resource}, {req.Context.Said, &out.context}} {
		m, err := part.from.read()
		if err != nil {
			return out, fmt.Errorf("what the request says cannot be read: %w", err)
		}
		if part.to == &out.context {
			for _, name := range KnownContext {
				delete(m, name)
			}
		}
		*part.to = record(m, 0)
	}
	return out, nil
}

// holds says whether a condition is true. One that fails is not.
func (c *Capability) holds(entities cedar.EntityMap, req cedar.Request) (bool, error) {
	if c.condition == nil {
		return true, nil
	}
	decision, diag := cedar.Authorize(c.condition, entities, req)
	if len(diag.Errors) > 0 {
		return false, errors.New(diag.Errors[0].Message)
	}
	return bool(decision), nil
}

// forbid is the id of the forbid that forbids the request; "" for none. A forbid that
// fails would be skipped by Cedar, and so forbid no longer: it is an error here.
func (f Forbids) forbid(entities cedar.EntityMap, req cedar.Request) (string, error) {
	if f.err != nil {
		return "", f.err
	}
	if f.set == nil {
		return "", nil
	}
	decision, diag := cedar.Authorize(f.set, entities, req)
	if len(diag.Errors) > 0 {
		id, _, _ := strings.Cut(string(diag.Errors[0].PolicyID), "/")
		return id, errors.New(diag.Errors[0].Message)
	}
	if bool(decision) {
		return "", nil
	}
	var ids []string
	for _, r := range diag.Reasons {
		id, _, _ := strings.Cut(string(r.PolicyID), "/")
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return "", errors.New("nothing permits it")
	}
	return slices.Min(ids), nil
}

func words(list []string) cedar.Set {
	out := make([]cedar.Value, len(list))
	for i, s := range list {
		out[i] = cedar.String(s)
	}
	return cedar.NewSet(out...)
}

// deepest is how deep properties are looked into.
const deepest = 8

// record is JSON as Cedar knows it: text, truth, whole numbers, lists and records.
// What it does not know (null, fractions, what lies too deep) is left out: a policy
// that looks at it fails, and what fails denies.
func record(m map[string]any, depth int) cedar.Record {
	out := make(cedar.RecordMap, len(m))
	for k, v := range m {
		if x := value(v, depth+1); x != nil {
			out[cedar.String(k)] = x
		}
	}
	return cedar.NewRecord(out)
}

func value(v any, depth int) cedar.Value {
	if depth > deepest {
		return nil
	}
	switch v := v.(type) {
	case string:
		return cedar.String(v)
	case bool:
		return cedar.Boolean(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return cedar.Long(int64(v))
		}
	case []any:
		var list []cedar.Value
		for _, x := range v {
			if x := value(x, depth+1); x != nil {
				list = append(list, x)
			}
		}
		return cedar.NewSet(list...)
	case map[string]any:
		return record(v, depth)
	}
	return nil
}

func sensitivityWord(rank int) string {
	if rank < 0 || rank >= len(models.Sensitivities) {
		return ""
	}
	return models.Sensitivities[rank].Value
}
