package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// From the home page each row leads to what happens about it: who is told and when, in
// the order of time, and what happens if nobody does it.
func TestDutyPageSaysWhatHappens(t *testing.T) {
	h := newHouse(t)
	xu := h.as("xu")
	row := xu.Get("/", http.StatusOK).Find(".cs-duty").First()
	href := row.Find("a[href^='/duties/']").AttrOr("href", "")
	require.NotEmpty(t, href)
	page := xu.Get(href, http.StatusOK)
	page.Want("h1", strings.TrimSpace(row.Find("h3").Text()))
	page.Want(".cs-timeline", "It was asked of")
	page.Want(".cs-moment-due", "due")
	page.Want(".cs-moment-ahead", "if nobody does it by then")
	require.NotZero(t, page.Find(".cs-timeline time").Length())
	xu.Get("/duties/dty_nothing", http.StatusNotFound)
}
