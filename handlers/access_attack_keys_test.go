package handlers_test

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/models"
	"countersign/store"
	"countersign/web"
)

// A key may name the subjects of its own issuer, and with another one they are nobody.
// (A key of another team: TestAccess.)
func attackOtherKey(t *testing.T, h *attacked) {
	good := h.good()
	subject, issuer := h.One(t, "SELECT subject FROM bindings WHERE ended_at IS NULL AND agent_id = '"+good.subject+"'"), h.One(t, "SELECT issuer FROM bindings WHERE ended_at IS NULL AND agent_id = '"+good.subject+"'")
	of := func(issuer string) func(*models.GatewayForm) {
		return func(f *models.GatewayForm) { f.Issuer = issuer }
	}
	own, other, none := h.gateway("csgw_own_issuer_12345678", of(issuer)), h.gateway("csgw_other_issuer_12345678", of("https://issuer.elsewhere.example")), h.gateway("csgw_no_issuer_12345678", nil)
	x := good
	x.kind, x.subject = "workload", subject
	require.True(t, own.ask(x.body()).Decision)
	for _, gw := range []*caller{other, none} {
		got := gw.ask(x.body())
		require.Equal(t, "agent.unknown", got.Context.Rule)
		require.Empty(t, got.Context.Capability, "and it learns nothing of whose it is")
		require.Empty(t, got.Context.Who)
	}
	// The key counts, and nothing that the body or the address says of one.
	status, _, _ := other.send("/access/v1/evaluation?key="+own.key, x.body(), nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "agent.unknown", h.newest(1)[0].Rule)
	body := strings.Replace(x.body(), `"context":{`, `"issuer":"`+issuer+`","gateway":"`+own.id+`","context":{"issuer":"`+issuer+`","gateway":"`+own.id+`",`, 1)
	require.Equal(t, "agent.unknown", other.ask(body).Context.Rule)
	status, _, _ = other.send("/access/v1/evaluation", x.body(), func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer csgw_nobody", "Bearer " + own.key} })
	require.Equal(t, http.StatusUnauthorized, status, "of two keys the first counts")
	status, _, _ = own.send("/access/v1/evaluation?access_token="+own.key, x.body(), func(r *http.Request) { r.Header.Del("Authorization") })
	require.Equal(t, http.StatusUnauthorized, status, "a key in the address is none: addresses are logged")
}

// Whatever says that it came from elsewhere changes neither the answer nor what is kept of it.
func attackAddress(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_address_12345678", nil), h.good()
	const forged = "203.0.113.9"
	forge := func(r *http.Request) {
		for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP"} {
			r.Header.Set(name, forged)
		}
		r.Header.Set("Forwarded", "for="+forged+";host=evil.example;proto=https")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("X-Request-ID", "forged-1")
	}
	for want, x := range map[bool]asks{true: good, false: {good.kind, good.subject, "nothing.such", good.system, good.resource, good.context}} {
		status, _, text := gw.send("/access/v1/evaluation", x.body(), forge)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want, strings.Contains(text, `"decision":true`))
		var whole int
		require.NoError(t, h.log.QueryRowContext(t.Context(), "SELECT count(*) FROM decisions WHERE instr(subject || resource || instance || trace || environment || task_run || request_id || gateway_id, ?) > 0", forged).Scan(&whole))
		require.Zero(t, whole)
		require.Equal(t, "forged-1", h.newest(1)[0].No)
	}
	_, _, metadata := "", "", h.Client(t).Get("/.well-known/authzen-configuration", http.StatusOK).Body
	require.NotContains(t, metadata, "evil.example")
	logged := h.App.Log.String()
	require.Contains(t, logged, "request=forged-1")
	require.NotContains(t, logged, forged)
	require.NotContains(t, logged, "evil.example")

	t.Run("through a proxy that is trusted", func(t *testing.T) {
		a := app.Start(t, apptest.SQLiteURL(t), app.Configure(func(c *web.Config) { c.TrustedProxies = []string{"127.0.0.0/8", "::1"} }))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL+"/access/v1/evaluation", strings.NewReader("{}"))
		require.NoError(t, err)
		forge(req)
		req.Header.Set("X-Forwarded-For", "198.51.100.7, "+forged)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusUnauthorized, res.StatusCode)
		require.Eventually(t, func() bool { return strings.Contains(a.Log.String(), "request=forged-1") }, 10*time.Second, time.Millisecond)
		require.Contains(t, a.Log.String(), "from="+forged, "the proxy says from where it came")
		require.NotContains(t, a.Log.String(), "198.51.100.7", "and what the caller wrote before that is not believed")
	})
}

