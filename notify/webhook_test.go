package notify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// TestTheVectorOfStandardWebhooks is the one that its libraries share.
func TestTheVectorOfStandardWebhooks(t *testing.T) {
	h := http.Header{}
	w := Webhooks{Now: func() time.Time { return time.Unix(1614265330, 0) }}
	require.NoError(t, w.sign(h, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", []byte(`{"test": 2432232314}`)))
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", h.Get("webhook-signature"))
	require.Equal(t, "msg_p5jXN8AQM9LWM0D4loKWxJek", h.Get("webhook-id"))
	require.Equal(t, "1614265330", h.Get("webhook-timestamp"))
}

// receiver is a real receiver on this machine, opened by the allow-list.
func receiver(t *testing.T, h http.HandlerFunc) (Webhooks, Endpoint) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	allow, err := ParseAllow("127.0.0.1")
	require.NoError(t, err)
	return Webhooks{Allow: allow, RootCAs: roots, Now: func() time.Time { return noon }},
		Endpoint{s.URL + "/services/T0SECRETPATH/hook?sig=SECRETQUERY", NewSecret(), StyleStandard}
}

func TestAWebhookThatVerifies(t *testing.T) {
	var tries atomic.Int32
	var secret string
	w, e := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		check, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		require.NoError(t, check.VerifyIgnoringTimestamp(body, r.Header), "the standard's own library takes it")
		require.Error(t, check.VerifyIgnoringTimestamp(append(body, ' '), r.Header))
		require.Equal(t, approved().Key, r.Header.Get("webhook-id"), "the same on every try")
		require.Equal(t, fmt.Sprint(noon.Unix()), r.Header.Get("webhook-timestamp"))
		require.Equal(t, "application/json; charset=utf-8", r.Header.Get("Content-Type"))
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, "/services/T0SECRETPATH/hook?sig=SECRETQUERY", r.URL.RequestURI())
		var got struct {
			Type, Timestamp string
			Data            map[string]any
		}
		require.NoError(t, json.Unmarshal(body, &got))
		require.Equal(t, "version.approved", got.Type)
		require.Equal(t, "2027-02-17T12:00:00Z", got.Timestamp)
		require.NotContains(t, string(body), "zoe@example.com", "whom it is for is nobody else's")
		tries.Add(1)
	})
	secret = e.Secret
	for range 2 {
		a, err := w.Post(t.Context(), e, approved())
		require.NoError(t, err)
		require.Equal(t, Answer{Status: 200}, a)
	}
	require.EqualValues(t, 2, tries.Load())
}

