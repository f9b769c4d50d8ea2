package models

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func someDocument() Document {
	return Document{Format: "countersign/version/1", CapabilityID: "cap_1", No: 1, AgentID: "agt_1", AgentRevision: "aaaa", TierRules: "rul_1", Tier: Low, Need: 1,
		Task: Task{Title: "Answer leave questions", Task: "Answers questions", Acceptable: "Right answers", Forbidden: "Wrong answers", Sensitivity: "internal",
			Autonomy: "asks", Windows: "on workdays", VolumeLimit: 50, StartOn: "2026-01-01", EndOn: "2026-12-31"},
		Scope: Scope{LifetimeMinutes: 15, Conditions: "Only tickets of HR", Secrets: []string{"sec_1"}, Grants: []ScopeGrant{{OperationID: "opr_1"}}},
		Oversight: Oversight{Signals: "Denials", AlertRoute: "#oncall", Escalation: []string{"Head of security"}, StopHow: "The button", StopBy: "Any of the four",
			StopWithinMinutes: 5, RotateSecrets: []string{"sec_1"}},
		Facts: []Fact{{OperationID: "opr_1", Operation: "records.read", Title: "Read records", Access: "read", Effects: []string{"sensitive-records"},
			SystemID: "sys_1", System: "CRM", SystemKind: "saas", Sensitivity: "internal", Resources: []string{"eu-*"}}},
		Secrets: []Secret{{ID: "sec_1", Name: "CRM token", Reference: "vault/crm", SystemID: "sys_1"}},
		Ask:     Ask{Approvers: 1, LifetimeMinutes: 60, ReviewDays: 90, GraceDays: 7, DrillDays: 30},
	}
}

// Whatever a signature covers and a page could leave out of "what changed" is
// moved here, field by field, by reflection: a new field is looked at by itself.
func TestEverythingSignedThatDiffersIsSaid(t *testing.T) {
	follows := map[string]bool{ // follow from other fields, or are not contents
		"Format": true, "CapabilityID": true, "No": true, "AgentID": true, "Reasons": true, "Cedar": true,
		"Scope.Grants":      true,  // the facts say them
		"Facts.OperationID": false, // another operation
		"Secrets.SystemID":  true,
	}
	is := someDocument()
	var walk func(path string, v reflect.Value)
	check := func(path string) {
		if !follows[path] {
			require.NotEmpty(t, notSame(Differences(someDocument(), is)), path)
		}
	}
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if path != "" {
					name = path + "." + name
				}
				if !follows[name] {
					walk(name, v.Field(i))
				}
			}
		case reflect.Slice:
			was := reflect.ValueOf(v.Interface())
			copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(copied, was)
			v.Set(copied)
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
			if v.Len() > 0 && path != "Secrets" { // what no part names is not used
				v.Set(copied.Slice(0, v.Len()-1))
				check(path)
			}
			v.Set(was)
		case reflect.String:
			was := v.String()
			v.SetString(was + "x")
			check(path)
			v.SetString(was)
		case reflect.Int:
			was := v.Int()
			v.SetInt(was + 1)
			check(path)
			v.SetInt(was)
		case reflect.Bool:
			v.SetBool(!v.Bool())
			check(path)
			v.SetBool(!v.Bool())
		default:
			t.Fatalf("%s: a %s is not looked at", path, v.Kind())
		}
	}
	walk("", reflect.ValueOf(&is).Elem())
	require.Equal(t, someDocument(), is, "the walk leaves the document as it was")
	require.Empty(t, notSame(Differences(someDocument(), is)))
}

func TestEverythingInAManifestThatDiffersIsSaid(t *testing.T) {
	was := Manifest{Name: "a", Purpose: "b", Provider: "c", Model: "d", PromptDigest: "e", CodeVersion: "f", Source: "g", Interfaces: []string{"h"}, ToolAccess: "listed",
		Tools: []ManifestTool{{"i", "j"}}, Delegates: []string{"k"}, Environments: []string{"test"}, Bindings: []Identity{{"l", "m", "n"}}, ImportedNotes: []string{"o"}}
	v := reflect.ValueOf(was)
	for i := range v.NumField() {
		is := was
		f := reflect.ValueOf(&is).Elem().Field(i)
		f.SetZero()
		require.NotEmpty(t, ManifestDifferences(was, is), v.Type().Field(i).Name)
		require.NotEmpty(t, ManifestDifferences(is, was), v.Type().Field(i).Name)
	}
	is := was
	is.Tools = []ManifestTool{{"i", "other"}}
	require.Contains(t, ManifestDifferences(was, is)[0].String(), "description of the tool i")
	require.Empty(t, ManifestDifferences(was, was))
}

