package policy

import (
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

func document(resources ...string) models.Document {
	return models.Document{AgentID: "agt_1", CapabilityID: "cap_1", Facts: []models.Fact{
		{OperationID: "opr_1", Operation: "tickets.write", SystemID: "sys_1", Resources: resources},
	}}
}

func decide(t *testing.T, text, agent, action, name string) bool {
	t.Helper()
	ps, err := cedar.NewPolicySetFromBytes("t", []byte(text))
	require.NoError(t, err)
	system := cedar.NewEntityUID("System", "sys_1")
	resource := cedar.NewEntityUID("Resource", cedar.String(name))
	entities := cedar.EntityMap{resource: {UID: resource, Parents: cedar.NewEntityUIDSet(system), Attributes: cedar.NewRecord(cedar.RecordMap{"name": cedar.String(name)})}}
	ok, diag := cedar.Authorize(ps, entities, cedar.Request{Principal: cedar.NewEntityUID("Agent", cedar.String(agent)), Action: cedar.NewEntityUID("Action", cedar.String(action)),
		Resource: resource, Context: cedar.NewRecord(cedar.RecordMap{"capability": cedar.String("cap_1")})})
	require.Empty(t, diag.Errors)
	return bool(ok)
}

func TestCompiledPolicyAllowsWhatTheScopeSays(t *testing.T) {
	text, err := Compile(document("hr-*"))
	require.NoError(t, err)
	require.True(t, decide(t, text, "agt_1", "tickets.write", "hr-12"))
	require.False(t, decide(t, text, "agt_1", "tickets.write", "it-12"), "another resource")
	require.False(t, decide(t, text, "agt_2", "tickets.write", "hr-12"), "another agent")
	require.False(t, decide(t, text, "agt_1", "tickets.delete", "hr-12"), "another operation")
}

func TestNoTextCanEndItsLiteral(t *testing.T) {
	for _, s := range []string{`") || true || ("`, "\\", "a\nb", `\u{22}`, "\u202e", "\x00", `*`, "é😀"} {
		d := document(s)
		d.Facts[0].Operation = s
		d.AgentID = s
		text, err := Compile(d)
		require.NoError(t, err, s)
		require.False(t, decide(t, text, "agt_2", "other", "x"), s)
	}
}
