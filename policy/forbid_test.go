package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/stretchr/testify/require"
)

const everything = "forbid (principal, action, resource)"

// What is refused says why, and where, to the person who wrote it.
func TestParseForbid(t *testing.T) {
	for text, says := range map[string]string{
		"":                                      "There is no policy in it",
		"// nothing yet":                        "There is no policy in it",
		"permit (principal, action, resource);": "Line 1: this permits",
		everything + ";\npermit (principal, action, resource);": "There are 2 policies",
		everything: "Line 1, character 37: “;” is missing",
		everything + "\nwhen {\n  context.tier = \"low\"\n};":               "Line 3, character 18: here is “=” where “}” belongs",
		everything + " when { \"open };":                                    "Line 1, character 45: this cannot be read (literal not terminated)",
		everything + " when { foo(1) };":                                    "“`foo` is not a function",
		"forbid (principal == ?principal, action, resource);":               "Line 1, character 23",
		`forbid (principal == User::"x", action, resource);`:                "No request has anything of the type “User”",
		`forbid (principal is Person, action, resource);`:                   "the type “Person”",
		`forbid (principal, action in [Action::"a", Verb::"b"], resource);`: "the type “Verb”",
		everything + ` when { resource in Team::"x" };`:                     "the type “Team”",
		everything + ` when { context.tire == "low" };`:                     "“context” has no “tire”. It has capability, tier",
		everything + ` unless { principal["owner"] == "x" };`:               "“principal” has no “owner”",
		everything + ` when { action has danger };`:                         "“action” has no “danger”",
		everything + ` when { context.properties.amount > 5 };`:             "without looking first whether it is there",
		everything + ` when { context.tier > 5 };`:                          "It cannot be worked out",
		everything + ` when { ip("zz").isLoopback() };`:                     "It cannot be worked out",
		everything + " when {" + strings.Repeat("!", 7900) + "true};":       "more than 500 parts",
	} {
		err := ParseForbid(text)
		require.Error(t, err, text)
		require.Contains(t, err.Error(), strings.TrimPrefix(says, "“`"), "%.80s", text)
	}
	began := time.Now()
	for _, body := range []string{strings.Repeat("!", 7900) + "true", strings.Repeat("1+", 3900) + "1 == 1", "context" + strings.Repeat(".a", 3900), strings.Repeat("[", 3900) + strings.Repeat("]", 3900)} {
		require.ErrorContains(t, ParseForbid(everything+" when {"+body+"};"), "Split it into several")
	}
	require.Less(t, time.Since(began), time.Second, "it is looked at while nothing else is written")
	for _, text := range []string{
		everything + ";",
		"@because(\"of the audit\")\n" + everything + ";",
		"// A word before.\n" + everything + ` when { resource in System::"sys_1" } unless { principal is Agent && principal == Agent::"agt_2" };`,
		everything + ` when { context has properties && context.properties has amount && context.properties.amount > 5 };`,
		everything + ` when { {type: "x", id: "y"}.type == "x" };`,
		everything + " when {" + strings.Repeat("(", 3900) + "true" + strings.Repeat(")", 3900) + "};",
	} {
		require.NoError(t, ParseForbid(text), "%.80s", text)
	}
}

// What the page says that a forbid sees is what a request has.
func TestForbidSeesWhatThereIs(t *testing.T) {
	entities, asked := world(Request{Action: "tickets.write", Resource: Entity{ID: "1"}}, said{}, &Capability{}, nil, &grant{system: "sys_1"}, 0, 0, 0)
	for _, seen := range ForbidSees {
		var has cedar.Record
		switch seen.Variable {
		case "principal":
			has = entities[asked.Principal].Attributes
		case "action":
			has = entities[asked.Action].Attributes
		case "resource":
			has = entities[asked.Resource].Attributes
		case "context":
			has = asked.Context
		}
		var said []string
		for _, a := range seen.Attributes {
			said = append(said, a.Name)
		}
		var names []string
		for name := range has.Keys() {
			names = append(names, string(name))
		}
		require.ElementsMatch(t, names, said, seen.Variable)
	}
}

// The examples can be taken as they are.
func TestForbidExamples(t *testing.T) {
	require.Len(t, ForbidExamples, 3)
	for _, e := range ForbidExamples {
		require.NoError(t, ParseForbid(e.Text), e.Title)
	}
}
