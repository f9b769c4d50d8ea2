package handlers

import "time"

// ReviewExport sends what ReviewList would show under the same filters, all of its
// pages, as CSV: to whoever may see it.
func ReviewExport(r *Request) error {
	out := &download{r: r, kind: "text/csv; charset=utf-8; header=present", name: "countersign-reviews-" + r.Now().Format(time.DateOnly) + ".csv"}
	return out.done(r.App.Store.ReviewCSV(r.Ctx(), r.Viewer, reviewsAsked(r), out))
}
