package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/views"
)

// ReportList names to auditors and administrators the reports that each of them may open.
func ReportList(r *Request) error {
	var out []views.ReportLink
	auditor := r.Viewer.Has(models.Auditor)
	if auditor {
		out = append(out,
			views.ReportLink{Title: "How approvers decided", Href: views.ApproverReportPath, Say: "How often each approver decided, how long they had it open, and how quickly one decision followed another"},
			views.ReportLink{Title: "How people answered drills", Href: views.DrillReportPath, Say: "How quickly each person answered when asked whether something was theirs, and what they missed"})
	}
	out = append(out, views.ReportLink{Title: "How much people answer for", Href: views.LoadReportPath, Say: "How many capabilities in force rest on each person, and who is over the limit"},
		views.ReportLink{Title: "What was sent", Href: "/admin/notices", Say: "Each notice: when it went where, how often it was tried, and whether it arrived"})
	if auditor {
		out = append(out, views.ReportLink{Title: "The record", Href: "/ledger", Say: "Who did what and when, entry by entry, and how to check it yourself"})
	}
	return r.Render(http.StatusOK, views.Reports(r.Head("Reports", ""), out))
}
