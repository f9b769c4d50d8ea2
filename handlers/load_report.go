package handlers

import (
	"net/http"
	"net/url"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Load is the report on how much people answer for, and who is over the limit: for
// auditors and administrators.
func Load(r *Request) error {
	page, ask := loadAsk(r)
	ask.After = r.Query("after")
	found, next, most, err := r.App.Store.Loads(r.Ctx(), r.Viewer, ask)
	if err != nil {
		return err
	}
	page.Most, page.Next, page.Newest = most, next, ask.After == ""
	for _, l := range found {
		page.Rows = append(page.Rows, loadRow(l))
	}
	head := r.Head("How much people answer for", "")
	head.Wide = true
	return r.Render(http.StatusOK, views.Loads(head, page))
}

// LoadExport is the whole report as CSV.
func LoadExport(r *Request) error {
	_, ask := loadAsk(r)
	out := &download{r: r, kind: "text/csv; charset=utf-8; header=present", name: "countersign-load-" + r.Now().Format("2006-01-02") + ".csv"}
	return out.done(r.App.Store.LoadCSV(r.Ctx(), r.Viewer, ask, out))
}

func loadRow(l store.Load) views.LoadRow {
	return views.LoadRow{PersonID: l.PersonID, Name: l.Name, Left: l.Status != models.PersonActive, Total: l.Total, Owner: l.Owner, Provisioner: l.Provisioner, ControlOwner: l.ControlOwner,
		Signed: l.Signed, Tiers: [4]int{l.Low, l.Moderate, l.High, l.Critical}}
}

func loadAsk(r *Request) (views.LoadReport, store.LoadAsk) {
	page := views.LoadReport{Query: url.Values{}, Sort: r.Query("sort"), Down: r.Query("down") != "", Search: firstRunes(r.Query("q"), models.MaxName), Over: r.Query("over") != ""}
	if _, ok := store.LoadOrder[page.Sort]; !ok {
		page.Sort, page.Down = "total", true
	} else {
		page.Query.Set("sort", page.Sort)
		if page.Down {
			page.Query.Set("down", "1")
		}
	}
	if page.Search != "" {
		page.Query.Set("q", page.Search)
	}
	if page.Over {
		page.Query.Set("over", "1")
	}
	return page, store.LoadAsk{Search: page.Search, Over: page.Over, Sort: page.Sort, Down: page.Down}
}