// What was answered once is worth nothing: the same request is decided and logged again,
// and no part of an answer opens anything.
func attackReplay(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_replay_12345678", nil), h.good()
	numbered := func(r *http.Request) { r.Header.Set("X-Request-ID", "the-same") }
	seen := map[string]bool{}
	var answer answered
	var text string
	for range 3 {
		_, _, text = gw.send("/access/v1/evaluation", good.body(), numbered)
		require.NoError(t, json.Unmarshal([]byte(text), &answer))
		require.True(t, answer.Decision)
		require.False(t, seen[answer.Context.ID], "each answer has a number of its own")
		seen[answer.Context.ID] = true
	}
	for _, row := range h.newest(3) {
		require.Equal(t, "the-same", row.No)
	}
	// The answer, or what is in it, put into what is asked for something else.
	no := good
	no.action = "nothing.such"
	for _, context := range []string{`"decision":true,`, `"evaluation_id":"` + answer.Context.ID + `",`, `"id":"` + answer.Context.ID + `","rule":"allow",`, `"approval":` + text + `,`} {
		x := no
		x.context = strings.Replace(good.context, "{", "{"+context, 1)
		require.False(t, gw.ask(x.body()).Decision, context)
		require.False(t, gw.ask(strings.Replace(x.body(), "{", "{"+context, 1)).Decision, context)
	}
	status, _, _ := gw.send("/access/v1/evaluation", text, nil)
	require.Equal(t, http.StatusBadRequest, status, "an answer is no request")
	var whole struct{ Context map[string]any }
	require.NoError(t, json.Unmarshal([]byte(text), &whole))
	for name, v := range whole.Context {
		if key, ok := v.(string); ok {
			status, _, _ := gw.send("/access/v1/evaluation", good.body(), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) })
			require.Equal(t, http.StatusUnauthorized, status, name)
		}
	}
	// A yes of before is a no where something is held meanwhile: what was signed off now counts.
	h.forbid("Replay", `forbid (principal, action, resource) when { resource.id == "replayed" };`)
	x := good
	x.resource = "replayed"
	_, _, text = gw.send("/access/v1/evaluation", x.body(), numbered)
	require.Contains(t, text, `"rule":"forbid"`)
}

// What the caller says of the time is no more than a property.
func attackCallersClock(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_time_12345678", nil), h.good()
	times := `"time":"1985-10-26T01:22-07:00","at":1,"now":"2999-01-01T00:00:00Z","date":"2999-01-01","evaluated_at":"2999-01-01T00:00:00Z",`
	x := good
	x.context = strings.Replace(good.context, "{", "{"+times, 1)
	_, _, text := gw.send("/access/v1/evaluation", x.body(), func(r *http.Request) { r.Header.Set("Date", "Thu, 01 Jan 2099 00:00:00 GMT") })
	require.Contains(t, text, `"decision":true`)
	at := models.Instant(h.newest(1)[0].At)
	require.WithinDuration(t, h.Clock.Now(), at.Time(), time.Second)
}

// The server's clock stands ten minutes off, either way: what has an end ends by it.
// (The log's order, its seals and verify under such a clock: TestAClockThatIsOff.)
func attackClock(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_clock_12345678", func(f *models.GatewayForm) { f.Days = 366 }), h.good()
	var c struct{ Capability string }
	require.NoError(t, json.Unmarshal([]byte(good.context), &c))
	until := h.One(t, "SELECT until_at || '' FROM mandates WHERE ended_at IS NULL AND capability_id = '"+c.Capability+"'")
	var end models.Instant
	require.NoError(t, json.Unmarshal([]byte(until), &end))
	began := h.Clock.Now()
	t.Cleanup(func() { h.Clock.Move(began.Sub(h.Clock.Now())) })
	h.Clock.Move(end.Time().Sub(began) - 5*time.Minute)
	require.True(t, gw.ask(good.body()).Decision)
	h.Clock.Move(10 * time.Minute)
	x := good
	x.context = strings.Replace(good.context, "{", `{"time":"`+began.Format(time.RFC3339)+`",`, 1)
	require.Equal(t, "mandate.until", gw.ask(x.body()).Context.Rule, "the caller's time does not make it earlier")
	h.Clock.Move(-10 * time.Minute)
	require.True(t, gw.ask(good.body()).Decision)
}

func attackExpired(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_short_12345678", func(f *models.GatewayForm) { f.Days = 1 }), h.good()
	h.Clock.Move(24*time.Hour - time.Minute)
	defer h.Clock.Move(-24*time.Hour - time.Minute)
	require.True(t, gw.ask(good.body()).Decision)
	before := h.rows()
	h.Clock.Move(2 * time.Minute)
	for _, path := range []string{"/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/search/action"} {
		status, header, text := gw.send(path, good.body(), nil)
		require.Equal(t, http.StatusUnauthorized, status)
		require.Contains(t, header.Get("WWW-Authenticate"), `error="invalid_token"`)
		require.NotContains(t, text, "decision\":")
	}
	require.Equal(t, before, h.rows())
}

