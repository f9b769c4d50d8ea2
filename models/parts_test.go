package models

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var today = At(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))

func wholeTask() Task {
	return Task{Title: "Answer", Task: "Answers", Acceptable: "Right", Forbidden: "Wrong", Sensitivity: "internal", Autonomy: "asks", VolumeLimit: 50, EndOn: "2026-12-31"}
}

func wholeScope() Scope {
	return Scope{LifetimeMinutes: 15, Grants: []ScopeGrant{{OperationID: "opr_1", Resources: []string{"hr/*"}}}}
}

func wholePlan() Oversight {
	return Oversight{Signals: "Denials", AlertRoute: "#oncall", Escalation: []string{"Head"}, StopHow: "Button", StopBy: "Any", StopWithinMinutes: 5}
}

// wrong holds an error against the fields at which it is shown; none for fine.
func wrong(t *testing.T, err error, fields ...string) {
	t.Helper()
	if len(fields) == 0 {
		require.NoError(t, err)
		return
	}
	var e *Error
	require.True(t, errors.As(err, &e), "%v", err)
	require.Equal(t, Invalid, e.Code)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field)
		require.NotEmpty(t, f.Message)
	}
	require.ElementsMatch(t, fields, got, "%v", e.Fields)
}

func TestTaskCheck(t *testing.T) {
	long := strings.Repeat("é", MaxText+1)
	for name, c := range map[string]struct {
		change func(*Task)
		kept   []string // wrong while it is a draft
		whole  []string // wrong when it is to be submitted
	}{
		"whole":                {func(*Task) {}, nil, nil},
		"empty":                {func(t *Task) { *t = Task{} }, []string{"title"}, []string{"title", "task", "acceptable", "forbidden", "sensitivity", "autonomy", "volume_limit", "end_on"}},
		"spaces":               {func(t *Task) { t.Forbidden = " \n\t" }, nil, []string{"forbidden"}},
		"as long as may be":    {func(t *Task) { t.Task = strings.Repeat("é", MaxText) }, nil, nil},
		"too long":             {func(t *Task) { t.Task = long }, []string{"task"}, []string{"task"}},
		"a title in two lines": {func(t *Task) { t.Title = "Answer\nmore" }, nil, nil},
		"a NUL byte":           {func(t *Task) { t.Task = "a\x00b" }, []string{"task"}, []string{"task"}},
		"no text":              {func(t *Task) { t.Acceptable = "a\xff" }, []string{"acceptable"}, []string{"acceptable"}},
		"text turned round":    {func(t *Task) { t.Forbidden = "a\u202Eb" }, []string{"forbidden"}, []string{"forbidden"}},
		"another sensitivity":  {func(t *Task) { t.Sensitivity = "top" }, []string{"sensitivity"}, []string{"sensitivity"}},
		"another autonomy":     {func(t *Task) { t.Autonomy = "free" }, []string{"autonomy"}, []string{"autonomy"}},
		"fewer than none":      {func(t *Task) { t.VolumeLimit = -1 }, []string{"volume_limit"}, []string{"volume_limit", "volume_limit"}},
		"too many":             {func(t *Task) { t.VolumeLimit = 100_000_001 }, []string{"volume_limit"}, []string{"volume_limit"}},
		"no such day":          {func(t *Task) { t.EndOn = "2026-02-30" }, []string{"end_on"}, []string{"end_on"}},
		"yesterday":            {func(t *Task) { t.EndOn = "2026-06-14" }, []string{"end_on"}, []string{"end_on"}},
		"today":                {func(t *Task) { t.EndOn = "2026-06-15" }, nil, nil},
		"in three years":       {func(t *Task) { t.EndOn = "2029-06-15" }, nil, nil},
		"in more":              {func(t *Task) { t.EndOn = "2029-06-16" }, []string{"end_on"}, []string{"end_on"}},
		"before its beginning": {func(t *Task) { t.StartOn, t.EndOn = "2026-08-02", "2026-08-01" }, []string{"end_on"}, []string{"end_on"}},
		"one day":              {func(t *Task) { t.StartOn, t.EndOn = "2026-08-01", "2026-08-01" }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := wholeTask()
			c.change(&x)
			y := x
			wrong(t, x.Check(today, false), c.kept...)
			wrong(t, y.Check(today, true), c.whole...)
			require.NotContains(t, x.Title, "\n")
		})
	}
}

