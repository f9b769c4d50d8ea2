package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// givenUp is a test to a hook that failed until it was given up: the paths of its notice
// and the ids of its delivery.
func (h *house) givenUp(receiver *journeys.Receiver, by *app.Client, base, name string) (notice, delivery string) {
	h.t.Helper()
	by.SubmitForm(base, base+"/hooks", app.Values{"name": name, "style": "standard", "url": receiver.URL + "/T0KEN"}, http.StatusOK)
	hook := h.hookOf(name)
	by.SubmitForm(base, base+"/hooks/"+hook+"/test", nil, http.StatusOK)
	receiver.Answers(http.StatusInternalServerError)
	for range 10 {
		h.Send(h.t)
		h.Clock.Move(25 * time.Hour)
	}
	notice = "/admin/notices/" + h.One(h.t, "SELECT outbox_id FROM deliveries WHERE endpoint_id = '"+hook+"' AND kind = 'channel.test'")
	delivery = h.One(h.t, "SELECT id FROM deliveries WHERE endpoint_id = '"+hook+"' AND kind = 'channel.test'")
	require.Equal(h.t, "given_up 10", h.delivery(delivery))
	return notice, delivery
}

func (h *house) delivery(id string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT state || ' ' || tries FROM deliveries WHERE id = '"+id+"'")
}

// What was given up is tried again when an administrator says so: under the same key,
// once however often the form is sent, and it is recorded who said it. Whose hook it is
// makes no difference.
func TestWhatWasGivenUpIsTriedAgain(t *testing.T) {
	for whose, base := range map[string]string{"anna": "/me/channels", "adam": "/admin/channels"} {
		t.Run(whose, func(t *testing.T) {
			h := newHouse(t, journeys.HooksHere(), app.At(time.Now()))
			receiver := journeys.NewReceiver(t)
			notice, delivery := h.givenUp(receiver, h.as(whose), base, "Chat")
			adam, eve, udo, anna := h.as("adam"), h.as("eve"), h.as("udo"), h.as("anna")
			before, form := h.Ledger(t), "#retry-"+delivery

			page := udo.Get(notice, http.StatusOK).Want("main", "Given up").Want("main .cs-history", "answers 500").Want("main .cs-history", "try 10")
			require.Zero(t, page.Find("main form[method=post]").Length(), "an auditor reads")
			require.NotContains(t, page.Body, "T0KEN")
			for _, c := range []*app.Client{udo, anna, h.as("xu")} {
				c.Post(notice+"/retry", app.Values{"delivery": delivery}, http.StatusForbidden)
			}
			adam.Post(notice+"/retry", app.Values{"delivery": "dlv_none"}, http.StatusNotFound)
			require.Equal(t, before, h.Ledger(t))
			require.Equal(t, "given_up 10", h.delivery(delivery))

			receiver.Answers(http.StatusOK)
			page, stale := adam.Get(notice, http.StatusOK), eve.Get(notice, http.StatusOK)
			adam.Submit(page, form, nil, http.StatusOK).Want(".cs-flash", "It is tried again").Want("main", "Waiting")
			adam.Submit(page, form, nil, http.StatusOK).Want(".cs-flash", "sent before")
			eve.Submit(stale, form, nil, http.StatusConflict).Want("#error-summary", "Only what was given up can be sent again")
			h.Send(t)
			require.Equal(t, "delivered 11", h.delivery(delivery))
			adam.Submit(page, form, nil, http.StatusOK).Want(".cs-flash", "sent before")
			eve.Submit(stale, form, nil, http.StatusConflict)
			h.Send(t)
			got := receiver.Got()
			require.Len(t, got, 11, "ten that failed, and one more")
			for _, g := range got {
				require.Equal(t, delivery, g.Header.Get("webhook-id"), "always under the same key")
			}
			page = adam.Get(notice, http.StatusOK).Want("main", "Delivered").Want("main .cs-history", "try 11").Want("main .cs-history", "answered 200")
			require.Zero(t, page.Find(form).Length(), "there is nothing to try again")
			adam.Get("/receipts/"+h.One(t, "SELECT seq FROM ledger WHERE act = 'notice.retried'"), http.StatusOK).Want("h1", "You had a notice that was given up sent again")
			udo.Get("/receipts/"+h.One(t, "SELECT seq FROM ledger WHERE act = 'notice.retried'"), http.StatusOK).Want("h1", "Adam Fischer had a notice")
		})
	}
}

// Where it went is gone meanwhile, the page says so and nothing is recorded. What fails
// once more is given up at once.
func TestWhatCannotBeTriedAgain(t *testing.T) {
	h := newHouse(t, journeys.HooksHere(), app.At(time.Now()))
	receiver := journeys.NewReceiver(t)
	notice, delivery := h.givenUp(receiver, h.as("anna"), "/me/channels", "Chat")
	adam, anna := h.as("adam"), h.as("anna")
	adam.Submit(adam.Get(notice, http.StatusOK), "#retry-"+delivery, nil, http.StatusOK)
	h.Send(t)
	require.Equal(t, "given_up 11", h.delivery(delivery))
	page := adam.Get(notice, http.StatusOK)
	anna.SubmitForm("/me/channels", "/me/channels/hooks/"+h.hookOf("Chat")+"/remove", nil, http.StatusOK)
	before := h.Ledger(t)
	adam.Submit(page, "#retry-"+delivery, nil, http.StatusConflict).Want("#error-summary", "The hook was taken away")
	require.Equal(t, before, h.Ledger(t))
	h.Send(t)
	require.Len(t, receiver.Got(), 11)
}
