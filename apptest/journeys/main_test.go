package journeys_test

import (
	"os"
	"testing"

	"countersign/apptest"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// The organisation is there on both engines, and its people can sign in.
func TestOrganisation(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		org.Client(t).Login("anna").Last.Want(".cs-me-name", "Anna Keller")
		if org.Ledger(t) == "" || org.One(t, "SELECT count(*) || '' FROM versions WHERE state = 'live'") < "1" {
			t.Error("nothing is live")
		}
	})
}