func TestTaskSpan(t *testing.T) {
	x := Task{StartOn: "2026-08-01", EndOn: "2026-08-01"}
	require.Equal(t, Day, x.Ends()-x.Starts(), "its last day is a whole one")
	require.Zero(t, Task{}.Starts(), "at once")
}

func TestScopeCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*Scope)
		kept, whole []string
	}{
		"whole":              {func(*Scope) {}, nil, nil},
		"nothing":            {func(s *Scope) { *s = Scope{} }, nil, []string{"operations", "lifetime_minutes"}},
		"twice the same":     {func(s *Scope) { s.Grants = append(s.Grants, s.Grants[0]) }, []string{"operations"}, []string{"operations"}},
		"too many":           {func(s *Scope) { s.Grants = manyGrants(MaxGrants + 1) }, []string{"operations"}, []string{"operations"}},
		"as many as may be":  {func(s *Scope) { s.Grants = manyGrants(MaxGrants) }, nil, nil},
		"an empty resource":  {func(s *Scope) { s.Grants[0].Resources = []string{" "} }, []string{"resources-opr_1"}, []string{"resources-opr_1"}},
		"too many resources": {func(s *Scope) { s.Grants[0].Resources = strings.Split(strings.Repeat("a ", MaxPatterns)+"a", " ") }, []string{"resources-opr_1"}, []string{"resources-opr_1"}},
		"an hour and more":   {func(s *Scope) { s.LifetimeMinutes = 61 }, []string{"lifetime_minutes"}, []string{"lifetime_minutes"}},
		"a control mark":     {func(s *Scope) { s.Conditions = "a\x1bb" }, []string{"conditions"}, []string{"conditions"}},
		"many secrets":       {func(s *Scope) { s.Secrets = make([]string, 51) }, []string{"secrets"}, []string{"secrets"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := wholeScope()
			c.change(&x)
			wrong(t, x.Check(false), c.kept...)
			wrong(t, x.Check(true), c.whole...)
		})
	}
}

func manyGrants(n int) []ScopeGrant {
	var out []ScopeGrant
	for i := range n {
		out = append(out, ScopeGrant{OperationID: "opr_" + itoa(i)})
	}
	return out
}

func TestOversightCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*Oversight)
		kept, whole []string
	}{
		"whole":            {func(*Oversight) {}, nil, nil},
		"nothing":          {func(o *Oversight) { *o = Oversight{} }, nil, []string{"signals", "alert_route", "stop_how", "stop_by", "escalation", "stop_within_minutes"}},
		"steps of nothing": {func(o *Oversight) { o.Escalation = []string{"", " "} }, nil, []string{"escalation"}},
		"too many steps":   {func(o *Oversight) { o.Escalation = strings.Split(strings.Repeat("a,", 10)+"a", ",") }, []string{"escalation"}, []string{"escalation"}},
		"a week and more":  {func(o *Oversight) { o.StopWithinMinutes = 10_081 }, []string{"stop_within_minutes"}, []string{"stop_within_minutes"}},
		"a long route":     {func(o *Oversight) { o.AlertRoute = strings.Repeat("a", MaxLine+1) }, []string{"alert_route"}, []string{"alert_route"}},
		"many secrets":     {func(o *Oversight) { o.RotateSecrets = make([]string, 51) }, []string{"rotate_secrets"}, []string{"rotate_secrets"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := wholePlan()
			c.change(&x)
			wrong(t, x.Check(false), c.kept...)
			wrong(t, x.Check(true), c.whole...)
		})
	}
}
