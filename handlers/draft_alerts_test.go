package handlers_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// The thresholds of a plan: what applies is filled in, what is wrong is said where it was
// typed, and what was set is read wherever the plan is.
func TestAlertsInThePlan(t *testing.T) {
	d := newDraft(t)
	oversight := d.version + "/oversight"
	form := `form[action="` + oversight + `"]`
	page := d.carlos.Get(oversight, http.StatusOK)
	require.Equal(t, "1", page.Find("#alert_denials").AttrOr("value", ""))
	require.Equal(t, "80", page.Find("#alert_volume").AttrOr("value", ""))
	require.Equal(t, "yes", page.Find("input[name=alert_first_use][checked]").AttrOr("value", ""))
	page.Want("main", "in any case")

	before := d.Ledger(t)
	page = d.carlos.Submit(page, form, with(wholePlan, "alert_denials", "0"), http.StatusUnprocessableEntity)
	page.Want("#alert_denials-error", "cannot be switched off").Want("#error-summary a[href='#alert_denials']", "between 1 and 10,000")
	require.Equal(t, "0", page.Find("#alert_denials").AttrOr("value", ""), "what was typed stays")
	page = d.carlos.Submit(page, form, app.Values{"alert_denials": "many", "alert_volume": "30", "then": "continue"}, http.StatusUnprocessableEntity)
	page.Want("#alert_denials-error", "as a whole number").Want("#alert_volume-error", "between 50 and 100")
	page = d.carlos.Submit(page, form, app.Values{"alert_denials": "", "alert_volume": "", "then": "continue"}, http.StatusUnprocessableEntity)
	page.Want("#alert_denials-error", "Enter from how many").Want("#alert_volume-error", "Enter from which share")
	require.Equal(t, before, d.Ledger(t), "nothing was saved")
	d.carlos.Submit(page, form, app.Values{"alert_denials": "25", "alert_volume": "90", "alert_first_use": "no", "then": "continue"}, http.StatusOK)

	d.fill() // the rest; the plan is posted as it stands
	d.anna.Get(oversight, http.StatusOK).Want("main", "25 refusals on one day").Want("main", "90 % of the day’s volume used").Want("main", "Not of the first use").Want("main", "Any run on another manifest")
	d.anna.SubmitForm(d.version+"/submit", d.version+"/submit", nil, http.StatusOK)
	d.carlos.Get(d.version+"/roles/control_owner", http.StatusOK).Want("main", "You are alerted of 25 refusals on one day")
	d.anna.Get(d.version+"?view=whole", http.StatusOK).Want("main", "25 refusals on one day")
}
