package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"countersign/ledger/receipt"
)

// verifyReceipt checks a receipt's file against itself, line by line: no database,
// no network. What it says of people in words is the file's, and only printed.
func verifyReceipt(name string) error {
	var from io.Reader = os.Stdin
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // the operator names it
		if err != nil {
			return fmt.Errorf("cannot open the receipt: %w", err)
		}
		defer func() { _ = file.Close() }() // it was only read
		from = file
	}
	return checkReceipt(os.Stdout, from)
}

func checkReceipt(out io.Writer, from io.Reader) error {
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintln(out, plainly(fmt.Sprintf(format, args...))) // where it cannot be read, nobody reads it
	}
	f, err := receipt.Read(from)
	if err != nil {
		say("Cannot be checked: %s.", err)
		return errRefused
	}
	who := f.Entry.Actor
	if name := f.Told.People[who]; name != "" {
		who = "“" + name + "” (" + who + ")"
	}
	say("Entry %d of the record of %s: %s by %s, on %s.", f.Entry.Seq, f.Told.By, f.Entry.Act, who, time.UnixMicro(f.Entry.At).UTC().Format("2006-01-02 15:04:05 UTC"))
	lines := f.Check()
	misfits := 0
	for _, l := range lines {
		switch l.Verdict {
		case receipt.Fits:
			say("Fits: %s", l.Says)
		case receipt.Misfits:
			misfits++
			say("Does not fit: %s", l.Says)
		case receipt.Unknown:
			say("Not known from this file: %s", l.Says)
		}
	}
	if misfits > 0 {
		say("%d things do not fit: this is not the receipt that was given.", misfits)
		return errRefused
	}
	say("Everything in it fits.")
	return nil
}

// plainly is text from a stranger's file for a terminal: nothing in it is obeyed.
func plainly(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
