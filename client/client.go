// Package client asks a Countersign for decisions. It is for gateways: it fails closed,
// so whatever goes wrong is a no. It speaks the OpenID AuthZEN Authorization API 1.0 and
// imports nothing but the standard library.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Timeout is how long one question may take, unless its context ends sooner.
const Timeout = 2 * time.Second

// most is the longest answer that is read, in bytes.
const most = 4 << 20

// Client asks one Countersign with one key. It may be used by many at once.
type Client struct {
	// HTTP is what it asks with. It follows no redirects, so that the key goes nowhere else.
	HTTP *http.Client

	url, key string
}

// New is a client for the Countersign at an address such as "https://countersign.example",
// with a gateway's key.
func New(url, key string) *Client {
	return &Client{url: strings.TrimSuffix(url, "/"), key: key, HTTP: &http.Client{
		Timeout:       Timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Request asks whether somebody may do something to something.
type Request struct {
	Subject  Entity         `json:"subject"` // Agent(id), or a subject of the gateway's issuer
	Action   Action         `json:"action"`
	Resource Entity         `json:"resource"`          // type: the system's name or id; id: the resource's name
	Context  map[string]any `json:"context,omitempty"` // capability, task, sensitivity, volume, manifest, act …
}

// Entity is a subject or a resource.
type Entity struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Action is an operation by its name in the catalogue.
type Action struct {
	Name string `json:"name"`
}

// Agent is an agent as a subject.
func Agent(id string) Entity { return Entity{Type: "agent", ID: id} }

// Answer is a yes or a no. The zero Answer is a no.
type Answer struct {
	Allow  bool
	ID     string   // of the entry in Countersign's log
	Rule   string   // what said no, such as "scope.resource"
	Reason string   // why, for a person
	Remedy string   // what would make it a yes
	Who    []string // who can
}

// Evaluate asks. With an error the answer is a no.
func (c *Client) Evaluate(ctx context.Context, req Request) (Answer, error) {
	var out answer
	if err := c.post(ctx, "/access/v1/evaluation", req, &out); err != nil {
		return Answer{}, err
	}
	return out.answer()
}

// EvaluateAll asks several at once; the answers come in the order of the requests. With an
// error there are none.
func (c *Client) EvaluateAll(ctx context.Context, reqs ...Request) ([]Answer, error) {
	if len(reqs) == 0 {
		return nil, nil
	}
	var out struct {
		Evaluations []answer `json:"evaluations"`
	}
	if err := c.post(ctx, "/access/v1/evaluations", map[string]any{"evaluations": reqs}, &out); err != nil {
		return nil, err
	}
	if len(out.Evaluations) != len(reqs) {
		return nil, fmt.Errorf("countersign: %d answers to %d requests", len(out.Evaluations), len(reqs))
	}
	answers := make([]Answer, len(reqs))
	for i, a := range out.Evaluations {
		var err error
		if answers[i], err = a.answer(); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// answer is the wire's form. A decision that is missing is none.
type answer struct {
	Decision *bool `json:"decision"`
	Context  struct {
		ID     string            `json:"id"`
		Rule   string            `json:"rule"`
		Reason map[string]string `json:"reason_user"`
		Remedy string            `json:"remedy"`
		Who    []string          `json:"who"`
		Error  *struct {
			Message string `json:"message"`
		} `json:"error"`
	} `json:"context"`
}

func (a answer) answer() (Answer, error) {
	if a.Decision == nil {
		return Answer{}, errors.New("countersign: an answer without a decision")
	}
	out := Answer{Allow: *a.Decision, ID: a.Context.ID, Rule: a.Context.Rule, Reason: a.Context.Reason["en"], Remedy: a.Context.Remedy, Who: a.Context.Who}
	if e := a.Context.Error; e != nil {
		out.Allow, out.Reason = false, e.Message
	}
	return out, nil
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("countersign: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("countersign: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("countersign: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // it was read, or does not matter
	answer, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return fmt.Errorf("countersign: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("countersign: %s: %.200s", res.Status, bytes.TrimSpace(answer))
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("countersign: %w", err)
	}
	return nil
}

// Guard lets through what is allowed. ask says what a request of the API is, in the terms
// of the catalogue; where it cannot, the request is refused.
func (c *Client) Guard(next http.Handler, ask func(*http.Request) (Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := ask(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a, err := c.Evaluate(r.Context(), req)
		switch {
		case err != nil:
			http.Error(w, "This cannot be decided just now, so it is refused.", http.StatusServiceUnavailable)
		case !a.Allow:
			http.Error(w, a.Reason+" "+a.Remedy, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
