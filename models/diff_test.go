package models

import (
	"reflect"
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
		"+ changed: “Read records” in CRM counts as write (was: read)",
		"+ changed: “Read records” in CRM is limited to every resource (was: eu-*)",
		"+ added: may delete records in CRM: write on internal data, cannot be undone, only test-*",
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