func TestBodies(t *testing.T) {
	hostile := Message{Key: "k", Kind: "comment.added", At: approved().At, Urgent: true, Title: "<!channel> *Pay* & [click](https://evil.example) <at>everyone</at>",
		Lead: "<https://evil.example|click> \"quoted\" `code`\r\nnext", Link: "https://countersign.example.com/x?a=1&b=\"<2>\""}
	for name, m := range map[string]Message{"approved": approved(), "digest": digest(), "hostile": hostile} {
		for _, style := range Styles {
			req, f := Webhooks{Now: func() time.Time { return noon }}.request(mustURL(t, "https://hooks.example.com/x"),
				Endpoint{Style: style.Value, Secret: map[string]string{StyleStandard: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", StylePagerDuty: "routing-key"}[style.Value]}, m)
			require.Nil(t, f)
			body, err := io.ReadAll(req.Body)
			require.NoError(t, err)
			var pretty bytes.Buffer
			require.NoError(t, json.Indent(&pretty, body, "", "  "))
			golden(t, style.Value+"/"+name+".json", pretty.String()+"\n")
			require.NotContains(t, string(body), "evil.example", "an address of a stranger's is nowhere")
			require.Equal(t, style.Value == StyleStandard, req.Header.Get("webhook-signature") != "", "only what asks for a signature gets one")
		}
	}
}

func TestTheLongestBodyIsTaken(t *testing.T) {
	long := strings.Repeat("漢😀", 5000)
	m := Message{Title: long, Lead: long, Consequence: long, Action: long, Link: "https://countersign.example.com/" + strings.Repeat("x", 200)}
	for range 500 {
		m.Lines, m.Items = append(m.Lines, long), append(m.Items, Item{Title: long, Due: long, Link: m.Link})
	}
	for style, most := range map[string]int{StyleStandard: 28_000, StyleSlack: 40_000, StyleTeams: 28_000, StylePagerDuty: 512_000} {
		req, f := Webhooks{}.request(mustURL(t, "https://hooks.example.com/x"), Endpoint{Style: style, Secret: NewSecret()}, m)
		require.Nil(t, f)
		require.Less(t, int(req.ContentLength), most, style)
	}
}

func TestWhatReceiversAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header string // "Name: value"
		says   string // "" for success
		gone   bool
		after  time.Duration
	}{
		"200":                          {status: 200},
		"202":                          {status: 202},
		"204":                          {status: 204},
		"301":                          {status: 301, header: "Location: https://127.0.0.1:1/SECRETPATH", says: "answers with a redirect (301). Redirects are not followed"},
		"302":                          {status: 302, header: "Location: /again", says: "redirect (302)"},
		"304":                          {status: 304, says: "redirect (304)"},
		"307":                          {status: 307, header: "Location: /again", says: "redirect (307)"},
		"400":                          {status: 400, says: "answers 400"},
		"404":                          {status: 404, says: "answers 404"},
		"410":                          {status: 410, says: "is gone (410)", gone: true},
		"429":                          {status: 429, header: "Retry-After: 90", says: "left alone for now (429)", after: 90 * time.Second},
		"429 without a word":           {status: 429, says: "(429)"},
		"429 for ever":                 {status: 429, header: "Retry-After: 99999999999", says: "(429)", after: 24 * time.Hour},
		"429 nonsense":                 {status: 429, header: "Retry-After: -5; soon", says: "(429)"},
		"503 with a date":              {status: 503, header: "Retry-After: " + noon.Add(time.Hour).Format(http.TimeFormat), says: "(503)", after: time.Hour},
		"503 with a date that is over": {status: 503, header: "Retry-After: " + noon.Add(-time.Hour).Format(http.TimeFormat), says: "(503)"},
		"500":                          {status: 500, header: "Retry-After: 90", says: "answers 500"},
		"599":                          {status: 599, says: "answers 599"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			w, e := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
			})
			a, err := w.Post(t.Context(), e, approved())
			require.EqualValues(t, 1, asked.Load(), "once, and nothing is followed")
			require.Equal(t, c.status, a.Status)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			require.True(t, strings.HasPrefix(err.Error(), "127.0.0.1 "), err)
			require.Equal(t, c.gone, Gone(err))
			require.False(t, Permanent(err))
			after, said := After(err)
			require.Equal(t, c.after, after)
			require.Equal(t, c.after > 0, said)
			noSecret(t, e, err.Error())
		})
	}
}

func noSecret(t *testing.T, e Endpoint, said string) {
	t.Helper()
	for _, secret := range []string{"SECRETPATH", "SECRETQUERY", "services", strings.TrimPrefix(e.Secret, "whsec_")} {
		require.NotContains(t, said, secret)
	}
}

func TestReceiversThatLie(t *testing.T) {
	t.Run("a body without an end", func(t *testing.T) {
		written := make(chan int, 1)
		w, e := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			line := []byte(strings.Repeat("all is well \x1b[2J\r\n<script>", 40))
			sum := 0
			for {
				n, err := w.Write(line)
				if sum += n; err != nil {
					written <- sum
					return
				}
			}
		})
		a, err := w.Post(t.Context(), e, approved())
		require.NoError(t, err, "200 was said")
		require.Equal(t, 200, a.Status)
		require.LessOrEqual(t, len([]rune(a.Excerpt)), 200)
		require.NotContains(t, a.Excerpt, "\x1b")
		require.True(t, strings.HasPrefix(a.Excerpt, "all is well [2J <script>"), a.Excerpt)
		require.Less(t, <-written, 32<<20, "it is not read on")
	})
	t.Run("a body that never comes", func(t *testing.T) {
		w, e := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client left
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		w.within = 3 * time.Second
		_, err := w.Post(t.Context(), e, approved())
		require.NoError(t, err, "200 was said")
	})
	t.Run("a length that is not so", func(t *testing.T) {
		w, e := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write([]byte("short"))
		})
		a, err := w.Post(t.Context(), e, approved())
		require.NoError(t, err)
		require.Equal(t, "short", a.Excerpt)
	})
	t.Run("our secrets, said back", func(t *testing.T) {
		var secret string
		w, e := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "bad secret %s for %s", secret, r.URL.RequestURI())
		})
		secret = e.Secret
		a, err := w.Post(t.Context(), e, approved())
		require.ErrorContains(t, err, "127.0.0.1 answers 403: bad secret […]")
		require.Contains(t, a.Excerpt, "bad secret […]")
		noSecret(t, e, a.Excerpt+err.Error())
	})
}

