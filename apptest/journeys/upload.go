package journeys

import (
	"testing"

	"countersign/apptest/app"
	"countersign/importers"
	"countersign/models"
	"countersign/store"
)

// crew is a file with several things in it: one read as it stands, one to look
// at, one that would be a system, one that is refused.
var crew = []importers.File{
	{Name: "agent-card.json", Data: []byte(`{"name": "Night porter", "description": "Lets people in at night.", "version": "1", "capabilities": {}, "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
		"supportedInterfaces": [{"url": "https://porter.example", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}], "skills": [{"id": "open", "name": "Open the door", "description": "Opens it.", "tags": ["door"]}]}`)},
	{Name: "day-porter.json", Data: []byte(`{"name": "Day porter", "description": "Greets people.", "version": "1", "capabilities": {}, "supportedInterfaces": [{"url": "${ADDRESS}", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}], "skills": []}`)},
	{Name: "server.json", Data: []byte(`{"$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json", "name": "io.example/doors", "description": "Doors.", "version": "1.0.0",
		"remotes": [{"type": "streamable-http", "url": "https://doors.example/mcp"}]}`)},
	{Name: "broken.json", Data: []byte(`{"name": `)},
}

// Upload keeps a list of imports for the person, as the page does, and is its id.
func Upload(t testing.TB, a *app.App, person string) string {
	t.Helper()
	id := "iml_" + person
	var rows []store.ImportListRow
	for _, row := range models.ImportRows(importers.ReadAll(crew)) {
		x := store.ImportListRow{Outcome: row.Outcome, Plan: store.PlanNew, Row: row}
		if row.Refused() {
			x.Plan = store.PlanNone
		}
		rows = append(rows, x)
	}
	if err := a.Store.KeepImport(t.Context(), store.ImportList{ID: id, PersonID: person, Label: "4 files"}, rows); err != nil {
		t.Fatal(err)
	}
	return id
}
