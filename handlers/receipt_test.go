package handlers_test

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/ledger/receipt"
)

// file is the receipt's file, read and checked.
func file(t *testing.T, c *app.Client, path string) (receipt.File, []receipt.Line) {
	t.Helper()
	page := c.Get(path+"/file", http.StatusOK)
	require.Equal(t, "application/json", page.Header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="countersign-receipt-\d+\.json"$`, page.Header.Get("Content-Disposition"))
	f, err := receipt.Read(strings.NewReader(page.Body))
	require.NoError(t, err)
	lines := f.Check()
	require.True(t, receipt.Sound(lines), "%v", lines)
	return f, lines
}

// A receipt says what was decided on, what was shown and how it came about; its
// file holds without the server. How it came about is for whoever decided, and
// for auditors.
func TestAReceiptHolds(t *testing.T) {
	h := newHouse(t)
	version := h.version("Salary explainer") // high; Zoë has signed
	yara := h.as("yara")
	key := yara.AddPasskey("Blue key")
	page := yara.Get(version, http.StatusOK)
	page.Want("#decide", "How long you had this open and what you opened of it is kept with your decision. It never blocks one.")
	yara.Get(version+"?view=whole", http.StatusOK)
	shown := yara.Submit(page, decision, yara.Answer(page, decision, app.Values{"decision": "sign", "reason": "All of it"}, key), http.StatusOK)
	path := shown.URL.Path
	shown.Want("main", "The signature fits").Want("main", "Blue key").Want("main", "2 times in all: what had changed and the whole of it").
		Want("main", "Risk tier, as it was decided on").Want("main", "The hash of the entry before").Want("main", "By the tier rules").Want("main a[download]", "Download this receipt")

	f, lines := file(t, yara, path)
	require.Equal(t, "version.signed_off", f.Entry.Act)
	require.NotEmpty(t, f.Details)
	require.NotEmpty(t, f.Told.Changes)
	require.Equal(t, "Yara Haddad", f.Told.People[f.Entry.Actor])
	require.NotNil(t, f.Version)
	fits := 0
	for _, l := range lines {
		if l.Verdict == receipt.Fits {
			fits++
		}
	}
	require.GreaterOrEqual(t, fits, 15)

	udo := h.as("udo")
	udo.Get(path, http.StatusOK).Want("main", "What was opened before").Want("main .cs-receipt a[href^='/ledger']", "")
	f, _ = file(t, udo, path)
	require.NotEmpty(t, f.Details, "an auditor gets the details")
	owner := h.as(h.One(t, "SELECT a.subject FROM accounts a JOIN agents g ON g.owner_id = a.person_id WHERE g.name = 'Salary explainer'"))
	theirs := owner.Get(path, http.StatusOK)
	theirs.WantNot("main", "What was opened before").Want("main", "The signature fits")
	f, _ = file(t, owner, path)
	require.Empty(t, f.Details, "how another decided is not for the owner")
	require.NotContains(t, owner.Get(path+"/file", http.StatusOK).Body, "opened_at")
	h.as("xu").Get(path, http.StatusOK).WantNot("main", "What was opened before")
	h.as("adam").Get(path+"/file", http.StatusNotFound)

	// Of an act that is no decision on a version there is a file as well.
	f, _ = file(t, yara, "/receipts/"+h.One(t, "SELECT MAX(seq) FROM ledger WHERE act = 'passkey.added'"))
	require.Empty(t, f.Rows)
}

// People see their own decisions and figures; auditors see everybody's; nobody
// else sees anybody's.
func TestHowApproversDecided(t *testing.T) {
	h := newHouse(t)
	version := h.version("Chat greeter") // moderate: one approver
	xu := h.as("xu")
	page := xu.Get(version, http.StatusOK)
	xu.Submit(page, decision, app.Values{"decision": "sign", "reason": "Reads well"}, http.StatusOK)
	mine := xu.Get("/me/decisions", http.StatusOK)
	mine.Want("h2", "Your figures").Want("main", "It never blocks a decision").Want("svg.cs-chart text", "under a minute").
		Want("main tbody a[href='"+version+"']", "version 1")
	require.Equal(t, mine.Find("svg.cs-chart rect").Length(), 6)
	require.NotZero(t, mine.Find("main a[href^='/receipts/']").Length())
	h.as("anna").Get("/me/decisions", http.StatusOK).Want(".cs-empty", "You have decided on nothing yet")

	udo := h.as("udo")
	report := udo.Get("/reports/approvers", http.StatusOK)
	report.Want("tbody th", "Xu Wei").Want("thead a", "Median time open")
	sorted := udo.Get("/reports/approvers?sort=median&down=1", http.StatusOK)
	require.Equal(t, "descending", sorted.Find("th[aria-sort]").AttrOr("aria-sort", ""))
	udo.Get("/reports/approvers?from=1999-01-01&to=1999-12-31", http.StatusOK).Want(".cs-empty", "Nobody decided")
	udo.Get("/reports/approvers?from=soon", http.StatusUnprocessableEntity).Want("#error-summary", "Enter a day such as").Want("#from[value='soon']", "")
	udo.Get("/reports/approvers.csv?from=soon", http.StatusUnprocessableEntity)
	out, err := csv.NewReader(strings.NewReader(udo.Get("/reports/approvers.csv", http.StatusOK).Body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, out, report.Find("tbody tr").Length()+1)
	for _, who := range []string{"xu", "anna", "adam"} {
		h.as(who).Get("/reports/approvers", http.StatusForbidden)
		h.as(who).Get("/reports/approvers.csv", http.StatusForbidden)
	}
}

// Whatever was done, its receipt holds: every act of the demo's organisation, for
// an auditor.
func TestEveryReceiptHolds(t *testing.T) {
	h := newHouse(t)
	udo := h.as("udo")
	last, err := strconv.Atoi(h.One(t, "SELECT MAX(seq) FROM ledger"))
	require.NoError(t, err)
	signed := map[bool]int{}
	for seq := 1; seq <= last; seq++ {
		f, _ := file(t, udo, "/receipts/"+strconv.Itoa(seq))
		if f.Entry.Act == "version.signed_off" {
			require.NotNil(t, f.Version)
			signed[f.Passkey != nil]++
		}
		if seq%25 == 0 {
			udo.Get("/receipts/"+strconv.Itoa(seq), http.StatusOK).Want("main", "The hash of the entry before")
		}
	}
	require.NotZero(t, signed[true])
	require.NotZero(t, signed[false])
}