func TestDifferencesReadAsSentences(t *testing.T) {
	was, is := someDocument(), someDocument()
	is.Facts = []Fact{
		{OperationID: "opr_1", Operation: "records.read", Title: "Read records", Access: "write", Effects: []string{"sensitive-records"}, SystemID: "sys_1", System: "CRM",
			SystemKind: "saas", Sensitivity: "internal"},
		{OperationID: "opr_2", Operation: "records.delete", Title: "Delete records", Access: "write", SystemID: "sys_1", System: "CRM", SystemKind: "saas",
			Sensitivity: "internal", Effects: []string{"irreversible"}, Resources: []string{"test-*"}},
	}
	is.Task.VolumeLimit, is.Task.EndOn, is.Task.Forbidden = 40, "2026-06-30", "Wrong answers\nNames of colleagues"
	var said []string
	for _, d := range Differences(was, is) {
		mark := ""
		if d.Wider {
			mark = "+ "
		}
		said = append(said, mark+d.Kind+": "+d.String())
	}
	require.Equal(t, []string{
		"+ changed: may now write with “Read records” in CRM (was: read)",
		"+ changed: may now read records in CRM on every resource (was: only eu-*)",
		"+ added: may now delete records in CRM: write on internal data, cannot be undone, only test-* (was: read)",
		"added: forbidden outcomes: “Names of colleagues”",
		"changed: in a day it may act at most 40 times (was: 50)",
		"changed: its last day is 30 June 2026 (was: 31 December 2026)",
	}, said)
}

func notSame(all []Difference) []Difference {
	var out []Difference
	for _, d := range all {
		if d.Kind != DiffSame {
			out = append(out, d)
		}
	}
	return out
}

// What is new is told from what there was in the same system: more than that,
// beside it, or in a system that it did not reach.
func TestNewOperationsSayWhatThereWas(t *testing.T) {
	fact := func(id, title, access, system string, resources ...string) Fact {
		return Fact{OperationID: id, Title: title, Access: access, SystemID: system, System: system, Sensitivity: "internal", Resources: resources}
	}
	old := []Fact{fact("1", "List cases", "list", "CRM"), fact("2", "Read records", "read", "CRM"), fact("3", "Answer mail", "write", "Mail", "inbox/*")}
	for _, c := range []struct {
		was, is []Fact
		says    string
	}{
		{old, append(old[:3:3], fact("4", "Delete records", "write", "CRM")), "may now delete records in CRM: write on internal data (was: read)"},
		{old, append(old[:3:3], fact("4", "Read notes", "read", "CRM")), "may now also read notes in CRM: read on internal data"},
		{old, append(old[:3:3], fact("4", "Pay out", "write", "Bank", "domestic/*")), "may now pay out in Bank: write on internal data, only domestic/*; it reached nothing there before"},
		{nil, []Fact{fact("4", "Pay out", "write", "Bank")}, "may pay out in Bank: write on internal data"},
		{old, old[:2], "may no longer answer mail in Mail"},
		{old, []Fact{old[0], old[1], fact("3", "Answer mail", "write", "Mail")}, "may now answer mail in Mail on every resource (was: only inbox/*)"},
		{old, []Fact{old[0], old[1], fact("3", "Answer mail", "write", "Mail", "inbox/a")}, "may answer mail in Mail only on inbox/a (was: only inbox/*)"},
		{old, []Fact{old[0], fact("2", "Read records", "permissions", "CRM"), old[2]}, "may now change permissions with “Read records” in CRM (was: read)"},
		{old, []Fact{old[0], fact("2", "Read records", "unknown", "CRM"), old[2]}, "“Read records” in CRM counts as unknown (counts as the highest) (was: read)"},
		{old, []Fact{old[0], fact("2", "Read records", "list", "CRM"), old[2]}, "“Read records” in CRM counts as list (was: read)"},
	} {
		all := notSame(Differences(Document{Facts: c.was}, Document{Facts: c.is}))
		require.Len(t, all, 1)
		require.Equal(t, c.says, all[0].String())
	}
}

func TestFirstsAreNewAndNothingElse(t *testing.T) {
	all := Firsts(someDocument())
	var said []string
	for _, d := range all {
		require.Equal(t, DiffAdded, d.Kind)
		require.False(t, d.Wider, "nothing was before")
		require.NotContains(t, d.String(), "was: ")
		said = append(said, d.String())
	}
	require.Contains(t, said, "may read records in CRM: read on internal data, touches sensitive records, only eu-*")
	require.Contains(t, said, "its tier is low")
	require.Contains(t, said, "an alert goes to #oncall")
	require.NotContains(t, said, "it is assessed by other tier rules")
}

