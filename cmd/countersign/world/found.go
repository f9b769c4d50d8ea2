package world

import (
	_ "embed"

	"countersign/importers"
	"countersign/models"
	"countersign/store"
)

//go:embed triage.kagent.yaml
var triage []byte

// found: a file names other agents. One of them is registered already, one is soon
// claimed, one is an example that nobody runs, and for the others nobody answers.
func found(c *cast) {
	if c.err != nil {
		return
	}
	for _, row := range models.ImportRows(importers.Read("triage.kagent.yaml", triage)) {
		c.keep(c.store.DecideImport(c.ctx, c.act("ben"), row, ""))
	}
	c.onFound("chiara", "customer-notifier", models.FoundFacts.Claim)
	c.onFound("adam", "weather-example", func(f models.FoundFacts) (models.Change, error) {
		return f.Dismiss("It stands in the template that the file was made from. Nobody runs it.")
	})
}

func (c *cast) onFound(who, name string, rule func(models.FoundFacts) (models.Change, error)) {
	if c.err != nil {
		return
	}
	by := models.Party{Person: models.Person{Status: models.PersonActive}, Roles: []models.Role{models.Auditor}}
	page, err := c.store.FoundList(c.ctx, by, store.FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen, Search: name})
	if err != nil {
		c.err = err
		return
	}
	for _, l := range page.Lines {
		c.keep(c.store.DecideFound(c.ctx, c.act(who), l.ID, rule))
	}
}
