package client

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var asked = Request{Subject: Agent("agt_1"), Action: Action{Name: "tickets.read"}, Resource: Entity{Type: "HR desk", ID: "7"}}

// Whatever a server answers that is not a plain yes is a no. (That a real one's yes is
// one is in handlers/access_test.go.)
func TestItFailsClosed(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprint(w, `{"decision":true}`)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"no decision": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{}`) },
		"a text":      func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"decision":"true"}`) },
		"not JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `yes`) },
		"half of it":  func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"decision":true`) },
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"decision":true,"x":"`+strings.Repeat("y", most)+`"}`)
		},
		"an empty one": func(http.ResponseWriter, *http.Request) {},
		"an item's error": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"decision":true,"context":{"error":{"status":400,"message":"subject is missing"}}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(answer))
			defer s.Close()
			a, _ := New(s.URL, "csgw_x").Evaluate(t.Context(), asked)
			require.False(t, a.Allow)
			all, _ := New(s.URL, "csgw_x").EvaluateAll(t.Context(), asked, asked)
			for _, a := range all {
				require.False(t, a.Allow)
			}
			called := false
			w := httptest.NewRecorder()
			New(s.URL, "csgw_x").Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }), func(*http.Request) (Request, error) { return asked, nil }).
				ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			require.False(t, called)
			require.GreaterOrEqual(t, w.Code, 400)
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err := New(gone.URL, "csgw_x").Evaluate(t.Context(), asked)
	require.Error(t, err)
}

// A question ends with its context, whatever the server does.
func TestAQuestionHasADeadline(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, err := New(s.URL, "csgw_x").Evaluate(ctx, asked)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, a.Allow)
}