// raw is a receiver below HTTP: it has the connection after the TLS handshake.
func raw(t *testing.T, serve func(net.Conn)) (Webhooks, Endpoint) {
	t.Helper()
	cert, roots := certificate(t, "127.0.0.1")
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(c))
			serve(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	allow, err := ParseAllow("127.0.0.1")
	require.NoError(t, err)
	return Webhooks{Allow: allow, RootCAs: roots},
		Endpoint{"https://" + l.Addr().String() + "/services/T0SECRETPATH?sig=SECRETQUERY", NewSecret(), StyleStandard}
}

func TestReceiversThatFail(t *testing.T) {
	untilClosed := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for name, c := range map[string]struct {
		serve func(net.Conn)
		says  string
	}{
		"hangs":           {untilClosed, "no answer in time"},
		"closes":          {func(net.Conn) {}, "it closed the connection"},
		"speaks no HTTP":  {func(c net.Conn) { fmt.Fprint(c, "220 SECRETPATH ready\r\n") }, "the connection failed"},
		"breaks off":      {func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Le") }, "the connection failed, or"},
		"endless headers": {func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\n"); flood(c) }, "the connection failed"},
		"slow headers": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for i := 0; ; i++ {
				<-tick.C
				if _, err := fmt.Fprintf(c, "X-%d: y\r\n", i); err != nil {
					return
				}
			}
		}, "no answer in time"},
		"only ever continues": {func(c net.Conn) {
			for {
				if _, err := fmt.Fprint(c, "HTTP/1.1 103 Early Hints\r\n\r\n"); err != nil {
					return
				}
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, e := raw(t, c.serve)
			if c.says == "no answer in time" {
				w.within = 400 * time.Millisecond
			}
			a, err := w.Post(t.Context(), e, approved())
			require.ErrorContains(t, err, "127.0.0.1: "+c.says)
			require.Equal(t, Answer{}, a)
			require.False(t, Permanent(err) || Gone(err))
			noSecret(t, e, err.Error())
		})
	}
}

func flood(c net.Conn) {
	line := "X-Flood: " + strings.Repeat("x", 1000) + "\r\n"
	for {
		if _, err := fmt.Fprint(c, line); err != nil {
			return
		}
	}
}

func TestReceiversThatCannotBeReached(t *testing.T) {
	w, e := raw(t, func(net.Conn) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Post(ctx, e, approved())
	require.EqualError(t, err, "127.0.0.1: sending was interrupted")
	require.ErrorIs(t, err, context.Canceled)

	w.RootCAs = nil
	_, err = w.Post(t.Context(), e, approved())
	require.EqualError(t, err, "127.0.0.1: its certificate is signed by an authority that is not known here")

	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed.Close()
	e.URL = "https://" + closed.Addr().String() + "/SECRETPATH"
	_, err = w.Post(t.Context(), e, approved())
	require.EqualError(t, err, "127.0.0.1: the connection was refused")

	for url, want := range map[string]string{
		"http://hooks.example.com/SECRETPATH":  "begin with https://",
		"https://169.254.169.254/SECRETPATH":   "is a link-local address",
		"https://hooks.example.com/\nSECRET":   "space or a line break",
		"https://u:SECRETPATH@example.com/":    "Leave out the user name",
		"https://hooks.example.com:SECRETPATH": "not a whole URL",
	} {
		e.URL = url
		_, err = w.Post(t.Context(), e, approved())
		require.ErrorContains(t, err, want)
		noSecret(t, e, err.Error())
	}
	e = Endpoint{"https://hooks.example.com/", "not a secret", StyleStandard}
	_, err = w.Post(t.Context(), e, approved())
	require.EqualError(t, err, "hooks.example.com: the endpoint's secret cannot be used to sign")
	e.Style = ""
	_, err = w.Post(t.Context(), e, approved())
	require.ErrorContains(t, err, "never chosen")
}

func TestPlainHTTPOnlyWhereItWasOpened(t *testing.T) {
	var got atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer s.Close()
	e := Endpoint{s.URL, "", StyleSlack}
	_, err := Webhooks{}.Post(t.Context(), e, approved())
	require.ErrorContains(t, err, "127.0.0.1 is an address of this machine")
	allow, err := ParseAllow("127.0.0.0/8")
	require.NoError(t, err)
	_, err = Webhooks{Allow: allow}.Post(t.Context(), e, approved())
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Load())
}
