package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DrillReport is how people answered drills in a period, and what kill drills showed:
// for auditors. Days are those of the auditor's time zone; "to" is counted in.
func DrillReport(r *Request) error {
	page, ask := drillsAsked(r)
	ask.After = r.Query("after")
	found, err := r.App.Store.DrillReport(r.Ctx(), r.Viewer, ask)
	if err != nil {
		return err
	}
	page.Next, page.Newest = found.Next, ask.After == ""
	for _, f := range found.Lines {
		l := views.DrillReportLine{Name: f.Name, PersonHref: "/people/" + f.PersonID, Task: f.Title, Agent: f.Agent, Href: "/capabilities/" + f.CapabilityID, Tier: f.Tier,
			Asked: f.Asked, Answered: f.Answered, Missed: f.Missed, Recognised: f.Recognised}
		l.Median, l.Longest = seconds(f.Median), seconds(f.Longest)
		page.Lines = append(page.Lines, l)
	}
	page.Chart = drillChart(found)
	for _, k := range found.Kills {
		l := killLine(r, k)
		of := found.Of[k.Drill.CapabilityID]
		page.Kills = append(page.Kills, views.DrillReportKill{KillLine: l, Task: of.Title, Agent: of.AgentName, Href: "/capabilities/" + k.Drill.CapabilityID + "/kill-drill"})
	}
	head, status := r.Head("How people answered", ""), http.StatusOK
	head.Wide = true
	if len(page.Errors) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.DrillReported(head, page))
}

func seconds(n *int) string {
	if n == nil {
		return "no answer"
	}
	return views.SpanText(time.Duration(*n) * time.Second)
}

func drillChart(found store.DrillReport) views.DrillChart {
	labels := []string{"under 5 minutes", "5 to 15 minutes", "15 to 30 minutes", "30 to 60 minutes", "1 to 2 hours", "over 2 hours"}
	c := views.DrillChart{}
	for i, n := range found.Spans {
		c.Bars = append(c.Bars, views.DeskBar{Label: labels[i], N: n})
	}
	c.Bars = append(c.Bars, views.DeskBar{Label: "no answer yet", N: found.Never})
	return c
}

// DrillExport is the whole report of a period as CSV: for auditors.
func DrillExport(r *Request) error {
	page, ask := drillsAsked(r)
	if len(page.Errors) > 0 {
		return &models.Error{Code: models.Invalid, Rule: "input", Message: "There is a problem with the period.", Fields: []models.FieldError{{Field: page.Errors[0].Field, Message: page.Errors[0].Message}}}
	}
	out := &download{r: r, kind: "text/csv; charset=utf-8; header=present", name: "countersign-drills-" + page.From + "-to-" + page.To + ".csv"}
	return out.done(r.App.Store.DrillCSV(r.Ctx(), r.Viewer, ask, out))
}

// drillsAsked reads the period and the filters from the address, as the report on
// approvers does.
func drillsAsked(r *Request) (views.DrillReportPage, store.DrillAsk) {
	period, of := approversAsk(r)
	page := views.DrillReportPage{Now: period.Now, From: period.From, To: period.To, Errors: period.Errors, Query: url.Values{}}
	for _, key := range []string{"from", "to"} {
		if v := period.Query.Get(key); v != "" {
			page.Query.Set(key, v)
		}
	}
	ask := store.DrillAsk{In: of.In, Missed: r.Query("missed") != ""}
	if t := models.Tier(r.Query("tier")); t.Rank() >= 0 {
		ask.Tier, page.Tier = t, string(t)
		page.Query.Set("tier", page.Tier)
	}
	if ask.Missed {
		page.Missed = true
		page.Query.Set("missed", strconv.Itoa(1))
	}
	return page, ask
}
