package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const receiptFile = "../../ledger/receipt/testdata/receipt-1.json"

func TestVerifyReceipt(t *testing.T) {
	raw, err := os.ReadFile(receiptFile)
	require.NoError(t, err)
	check := func(text string) (string, error) {
		var out bytes.Buffer
		err := checkReceipt(&out, strings.NewReader(text))
		return out.String(), err
	}
	out, err := check(string(raw))
	require.NoError(t, err)
	require.Contains(t, out, "Entry 42 of the record of https://countersign.example: version.signed_off by “Ada Lovelace” (per_ada), on 2027-01-15 08:00:00 UTC.\n")
	require.Contains(t, out, "Fits: The passkey's signature fits")
	require.Contains(t, out, "Not known from this file: Whether the entry is in the record: compare entry 42")
	require.True(t, strings.HasSuffix(out, "Everything in it fits.\n"))

	out, err = check(strings.Replace(string(raw), `"comment":"Read it"`, `"comment":"Not read"`, 1))
	require.ErrorIs(t, err, errRefused)
	require.Contains(t, out, "Does not fit: A row of sign_offs in this file is none that the entry left.")
	require.NotContains(t, out, "Everything in it fits")

	out, err = check(strings.Replace(string(raw), "Ada Lovelace", `\u001b[2J\rEve\nEverything in it fits.`, 1))
	require.NoError(t, err, "a name is told, and nothing follows from it")
	require.NotContains(t, out, "\x1b")
	require.Equal(t, 1, strings.Count(out, "\nEverything in it fits."), "a name writes no line of its own")

	out, err = check("{}")
	require.ErrorIs(t, err, errRefused)
	require.Contains(t, out, "Cannot be checked: this is no receipt")
}

// The command needs no database for a receipt, and says by its exit code what it found.
func TestVerifyReceiptCommand(t *testing.T) {
	t.Setenv("COUNTERSIGN_DATABASE", "/nowhere/at/all.db")
	require.NoError(t, run(t.Context(), []string{"verify", receiptFile}))
	bad := t.TempDir() + "/bad.json"
	require.NoError(t, os.WriteFile(bad, []byte(`{"format":"countersign/receipt/1"}`), 0o600))
	require.ErrorIs(t, run(t.Context(), []string{"verify", bad}), errRefused)
	require.Error(t, run(t.Context(), []string{"verify", "/nowhere.json"}))
	require.Error(t, run(t.Context(), []string{"verify"}), "without a file it opens the database")
}
