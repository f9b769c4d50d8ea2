package world

import (
	"countersign/models"
	"countersign/policy"
	"countersign/store"
)

// DemoKey is the key of the demo's gateway. It is no secret: everybody on this machine may
// sign in as anybody anyhow.
const DemoKey = models.GatewayKeyPrefix + "demonstration"

// asking is what a gateway asks about, n times a day in the story.
type asking struct {
	n                    int
	op, system, resource string
	task                 int // which of the agent’s
	sensitivity          string
}

// asked tells what gateways asked during a week: most of it was granted, some of it was not.
func asked(c *cast) {
	if c.large { // its decisions are measured apart
		return
	}
	c.opened()
	for day := 12; day > 5 && c.err == nil; day-- {
		c.until(day)
		c.asks("Onboarding guide", asking{n: 6, op: "pages.read", system: "Staff handbook", resource: "onboarding/first-day"})
		c.asks("Policy finder", asking{n: 3, op: "pages.list", system: "Staff handbook", resource: "policies"})
		c.asks("Customer helper", asking{n: 5, op: "cases.read", system: "Helpdesk", resource: "queue/general/4711"})
		c.asks("Customer helper", asking{n: 2, op: "cases.answer", system: "Helpdesk", resource: "queue/general/4711"})
		if day == 9 {
			c.asks("Customer helper", asking{n: 2, op: "cases.answer", system: "Helpdesk", resource: "queue/press/17"})
			c.asks("Policy finder", asking{n: 1, op: "pages.read", system: "Staff handbook", resource: "board/minutes", sensitivity: "restricted"})
		}
	}
}

// askedToday ends the story with what was asked this morning.
func askedToday(c *cast) {
	if c.large {
		return
	}
	c.asks("Onboarding guide", asking{n: 4, op: "pages.read", system: "Staff handbook", resource: "onboarding/first-day"})
	c.asks("Customer helper", asking{n: 3, op: "cases.read", system: "Helpdesk", resource: "queue/general/4802"})
	c.asks("Customer helper", asking{n: 1, op: "cases.assign", system: "Helpdesk", resource: "queue/general/4802"})
	c.asks("Payslip explainer", asking{n: 2, op: "people.read", system: "People records", resource: "salaries/2026"})
}

// opened makes the gateway's key.
func (c *cast) opened() {
	hash, hint := models.GatewayKeyOf(DemoKey)
	_, err := c.store.DecideGateway(c.ctx, c.act("adam"), store.GatewayLookup{}, func(f models.GatewayFacts) (models.Change, error) {
		return f.MakeGateway(models.GatewayForm{Name: "Tool gateway", Days: models.MaxGatewayDays, Hash: hash, Hint: hint})
	})
	if c.err == nil {
		c.err = err
	}
}

// asks has the gateway ask about an agent that the story kept.
func (c *cast) asks(agent string, a asking) {
	if c.err != nil {
		return
	}
	d, err := c.store.Decisions(c.ctx)
	if err != nil {
		c.err = err
		return
	}
	hash, _ := models.GatewayKeyOf(DemoKey)
	k := c.kept[agent]
	req := policy.Request{Subject: policy.Entity{Type: "agent", ID: k.agent}, Action: a.op, Resource: policy.Entity{Type: a.system, ID: a.resource},
		Context: policy.Context{Capability: k.stories[a.task].capability, Task: "run-" + c.clock.now.Time().Format("0102-150405"), Environment: "production", Sensitivity: a.sensitivity, Volume: 1}}
	for range a.n {
		c.clock.pass(7 * models.Second)
		if _, err := d.Evaluate(c.ctx, hash, "", req); err != nil {
			c.err = err
			return
		}
	}
	c.clock.pass(models.Minute)
	c.counted()
}

// counted has the log sealed and counted and what came of it told, as the clock does each minute.
func (c *cast) counted() {
	_, err := c.store.SealDecisions(c.ctx)
	if err == nil {
		_, err = c.store.FoldDecisions(c.ctx)
	}
	if err == nil {
		_, err = c.store.TellAlerts(c.ctx)
	}
	if err == nil {
		_, err = c.store.Relay(c.ctx, false) // what was told then is not sent to a hook of today
	}
	if c.err == nil {
		c.err = err
	}
}
