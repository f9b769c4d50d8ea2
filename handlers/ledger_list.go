package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// LedgerList shows the whole record, newest first: to auditors. Days are those of
// the auditor's time zone; "to" is counted in.
func LedgerList(r *Request) error {
	page := views.LedgerPage{Now: r.Now(), Query: url.Values{}}
	filter := store.LedgerFilter{}
	for key, to := range map[string]*string{"act": &filter.Act, "who": &filter.Who, "actor": &filter.Actor} {
		if *to = firstRunes(r.Query(key), 200); *to != "" {
			page.Query.Set(key, *to)
		}
	}
	if slices.Contains([]string{"system", "countersign"}, strings.ToLower(filter.Who)) {
		filter.Who = models.SystemActor
	}
	filter.From = r.ledgerDay(&page, "from", 0)
	filter.To = r.ledgerDay(&page, "to", 1)
	number := func(key string) int64 {
		n, err := strconv.ParseInt(r.Query(key), 10, 64)
		if err != nil || n < 0 {
			return 0 // what is no number of an entry begins at the newest
		}
		return n
	}
	found, err := r.App.Store.Ledger(r.Ctx(), r.Viewer, filter, store.LedgerCursor{Before: number("before"), After: number("after")})
	if err != nil {
		return err
	}
	page.Acts, page.Actor, page.Older, page.Newer, page.Seq, page.Head = found.Acts, found.Actor, found.Older, found.Newer, found.Seq, found.Head
	for _, l := range found.Lines {
		e := views.LedgerEntry{HistoryEntry: l.HistoryEntry, ActID: l.ActID, Body: l.Body, Prev: l.Prev}
		for _, row := range l.Rows {
			e.Rows = append(e.Rows, views.LedgerRow{Table: row.Table, ID: row.ID, Rev: row.Rev, SHA256: row.SHA256})
		}
		page.Entries = append(page.Entries, e)
	}
	head, status := r.Head("The record", ""), http.StatusOK
	if len(page.Errors) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.Ledger(head, page))
}

// ledgerDay reads a day at the viewer's place, some days on; nil for none.
func (r *Request) ledgerDay(page *views.LedgerPage, key string, on int) *models.Instant {
	typed := firstRunes(r.Query(key), 40)
	if typed == "" {
		return nil
	}
	page.Query.Set(key, typed)
	day, err := time.ParseInLocation(time.DateOnly, typed, r.zone())
	if err != nil {
		page.Errors = append(page.Errors, views.FieldError{Field: key, Message: "Enter a day such as 2026-11-26."})
		return nil
	}
	return models.At(day.AddDate(0, 0, on)).Ref()
}
