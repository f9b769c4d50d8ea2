package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
)

// Entities are the types that a request has.
const (
	AgentEntity    = "Agent"
	ActionEntity   = "Action"
	ResourceEntity = "Resource"
	SystemEntity   = "System"
)

// ForbidSees is what a policy may ask of a request, by variable: each attribute with what
// it is in words. What is not here no request has.
var ForbidSees = []Seen{
	{"principal", `Agent::"<the agent's id>"`, []Attribute{
		{"id", "text"}, {"name", "text"}, {"team", "text: the id of its owner's team"}, {"environments", "set of text, such as [\"production\"]"}}},
	{"action", `Action::"<the operation>"`, []Attribute{
		{"access", "text: read, write, …"}, {"effects", "set of text, such as [\"irreversible\"]"}}},
	{"resource", `Resource::"<its id>", in System::"<the system's id>"`, []Attribute{
		{"id", "text"}, {"name", "text"}, {"system", "text: the system's name"}, {"system_kind", "text"}, {"sensitivity", "text"}, {"properties", "record: what the gateway says of it"}}},
	{"context", "what the request says of the moment", []Attribute{
		{"capability", "text: its id"}, {"tier", "text: low, moderate, high, critical"}, {"sensitivity", "text"}, {"volume", "whole number: so many so far today"},
		{"task_run", "text"}, {"environment", "text"}, {"properties", "record: what the gateway says of it"}}},
}

// Seen is one variable of a policy with the attributes that it has.
type Seen struct {
	Variable, Is string
	Attributes   []Attribute
}

// Attribute is a name and what is under it, in words.
type Attribute struct{ Name, Is string }

// ForbidExamples are ready to be copied and changed.
var ForbidExamples = []struct{ Title, Text string }{
	{"Nobody deletes in production", `forbid (
  principal,
  action,
  resource
)
when {
  principal.environments.contains("production") &&
  action.access == "delete"
};`},
	{"Nothing that cannot be undone on confidential data", `forbid (
  principal,
  action,
  resource
)
when {
  action.effects.contains("irreversible") &&
  context.sensitivity == "confidential"
};`},
	{"No payment above 10,000", `forbid (
  principal,
  action == Action::"payments.create",
  resource
)
when {
  resource.properties has amount &&
  resource.properties.amount > 10000
};`},
}

// ParseForbid says what is wrong with the text of a forbid, for the person who wrote it,
// or nil: exactly one Cedar policy that forbids, that asks only for what a request has,
// and that can be worked out on one. A policy that errs on a request denies it, so what
// would always err is refused here.
func ParseForbid(text string) error {
	policies, err := cedar.NewPolicyListFromBytes("", []byte(text))
	switch {
	case err != nil:
		return syntaxError(err)
	case len(policies) == 0:
		return errors.New("There is no policy in it. Begin with one of the examples.")
	case len(policies) > 1:
		return fmt.Errorf("There are %d policies in it. Write one; another is a forbid of its own.", len(policies))
	case policies[0].Effect() != cedar.Forbid:
		return fmt.Errorf("Line %d: this permits. Only “forbid” is taken here: what an agent may do comes from what is signed, and nothing else.", policies[0].Position().Line)
	}
	raw, err := policies[0].MarshalJSON()
	if err != nil { // nested deeper than a request can be worked out
		return errors.New("It is nested too deeply. Write it with fewer brackets and signs.")
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return errors.New("It is nested too deeply. Write it with fewer brackets and signs.")
	}
	if err := known(tree); err != nil {
		return err
	}
	return worksOut(policies[0])
}

var (
	place  = regexp.MustCompile(`<input>:(\d+):(\d+)`)
	wanted = regexp.MustCompile(`exact got (.*) want (.*)$`)
	plain  = regexp.MustCompile(`^.*<input>:\d+:\d+:? ?("(?:[^"\\]|\\.)*")?:? ?`)
)

// syntaxError is the parser's error with its line, in words.
func syntaxError(err error) error {
	said := err.Error()
	where := ""
	if m := place.FindStringSubmatch(said); m != nil {
		where = "Line " + m[1] + ", character " + m[2] + ": "
	}
	what := "this cannot be read (" + plain.ReplaceAllString(said, "") + ")"
	if m := wanted.FindStringSubmatch(said); m != nil {
		what = "“" + m[2] + "” is missing"
		if m[1] != "" {
			what = "here is “" + m[1] + "” where “" + m[2] + "” belongs"
		}
	}
	return errors.New(where + what + ".")
}