func TestRiskMoves(t *testing.T) {
	was := Document{Tier: Moderate, Reasons: []Reason{{Moderate, "stays"}, {Low, "goes"}, {Low, "moves"}}}
	is := Document{Tier: High, Reasons: []Reason{{High, "comes"}, {Moderate, "stays"}, {Moderate, "moves"}}}
	m := RiskMoves(was, is)
	require.Equal(t, RiskMove{Was: Moderate, Is: High, New: []Reason{{High, "comes"}}, Gone: []Reason{{Low, "goes"}}, Other: []Reason{{Moderate, "moves"}}}, m)
	require.True(t, m.Moved())
	require.False(t, RiskMoves(was, was).Moved())
}

func TestManifestTable(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	was := Manifest{Name: "Agent", Purpose: "Answers", Model: "one", PromptDigest: a, ToolAccess: "listed", Environments: []string{"test"},
		Tools: []ManifestTool{{"search", a}, {"mail", a}, {"old", ""}}, Delegates: []string{"billing"}, Bindings: []Identity{{"i", "s", "a"}}}
	is := was
	is.Model, is.PromptDigest, is.Environments = "two", b, []string{"test", "production"}
	is.Tools = []ManifestTool{{"search", a}, {"mail", b}, {"pay", ""}}
	lines, same := ManifestTable(was, is)
	require.Equal(t, []ManifestLine{
		{What: "Model", Kind: DiffChanged, Was: "one", Is: "two"},
		{What: "System prompt", Kind: DiffChanged, Was: "digest aaaaaaaaaaaa", Is: "digest bbbbbbbbbbbb", Wider: true},
		{What: "Tool “mail”, its description", Kind: DiffChanged, Was: "digest aaaaaaaaaaaa", Is: "digest bbbbbbbbbbbb", Wider: true},
		{What: "Tool", Kind: DiffAdded, Is: "pay", Wider: true},
		{What: "Tool", Kind: DiffRemoved, Was: "old"},
		{What: "Environment", Kind: DiffAdded, Is: "production", Wider: true},
	}, lines)
	require.Equal(t, []ManifestSame{{"field", 3}, {"tool", 1}, {"agent that it hands work to", 1}, {"environment", 1}, {"identity", 1}}, same)

	// Whatever the sentences say, the table says.
	full := Manifest{Name: "a", Purpose: "b", Provider: "c", Model: "d", PromptDigest: "e", CodeVersion: "f", Source: "g", Interfaces: []string{"h"}, ToolAccess: "listed",
		Tools: []ManifestTool{{"i", "j"}}, Delegates: []string{"k"}, Environments: []string{"test"}, Bindings: []Identity{{"l", "m", "n"}}, ImportedNotes: []string{"o"}}
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		less := full
		reflect.ValueOf(&less).Elem().Field(i).SetZero()
		for _, pair := range [][2]Manifest{{full, less}, {less, full}} {
			lines, _ := ManifestTable(pair[0], pair[1])
			require.NotEmpty(t, lines, v.Type().Field(i).Name)
		}
	}
	lines, _ = ManifestTable(full, full)
	require.Empty(t, lines)
}

// wideDocument has the operations from..from+n of several systems, every tenth of
// which is counted as more where raised.
func wideDocument(from, n int, raised bool) Document {
	d := someDocument()
	d.Facts = nil
	for i := from; i < from+n; i++ {
		f := Fact{OperationID: "opr_" + itoa(i), Operation: "op." + itoa(i), Title: "Do thing " + itoa(i), Access: "read", Effects: []string{"sensitive-records"},
			SystemID: "sys_" + itoa(i%7), System: "System " + itoa(i%7), SystemKind: "saas", Sensitivity: "internal", Resources: []string{"a/*", "b/*"}}
		if raised && i%10 == 0 {
			f.Access, f.Resources = "write", nil
		}
		d.Facts = append(d.Facts, f)
	}
	d.Tier, d.Reasons = StandardRules().Assess(d.Task, d.Facts, []string{"production"}, "listed")
	d.Scope.Conditions = strings.Repeat("only this\n", 200)
	return d
}

// Two versions of 500 grants each, of which half are others.
func BenchmarkDifferences500(b *testing.B) {
	was, is := wideDocument(0, 500, false), wideDocument(250, 500, true)
	for b.Loop() {
		if len(Differences(was, is)) < 500 || len(RiskMoves(was, is).New) < 250 {
			b.Fatal("the differences are not those of 500 grants")
		}
	}
}
