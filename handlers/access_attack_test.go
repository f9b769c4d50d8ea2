package handlers_test

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/models"
	"countersign/policy"
	"countersign/store"
)

// attacked is the decision point with its log within reach, under a clock that is moved.
type attacked struct {
	*house
	log *sql.DB
}

// TestAttacksOnTheDecisionPoint is what somebody sends who wants a yes that nobody signed,
// or wants the log to say something else than what was asked.
func TestAttacksOnTheDecisionPoint(t *testing.T) {
	file := apptest.SQLiteURL(t)
	org := journeys.Organisation(t, file, app.At(time.Now()))
	log, err := sql.Open("sqlite3", "file:"+strings.TrimSuffix(file, ".db")+"-decisions.db?mode=ro&_busy_timeout=5000")
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	for _, part := range []struct {
		name string
		run  func(*testing.T, *attacked)
	}{{"ids", attackIDs}, {"forbids see ids as they are", attackForbids}, {"names twice", attackNames}, {"deep and huge", attackSizes}, {"content types", attackTypes}, {"another gateway's key", attackOtherKey},
		{"a forged address", attackAddress}, {"a replayed answer", attackReplay}, {"the caller's clock", attackCallersClock}, {"the server's clock", attackClock}, {"a key that ran out", attackExpired}, {"a locked log", attackLocked},
		{"a key that is revoked under load", attackRevoked}, {"a stop under load", attackStop}} {
		t.Run(part.name, func(t *testing.T) { part.run(t, &attacked{&house{org, t}, log}) })
	}
}

// line is what the log has of one decision, as far as the caller has a say in it.
type line struct {
	ID                                                 int64
	Allow                                              bool
	Rule, Subject, Agent, Action, System, Resource, No string
	At                                                 int64
}

// newest are the last n rows of the log, the newest first.
func (h *attacked) newest(n int) (lines []line) {
	h.t.Helper()
	rows, err := h.log.QueryContext(h.t.Context(), "SELECT id, allow, rule, subject, agent_id, operation, system, resource, request_id, at FROM decisions ORDER BY id DESC LIMIT ?", n)
	require.NoError(h.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l line
		require.NoError(h.t, rows.Scan(&l.ID, &l.Allow, &l.Rule, &l.Subject, &l.Agent, &l.Action, &l.System, &l.Resource, &l.No, &l.At))
		lines = append(lines, l)
	}
	require.NoError(h.t, rows.Err())
	return lines
}

func (h *attacked) rows() (n int) {
	h.t.Helper()
	require.NoError(h.t, h.log.QueryRowContext(h.t.Context(), "SELECT count(*) FROM decisions").Scan(&n))
	return n
}

// asks is a request in its parts.
type asks struct{ kind, subject, action, system, resource, context string }

func (a asks) body() string {
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	return `{"subject":{"type":` + quote(a.kind) + `,"id":` + quote(a.subject) + `},"action":{"name":` + quote(a.action) + `},"resource":{"type":` + quote(a.system) + `,"id":` + quote(a.resource) + `},"context":` + a.context + `}`
}

// good is a request that is answered with yes.
func (h *attacked) good() asks {
	agent, capability, operation, system := h.granted()
	return asks{"agent", agent, operation, system, "x", `{"capability":"` + capability + `","sensitivity":"public"}`}
}

