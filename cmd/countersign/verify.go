package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"countersign/store"
)

type verifyCommand struct {
	database
	File string `arg:"" optional:"" name:"file" help:"A receipt to check instead, without any database; - for standard input."`
}

// Run checks the ledger's chain and every governance row against it, and names
// the first thing that does not fit; or everything in a receipt. Exit code 1 when
// something does not.
func (v verifyCommand) Run(ctx context.Context) error {
	if v.File != "" {
		return verifyReceipt(v.File)
	}
	st, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer done(st)
	var last store.VerifyProgress
	err = st.Verify(ctx, func(p store.VerifyProgress) {
		if onTerminal() {
			fmt.Fprintf(os.Stderr, "\r%-40s %d entries, %d rows ", p.Step, p.Entries, p.Rows)
		}
		last = p
	})
	if onTerminal() {
		fmt.Fprintln(os.Stderr)
	}
	var misfit *store.VerifyError
	if errors.As(err, &misfit) {
		fmt.Println("Does not fit:", misfit.Says)
		return errRefused
	}
	if err != nil {
		return err
	}
	fmt.Printf("Everything fits: %d entries, and %d rows that are as the record says.\n", last.Entries, last.Rows)
	fmt.Printf("Note the head elsewhere, so that a record cut at its end is noticed: entry %d, %s\n", last.Entries, last.Head)
	return nil
}

// onTerminal says whether a person watches.
func onTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
