package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"countersign/models"
)

// entityTypes are those that a request has.
var entityTypes = []string{"Agent", "Action", "Resource", "System"}

// ForbidSees is what a policy may ask of a request, by variable: each attribute with what
// it is in words. What is not here no request has; a test holds it against world.
var ForbidSees = []Seen{
	{"principal", `Agent::"<the agent's id>"`, []Attribute{
		{"id", "text"}, {"name", "text"}, {"team", "set of text: the ids of its owner’s teams"}, {"environments", "set of text, such as [\"production\"]"}}},
	{"action", `Action::"<the operation>"`, []Attribute{
		{"access", "text: list, read, write, permissions or unknown"}, {"effects", "set of text, such as [\"irreversible\"]"}}},
	{"resource", `Resource::"<its id>", in System::"<the system's id>"`, []Attribute{
		{"id", "text"}, {"name", "text"}, {"system", "text: the system’s name"}, {"system_kind", "text"},
		{"sensitivity", "text, of the system: public, internal, confidential or restricted"}, {"properties", "record: what the gateway says of it"}}},
	{"context", "what is said of the moment", []Attribute{
		{"capability", "text: its id"}, {"tier", "text: low, moderate, high or critical"},
		{"sensitivity", "whole number, of the data: 0 public, 1 internal, 2 confidential, 3 restricted"},
		{"volume", "whole number: how many actions this is"}, {"used", "whole number: how many there were before, of those that are counted"},
		{"windows", "set of text: the time windows that are open"}, {"task_run", "text"}, {"environment", "text"},
		{"subject", "record: type, id and properties, as the gateway sent it"}, {"properties", "record: what the gateway says of it"}}},
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
	{"Nobody changes permissions in production", `forbid (
  principal,
  action,
  resource
)
when {
  principal.environments.contains("production") &&
  action.access == "permissions"
};`},
	{"Nothing that cannot be undone on data that is confidential or more", `forbid (
  principal,
  action,
  resource
)
when {
  action.effects.contains("irreversible") &&
  context.sensitivity >= 2
};`},
	{"No payment above 10,000", `forbid (
  principal,
  action,
  resource
)
when {
  action.effects.contains("outbound-payment") &&
  context.properties has amount &&
  context.properties.amount > 10000
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
		return wrong("There is no policy in it. Begin with one of the examples.")
	case len(policies) > 1:
		return wrong("There are %d policies in it. Write one; another is a forbid of its own.", len(policies))
	case policies[0].Effect() != cedar.Forbid:
		return wrong("Line %d: this permits. Only “forbid” is taken here: what an agent may do comes from what is signed, and nothing else.", policies[0].Position().Line)
	}
	tree := (*ast.Policy)(policies[0].AST())
	if err := bounded(tree); err != nil {
		return err
	}
	if err := known(tree); err != nil {
		return err
	}
	return worksOut(policies[0])
}

// mostNodes is how many operators, values and variables a forbid may have: each is looked
// at in every decision.
const mostNodes = 500

func bounded(p *ast.Policy) error {
	n := 0
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(ast.IsNode) bool {
			n++
			return n <= mostNodes
		})
	}
	if n > mostNodes {
		return wrong("It has more than %d parts, each of which would be looked at in every decision. Split it into several.", mostNodes)
	}
	return nil
}

// aMistake is what is wrong with a text, in a sentence for whoever wrote it.
type aMistake string

func (m aMistake) Error() string { return string(m) }

func wrong(format string, args ...any) error { return aMistake(fmt.Sprintf(format, args...)) }

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
	return wrong("%s%s.", where, what)
}

// known looks whether every entity is of a type that a request has, and every attribute of
// a variable one that it has: a misspelt one would never match.
func known(p *ast.Policy) (err error) {
	for _, scope := range []ast.IsScopeNode{p.Principal, p.Action, p.Resource} {
		for _, kind := range kindsOf(scope) {
			if err := knownType(kind); err != nil {
				return err
			}
		}
	}
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			if err == nil {
				err = knownNode(n)
			}
			return err == nil
		})
	}
	return err
}

func kindsOf(scope ast.IsScopeNode) (kinds []types.EntityType) {
	switch s := scope.(type) {
	case ast.ScopeTypeEq:
		kinds = append(kinds, s.Entity.Type)
	case ast.ScopeTypeIn:
		kinds = append(kinds, s.Entity.Type)
	case ast.ScopeTypeInSet:
		for _, e := range s.Entities {
			kinds = append(kinds, e.Type)
		}
	case ast.ScopeTypeIs:
		kinds = append(kinds, s.Type)
	case ast.ScopeTypeIsIn:
		kinds = append(kinds, s.Type, s.Entity.Type)
	}
	return kinds
}

func knownNode(n ast.IsNode) error {
	switch x := n.(type) {
	case ast.NodeValue:
		if e, ok := x.Value.(types.EntityUID); ok {
			return knownType(e.Type)
		}
	case ast.NodeTypeIs:
		return knownType(x.EntityType)
	case ast.NodeTypeIsIn:
		return knownType(x.EntityType)
	case ast.NodeTypeAccess:
		return knownAttribute(x.StrOpNode)
	case ast.NodeTypeHas:
		return knownAttribute(x.StrOpNode)
	}
	return nil
}

func knownType(kind types.EntityType) error {
	if !slices.Contains(entityTypes, string(kind)) {
		return wrong("No request has anything of the type “%s”. There are %s.", kind, strings.Join(entityTypes, ", "))
	}
	return nil
}

func knownAttribute(of ast.StrOpNode) error {
	variable, ok := of.Arg.(ast.NodeTypeVariable)
	if !ok {
		return nil // of a record within, whose names are the gateway's own
	}
	for _, seen := range ForbidSees {
		if seen.Variable != string(variable.Name) {
			continue
		}
		var names []string
		for _, a := range seen.Attributes {
			names = append(names, a.Name)
		}
		if !slices.Contains(names, string(of.Value)) {
			return wrong("“%s” has no “%s”. It has %s.", variable.Name, of.Value, strings.Join(names, ", "))
		}
	}
	return nil
}

// worksOut asks the policy about one request whose properties are empty.
func worksOut(p *cedar.Policy) error {
	set := cedar.NewPolicySet()
	set.Add("forbid", p)
	entities, asked := world(Request{Subject: Entity{Type: "agent", ID: "agt_1"}, Action: "tickets.write", Resource: Entity{Type: "Desk", ID: "1"}, Context: Context{Volume: 1}}, said{},
		&Capability{InForce: models.InForce{AgentID: "agt_1", CapabilityID: "cap_1", Environments: []string{"production"}}, Tier: models.Low}, []string{"Desk"},
		&grant{operation: "tickets.write", system: "sys_1", systemName: "Desk", systemKind: "saas", access: "write", effects: []string{"outbound-payment", "irreversible"}}, 3, 0, 0)
	_, said := cedar.Authorize(set, entities, asked)
	if len(said.Errors) == 0 {
		return nil
	}
	why := said.Errors[0].Message
	if strings.Contains(why, "attribute") {
		return wrong("It asks for a property without looking first whether it is there, so a request without it could not be decided (%s). Write for instance: context.properties has amount && context.properties.amount > 5.", why)
	}
	return wrong("It cannot be worked out on a request, which would then be refused whatever it is (%s).", why)
}

// AsksForProperties says whether a text that ParseForbid takes looks at what gateways say in
// properties.
func AsksForProperties(text string) bool {
	policies, err := cedar.NewPolicyListFromBytes("", []byte(text))
	if err != nil || len(policies) != 1 {
		return false
	}
	asks := false
	for _, c := range (*ast.Policy)(policies[0].AST()).Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			if x, ok := n.(ast.NodeTypeAccess); ok && x.Value == "properties" {
				asks = true
			}
			return !asks
		})
	}
	return asks
}
