package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// Whoever was skipped is told at once, on every page, and until it is over; nobody
// else is.
func TestWhoWasSkippedIsTold(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	h.switchOn()
	version := h.version("Treasury agent")
	zoe := h.as("zoe")
	key := zoe.AddPasskey("Blue key")
	told := map[string]*app.Client{}
	for _, who := range []string{"ben", "priya", "carlos", "yara", "xu", "adam", "eve", "anna", "pete", "udo", "zoe"} {
		told[who] = h.as(who)
		require.Zero(t, told[who].Get("/matrix", http.StatusOK).Find(".cs-paged").Length(), who)
	}
	zoe = told["zoe"]
	zoe.Sign(zoe.Get(version+"/emergency", http.StatusOK), glass, app.Values{"reason": "Two hospitals wait", "minutes": "40"}, key, http.StatusOK)
	for _, who := range []string{"ben", "priya", "carlos", "yara", "xu", "adam", "eve"} {
		page := told[who].Get("/me", http.StatusOK)
		page.Want(".cs-paged", "Treasury agent runs until").Want(".cs-paged", "Zoë Lindqvist opened it").WantNot(".cs-paged", "hospitals")
		require.Equal(t, who != "adam" && who != "eve", page.Find(".cs-paged a").Length() == 1, who)
	}
	for _, who := range []string{"anna", "udo", "zoe"} {
		require.Zero(t, told[who].Get("/me", http.StatusOK).Find(".cs-paged").Length(), who)
	}
	h.Clock.Move(41 * time.Minute)
	require.Zero(t, h.as("ben").Get("/me", http.StatusOK).Find(".cs-paged").Length(), "it is over")
}