// An id is compared byte for byte, and nothing in it is read as anything but itself: what
// is not quite the agent, the task, the operation or the system is none of these, and the
// log has what was sent.
func attackIDs(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_ids_12345678", nil), h.good()
	require.True(t, gw.ask(good.body()).Decision)
	named := good
	named.system = h.One(t, "SELECT name FROM systems WHERE id = '"+good.system+"'")
	require.True(t, gw.ask(named.body()).Decision, "a system is named by its name as well")
	alike := strings.NewReplacer("a", "\u0430", "e", "\u0435", "o", "\u043e", "c", "\u0441", "s", "\u0455") // Cyrillic; every id has an s or an a
	wide := func(s string) string { return string(rune(s[0])+0xfee0) + s[1:] }
	for name, change := range map[string]func(string) string{
		"a bar":                func(s string) string { return s + "|" + s },
		"a comma":              func(s string) string { return s + "," + s },
		"a colon":              func(s string) string { return "agent:" + s },
		"a quote":              func(s string) string { return s + `"` },
		"a quoted entity":      func(s string) string { return `Agent::"` + s + `"` },
		"an entity":            func(s string) string { return `agent::"x"` + s },
		"Cedar's end":          func(s string) string { return s + `" || true || "` },
		"SQL's end":            func(s string) string { return s + `' OR '1'='1` },
		"JSON's end":           func(s string) string { return s + `","id":"x` },
		"a backslash":          func(s string) string { return s + `\` },
		"a star":               func(s string) string { return s[:3] + "*" },
		"stars":                func(string) string { return "*" },
		"percent":              func(s string) string { return s[:3] + "%" },
		"a space":              func(s string) string { return s + " " },
		"a space before":       func(s string) string { return " " + s },
		"capitals":             strings.ToUpper,
		"look-alikes":          alike.Replace,
		"a wide letter":        wide,
		"an accent":            func(s string) string { return s + "\u0301" },
		"a joiner of no width": func(s string) string { return s[:2] + "\u200d" + s[2:] },
		"a hyphen of no width": func(s string) string { return s + "\u00ad" },
		"right to left":        func(s string) string { return "\u202e" + s },
		"a line separator":     func(s string) string { return s + "\u2028" },
		"a path":               func(s string) string { return "./" + s },
	} {
		t.Run(name, func(t *testing.T) {
			for part, x := range map[string]asks{
				"subject": {good.kind, change(good.subject), good.action, good.system, good.resource, good.context},
				"type":    {change(good.kind), good.subject, good.action, good.system, good.resource, good.context},
				"action":  {good.kind, good.subject, change(good.action), good.system, good.resource, good.context},
				"system":  {good.kind, good.subject, good.action, change(good.system), good.resource, good.context},
				"name":    {good.kind, good.subject, good.action, change(named.system), good.resource, good.context},
			} {
				if x.system == named.system {
					continue // this change makes nothing of it
				}
				got := gw.ask(x.body())
				require.False(t, got.Decision, "%s: %s", part, x.body())
				row := h.newest(1)[0]
				require.Equal(t, got.Context.ID, strconv.FormatInt(row.ID, 10))
				require.Equal(t, [4]any{false, x.action, x.system, x.resource}, [4]any{row.Allow, row.Action, row.System, row.Resource}, part)
				if x.subject != good.subject || x.kind != good.kind {
					require.Equal(t, [2]string{"", strings.NewReplacer("%", "%25", ":", "%3A").Replace(x.kind) + ":" + x.subject}, [2]string{row.Agent, row.Subject}, part)
				}
			}
			task := good
			task.context = strings.Replace(good.context, "public", "no such word", 1) // the task is the other text in it
			require.False(t, gw.ask(task.body()).Decision)
		})
	}
	// A subject's type and its id stay apart in the log, whatever delimiter they hold.
	one, other := good, good
	one.kind, one.subject = "user:a", "b"
	other.kind, other.subject = "user", "a:b"
	gw.ask(one.body())
	gw.ask(other.body())
	two := h.newest(2)
	require.NotEqual(t, two[0].Subject, two[1].Subject)

	// What no log line can hold is refused, and leaves none.
	before := h.rows()
	for _, bad := range []string{"\n", "\r", "\t", "\x00", "\x1b[31m", "\x7f"} {
		for _, x := range []asks{
			{good.kind, good.subject + bad, good.action, good.system, good.resource, good.context}, {good.kind + bad, good.subject, good.action, good.system, good.resource, good.context},
			{good.kind, good.subject, good.action + bad, good.system, good.resource, good.context}, {good.kind, good.subject, good.action, good.system + bad, good.resource, good.context},
			{good.kind, good.subject, good.action, good.system, good.resource + bad, good.context}, {good.kind, good.subject, good.action, good.system, good.resource, `{"task":` + strconv.QuoteToASCII("run"+bad) + `}`},
		} {
			body := strings.ReplaceAll(strings.ReplaceAll(x.body(), `\x1b`, `\u001b`), `\x7f`, `\u007f`)
			body = strings.ReplaceAll(body, `\x00`, `\u0000`)
			status, _, text := gw.send("/access/v1/evaluation", body, nil)
			require.Equal(t, http.StatusBadRequest, status, "%s: %s", body, text)
		}
	}
	require.Equal(t, before, h.rows())
}

// A resource's id comes to the organisation's forbids as it was sent: with a quote in it,
// it neither slips past a forbid nor is taken for one that is forbidden.
func attackForbids(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_forbids_12345678", nil), h.good()
	h.forbid("Odd names", `forbid (principal, action, resource) when { resource == Resource::"a\"b|c" || resource.id like "se\"cret/*" };`)
	for id, want := range map[string]bool{
		`a"b|c`: false, `a\"b|c`: true, `a"b|c"`: true, `Resource::"a"b|c"`: true, `se"cret/`: false, `se"cret/" || true`: false, `se\"cret/1`: true, `xse"cret/1`: true, `x" || true || "`: true, `*`: true,
	} {
		x := good
		x.resource = id
		got := gw.ask(x.body())
		require.Equal(t, want, got.Decision, id)
		require.Equal(t, id, h.newest(1)[0].Resource)
		if !want {
			require.Equal(t, "forbid", got.Context.Rule, id)
		}
	}
}

// forbid puts a forbid in force, by two administrators.
func (h *attacked) forbid(name, text string) {
	h.t.Helper()
	admins := h.All(h.t, "SELECT person_id FROM grants WHERE role = 'administrator' AND ended_at IS NULL ORDER BY person_id")
	act := func(i int) models.Act {
		return models.Act{ID: store.NewActID(), Person: admins[i], AuthAt: models.At(h.Clock.Now())}
	}
	r, err := h.Store.DecideForbid(h.t.Context(), act(0), "", func(f models.ForbidFacts) (models.Change, error) {
		return f.ProposeForbid(models.ForbidForm{Name: name, Why: "A test", Text: text}, policy.ParseForbid)
	})
	require.NoError(h.t, err)
	_, err = h.Store.DecideForbid(h.t.Context(), act(1), r.Subject, func(f models.ForbidFacts) (models.Change, error) { return f.ConfirmForbid(f.Forbid.Rev) })
	require.NoError(h.t, err)
}

// Two readers of one body might take another of two members of one name for the true one:
// there are never two, whatever they are spelt like and wherever they are. Names of other
// capitals are other names, and say nothing.
func attackNames(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_names_12345678", nil), h.good()
	yes, before := good.body(), h.rows()
	for name, body := range map[string]string{
		"the same":            strings.Replace(yes, `"action":`, `"subject":{"type":"agent","id":"agt_x"},"action":`, 1),
		"the same, again":     strings.Replace(yes, `"action":`, `"action":{"name":"x"},"action":`, 1),
		"escaped":             strings.Replace(yes, `"action":`, `"\u0073ubject":{"type":"agent","id":"agt_x"},"action":`, 1),
		"an id":               strings.Replace(yes, `"id":`, `"id":"agt_x","id":`, 1),
		"an id, escaped":      strings.Replace(yes, `"id":`, `"\u0069d":"agt_x","id":`, 1),
		"a task":              strings.Replace(yes, `"capability":`, `"capability":"cap_x","capability":`, 1),
		"in properties":       strings.Replace(yes, `"context":`, `"properties":{"a":1,"a":2},"context":`, 1),
		"deep down":           strings.Replace(yes, `"context":{`, `"context":{"x":[{"y":{"z":1,"z":2}}],`, 1),
		"in what is ignored":  strings.Replace(yes, `"action":`, `"ignored":{"a":1,"\u0061":2},"action":`, 1),
		"what is ignored":     strings.Replace(yes, `"action":`, `"ignored":1,"ignored":2,"action":`, 1),
		"in an item, ignored": strings.Replace(yes, `"action":`, `"evaluations":[{"a":1,"a":2}],"action":`, 1),
	} {
		for _, path := range []string{"/access/v1/evaluation", "/access/v1/evaluations"} {
			status, _, text := gw.send(path, body, nil)
			require.Equal(t, http.StatusBadRequest, status, "%s: %s", name, text)
		}
	}
	require.Equal(t, before, h.rows())
	for name, body := range map[string]string{
		"capitals, behind": strings.Replace(yes, `"context":`, `"Subject":{"type":"agent","id":"agt_x"},"RESOURCE":{"type":"x","id":"y"},"context":`, 1),
		"capitals, inside": strings.Replace(yes, `"id":`, `"ID":"agt_x","Id":"agt_y","id":`, 1),
		"its task":         strings.Replace(yes, `"sensitivity":`, `"Capability":"cap_x","sensitivity":`, 1),
	} {
		require.True(t, gw.ask(body).Decision, name)
	}
	other := good
	other.subject = "agt_x"
	for name, body := range map[string]string{
		"of another, behind": strings.Replace(other.body(), `"context":`, `"Subject":{"type":"agent","id":"`+good.subject+`"},"context":`, 1),
		"inside":             strings.Replace(other.body(), `"id":"agt_x"`, `"id":"agt_x","ID":"`+good.subject+`"`, 1),
	} {
		got := gw.ask(body)
		require.Equal(t, "agent.unknown", got.Context.Rule, name)
	}
	status, _, _ := gw.send("/access/v1/evaluation", strings.Replace(yes, `"subject"`, `"Subject"`, 1), nil)
	require.Equal(t, http.StatusBadRequest, status, "a subject by another name is none")
}

// A body that is deep, long or strange is refused without being built, and whatever comes
// next is answered.
func attackSizes(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_sizes_12345678", nil), h.good()
	yes := good.body()
	in := func(x string) string { return strings.Replace(yes, `"context":{`, `"context":{"x":`+x+`,`, 1) }
	nest := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	var many strings.Builder
	for i := range 5_000 {
		many.WriteString(`"k` + strconv.Itoa(i) + `":0,`)
	}
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"as deep as may be", in(nest(30)), 200},
		{"one deeper", in(nest(31)), 400},
		{"deep objects", in(strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000)), 400},
		{"deep and never closed", in(strings.Repeat(`[`, 60_000)), 400},
		{"deep in what is ignored", strings.Replace(yes, `"action":`, `"ignored":`+nest(20_000)+`,"action":`, 1), 400},
		{"NaN", in("NaN"), 400},
		{"many members", strings.Replace(yes, `"context":{`, `"context":{`+many.String(), 1), 200},
		{"a long text", in(`"` + strings.Repeat("y", 60_000) + `"`), 200},
		{"a byte too many", yes + strings.Repeat(" ", 64<<10-len(yes)+1), 413},
		{"as many as may be", yes + strings.Repeat(" ", 64<<10-len(yes)), 200},
		{"what follows", yes + "\x00", 400},
		{"a mark of the byte order", "\ufeff" + yes, 400},
		{"half a pair", in(`"\ud800"`), 400},
		{"a text that does not end", yes[:len(yes)-3], 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, _, text := gw.send("/access/v1/evaluation", c.body, nil)
			require.Equal(t, c.status, status, text)
			require.Equal(t, c.status == http.StatusOK, strings.Contains(text, `"decision":true`))
			require.True(t, gw.ask(yes).Decision)
		})
	}
	for _, number := range []string{strings.Repeat("9", 50_000), "1e999999999"} { // JSON, but none that the policies here can take
		status, _, text := gw.send("/access/v1/evaluation", in(number), nil)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, text, `"decision":false`)
		require.Contains(t, text, `"rule":"condition.error"`)
	}
	t.Run("of no stated length", func(t *testing.T) {
		status, _, _ := gw.send("/access/v1/evaluation", yes+strings.Repeat(" ", 1<<20), func(r *http.Request) { r.ContentLength = -1 })
		require.Equal(t, http.StatusRequestEntityTooLarge, status)
	})
	t.Run("a batch", func(t *testing.T) {
		status, _, _ := gw.send("/access/v1/evaluations", `{"evaluations":[`+strings.Repeat(yes+",", 9_000)+yes+`]}`, nil)
		require.Equal(t, http.StatusRequestEntityTooLarge, status)
		status, _, text := gw.send("/access/v1/evaluations", `{"evaluations":[`+strings.Repeat("{},", 256)+`{}]}`, nil)
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, text, "at most 256")
		status, _, _ = gw.send("/access/v1/evaluations", `{"evaluations":[{"evaluations":[`+yes+`]}]}`, nil)
		require.Equal(t, http.StatusOK, status, "a batch in a batch is an item without a subject")
	})
	t.Run("packed", func(t *testing.T) {
		status, _, _ := gw.send("/access/v1/evaluation", "\x1f\x8b\x08\x00\x00\x00\x00\x00", func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
		require.Equal(t, http.StatusBadRequest, status)
	})
}

// A body counts as JSON where its type says so, and then it is UTF-8 whatever the type
// says besides.
func attackTypes(t *testing.T, h *attacked) {
	gw := h.gateway("csgw_types_12345678", nil)
	yes := h.good().body()
	for kind, status := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, `Application/JSON;charset="UTF-8"`: 200, "application/json;": 200, "application/json; charset=iso-8859-1": 200,
		"": 400, "text/plain": 400, "text/plain; charset=utf-8": 400, "text/json; charset=utf-8": 400, "application/jsonp": 400, "application/json-patch+json": 400, "application/problem+json": 400,
		"application/x-www-form-urlencoded": 400, "multipart/form-data; boundary=x": 400, "application/json, text/plain": 400, "text/plain, application/json": 400, "*/*": 400, "application/*": 400,
		"json": 400, "application/json charset=utf-8": 400, "application/json; charset": 400, "text/html; x=application/json": 400,
	} {
		got, _, text := gw.send("/access/v1/evaluation", yes, func(r *http.Request) { r.Header.Set("Content-Type", kind) })
		require.Equal(t, status, got, "%q: %s", kind, text)
	}
	latin := func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=iso-8859-1") }
	status, _, _ := gw.send("/access/v1/evaluation", strings.Replace(yes, `"id":"x"`, `"id":"caf`+"\xe9"+`"`, 1), latin)
	require.Equal(t, http.StatusBadRequest, status, "it is UTF-8 or nothing")
}
