package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"

	"countersign/models"
	"countersign/notify"
	"countersign/store"
	"countersign/views"
)

// CalendarMake gives the viewer's calendar an address, which is shown this one time; one
// that there was stops to work.
func CalendarMake(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	key := make([]byte, 24)
	_, _ = rand.Read(key) // never fails: it ends the program rather than give less
	token := hex.EncodeToString(key)
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, func(f models.ChannelFacts) (models.Change, error) { return f.MakeCalendar(models.Digest(token)) })
	if err != nil {
		return err
	}
	if receipt.Again {
		return r.done(receipt, "/me/channels", "")
	}
	return r.drawChannels(models.EndpointForm{}, &views.ShownOnce{Title: "Your calendar has an address. Copy it now",
		Text:  "It is shown this one time. Subscribe to it in your calendar program, as a calendar from the internet. Whoever has it can read when something is due and of which kind, and nothing more.",
		Label: "Secret address of your calendar", Value: r.App.PublicURL + "/calendar/" + token + ".ics"}, redraw{})
}

// CalendarRevoke ends the address of the viewer's calendar at once.
func CalendarRevoke(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, models.ChannelFacts.RevokeCalendar)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawChannels(models.EndpointForm{}, nil, refused)
	}
	return r.done(receipt, "/me/channels", "The address of your calendar no longer works.")
}

// calendarName names nobody: whoever has the address learns not even whose it is.
const calendarName = "Countersign: what is due"

// CalendarFeed is what is due for whoever has the secret address, without saying of what
// (RFC 5545). It is found by its hash, so that no comparison tells how near a guess was.
func CalendarFeed(r *Request) error {
	token := strings.TrimSuffix(r.Param("token"), ".ics")
	duties, err := r.App.Store.Feed(r.Ctx(), models.Digest(token))
	if err != nil {
		return err
	}
	var due []notify.Due
	for _, d := range duties {
		due = append(due, notify.Due{UID: d.ID, Title: notify.DueTitle(d.Kind), At: d.DueAt, Link: r.App.PublicURL + d.Page(), Sequence: int(d.Rev)})
	}
	h := r.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Disposition", `inline; filename="countersign.ics"`)
	return r.Blob(http.StatusOK, "text/calendar; charset=utf-8", notify.Calendar(calendarName, due, r.App.Now()))
}
