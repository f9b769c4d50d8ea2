// Command example guards a small HTTP API: GET /tickets/… is let through where the agent
// that the caller names may read that ticket. Run it beside a Countersign:
//
//	COUNTERSIGN_URL=http://localhost:8080 COUNTERSIGN_KEY=csgw_… go run ./client/example
//	curl -H 'X-Agent: agt_…' -H 'X-Task: cap_…' localhost:9090/tickets/7
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"countersign/client"
)

func main() {
	countersign := client.New(os.Getenv("COUNTERSIGN_URL"), os.Getenv("COUNTERSIGN_KEY"))
	tickets := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintf(w, "the ticket at %s\n", r.URL.Path) })
	server := http.Server{Addr: "localhost:9090", Handler: countersign.Guard(tickets, ask), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// ask says what a request is in the terms of the catalogue. A real gateway takes the agent
// from what it authenticated and not from a header.
func ask(r *http.Request) (client.Request, error) {
	ticket, ok := strings.CutPrefix(r.URL.Path, "/tickets/")
	if agent := r.Header.Get("X-Agent"); ok && r.Method == http.MethodGet && agent != "" {
		return client.Request{Subject: client.Agent(agent), Action: client.Action{Name: "tickets.read"}, Resource: client.Entity{Type: "HR desk", ID: ticket},
			Context: map[string]any{"capability": r.Header.Get("X-Task")}}, nil
	}
	return client.Request{}, errors.New("send X-Agent, and GET /tickets/…")
}