// known walks a policy's JSON form: every entity is of a type that a request has, and
// every attribute of a variable is one that it has. A misspelt one would never match.
func known(node any) error {
	switch x := node.(type) {
	case []any:
		for _, y := range x {
			if err := known(y); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := knownHere(x); err != nil {
			return err
		}
		for _, y := range x {
			if err := known(y); err != nil {
				return err
			}
		}
	}
	return nil
}

func knownHere(x map[string]any) error {
	types := []string{AgentEntity, ActionEntity, ResourceEntity, SystemEntity}
	kind, isType := x["entity_type"].(string)
	if id, ok := x["id"].(string); ok && len(x) == 2 && !isType {
		if kind, isType = x["type"].(string); !isType {
			return fmt.Errorf("The entity “%s” has no type.", id)
		}
	}
	if isType && !slices.Contains(types, kind) {
		return fmt.Errorf("No request has anything of the type “%s”. There are %s.", kind, strings.Join(types, ", "))
	}
	for _, op := range []string{".", "has"} {
		of, ok := x[op].(map[string]any)
		if !ok {
			continue
		}
		left, _ := of["left"].(map[string]any)
		variable, isVariable := left["Var"].(string)
		attribute, _ := of["attr"].(string)
		i := slices.IndexFunc(ForbidSees, func(s Seen) bool { return s.Variable == variable })
		if !isVariable || i < 0 {
			continue
		}
		var names []string
		for _, a := range ForbidSees[i].Attributes {
			names = append(names, a.Name)
		}
		if !slices.Contains(names, attribute) {
			return fmt.Errorf("“%s” has no “%s”. It has %s.", variable, attribute, strings.Join(names, ", "))
		}
	}
	return nil
}

// worksOut asks the policy about one request in which everything is there, and about one
// whose properties are empty.
func worksOut(p *cedar.Policy) error {
	set := cedar.NewPolicySet()
	set.Add("forbid", p)
	text := func(s string) cedar.Value { return cedar.String(s) }
	agent, action := cedar.NewEntityUID(AgentEntity, "agt_1"), cedar.NewEntityUID(ActionEntity, "tickets.write")
	resource, system := cedar.NewEntityUID(ResourceEntity, "1"), cedar.NewEntityUID(SystemEntity, "sys_1")
	none := cedar.NewRecord(cedar.RecordMap{})
	entities := cedar.EntityMap{
		system: {UID: system},
		agent: {UID: agent, Attributes: cedar.NewRecord(cedar.RecordMap{"id": text("agt_1"), "name": text("Agent"), "team": text("tea_1"),
			"environments": cedar.NewSet(text("production"))})},
		action: {UID: action, Attributes: cedar.NewRecord(cedar.RecordMap{"access": text("write"), "effects": cedar.NewSet(text("irreversible"))})},
		resource: {UID: resource, Parents: cedar.NewEntityUIDSet(system), Attributes: cedar.NewRecord(cedar.RecordMap{"id": text("1"), "name": text("Ticket"),
			"system": text("Desk"), "system_kind": text("saas"), "sensitivity": text("internal"), "properties": none})},
	}
	_, said := cedar.Authorize(set, entities, cedar.Request{Principal: agent, Action: action, Resource: resource, Context: cedar.NewRecord(cedar.RecordMap{
		"capability": text("cap_1"), "tier": text("low"), "sensitivity": text("internal"), "volume": cedar.Long(1), "task_run": text("run"),
		"environment": text("production"), "properties": none})})
	if len(said.Errors) == 0 {
		return nil
	}
	why := said.Errors[0].Message
	if strings.Contains(why, "attribute") {
		return fmt.Errorf("It asks for a property without looking first whether it is there, so a request without it could not be decided (%s). Write for instance: context.properties has amount && context.properties.amount > 5.", why)
	}
	return fmt.Errorf("It cannot be worked out on a request, which would then be refused whatever it is (%s).", why)
}