// flood asks from several callers at once, until told to stop; what each was told goes by
// whether it was asked after the moment that after marks.
func (c *caller) flood(body string, told func(after bool, status int, text string)) (after, done func()) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	marked, ends := false, make(chan struct{})
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-ends:
					return
				default:
				}
				mu.Lock()
				was := marked
				mu.Unlock()
				status, _, text := c.send("/access/v1/evaluation", body, nil)
				mu.Lock()
				told(was, status, text)
				mu.Unlock()
			}
		})
	}
	done = sync.OnceFunc(func() { close(ends); wait.Wait() })
	c.t.Cleanup(done)
	return func() { mu.Lock(); marked = true; mu.Unlock() }, done
}

// Asked after the revocation was answered, a key opens nothing; and no entry is made for it.
func attackRevoked(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_revoked_12345678", nil), h.good()
	enough := make(chan struct{})
	n, late := 0, map[int]int{}
	after, done := gw.flood(good.body(), func(after bool, status int, _ string) {
		if after {
			late[status]++
		} else if n++; n == 20 {
			close(enough)
		}
	})
	<-enough
	act := models.Act{ID: store.NewActID(), Person: h.One(t, "SELECT person_id FROM grants WHERE role = 'administrator' AND ended_at IS NULL ORDER BY person_id LIMIT 1"), AuthAt: models.At(h.Clock.Now())}
	_, err := h.Store.DecideGateway(t.Context(), act, store.GatewayLookup{Gateway: gw.id}, func(f models.GatewayFacts) (models.Change, error) { return f.RevokeGateway("It leaked") })
	require.NoError(t, err)
	after()
	for range 20 {
		status, _, _ := gw.send("/access/v1/evaluation", good.body(), nil)
		require.Equal(t, http.StatusUnauthorized, status)
	}
	done()
	delete(late, http.StatusUnauthorized)
	require.Empty(t, late, "by status: asked after the revocation")
}

// While many ask, the task is stopped by its page: whoever asks after that was answered is
// refused, and behind the first refusal the log has no yes.
func attackStop(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_stopped_12345678", nil), h.good()
	var c struct{ Capability string }
	require.NoError(t, json.Unmarshal([]byte(good.context), &c))
	owner := h.as(h.One(t, "SELECT a.subject FROM accounts a JOIN mandates m ON m.owner_id = a.person_id WHERE m.ended_at IS NULL AND m.capability_id = '"+c.Capability+"'"))
	page := owner.Get("/capabilities/"+c.Capability+"/stop", http.StatusOK)
	enough := make(chan struct{})
	before, late, wrong := 0, 0, 0
	after, done := gw.flood(good.body(), func(after bool, status int, text string) {
		switch held := status == http.StatusOK && strings.Contains(text, `"rule":"hold.stop"`); {
		case after && held:
			late++
		case after:
			wrong++
		default:
			if before++; before == 20 {
				close(enough)
			}
		}
	})
	<-enough
	owner.Submit(page, "form[action$='/stop']", app.Values{"target": "capability", "cause": "It answers wrongly"}, http.StatusOK)
	after()
	require.Eventually(t, func() bool { return gw.ask(good.body()).Context.Rule == "hold.stop" }, 10*time.Second, time.Millisecond)
	for range 20 {
		gw.ask(good.body())
	}
	done()
	require.Zero(t, wrong, "were asked after the stop, and not refused for it")
	require.Positive(t, late)
	var yes int
	require.NoError(t, h.log.QueryRowContext(t.Context(), `SELECT count(*) FROM decisions WHERE allow = 1 AND capability_id = ? AND id > (SELECT min(id) FROM decisions WHERE rule = 'hold.stop' AND capability_id = ?)`,
		c.Capability, c.Capability).Scan(&yes))
	require.Zero(t, yes)
}

// While another holds the log, nobody is told yes and everybody is told something: 503, and
// when to ask again. Afterwards it goes on.
func attackLocked(t *testing.T, h *attacked) {
	gw, good := h.gateway("csgw_locked_12345678", nil), h.good()
	require.True(t, gw.ask(good.body()).Decision)
	var path string
	require.NoError(t, h.log.QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path))
	db, err := sql.Open("sqlite3", "file:"+path)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	holds, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = holds.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	before := h.rows()
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			path, body := "/access/v1/evaluation", good.body()
			if i%2 == 1 {
				path, body = "/access/v1/evaluations", `{"evaluations":[`+body+`,`+body+`]}`
			}
			status, header, text := gw.send(path, body, nil)
			if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || strings.Contains(text, "decision\":true") {
				t.Error(status, text)
			}
		})
	}
	wait.Wait() // all were told, and it is held still
	require.Equal(t, before, h.rows())
	_, err = holds.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.True(t, gw.ask(good.body()).Decision)
	require.Equal(t, before+1, h.rows())
}
