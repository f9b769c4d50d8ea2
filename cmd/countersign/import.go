package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"countersign/importers"
)

type importCommand struct {
	DryRun bool     `help:"Say what the files hold and save nothing."`
	Files  []string `arg:"" name:"file" help:"Files to read; - for standard input."`
}

// Run prints one JSON line for each agent or system in the files. It exits with
// 1 when anything was refused. Saving a draft needs a business owner who is
// signed in: that is the page /agents/import.
func (i importCommand) Run(ctx context.Context) error {
	if !i.DryRun {
		return fmt.Errorf("an agent needs a business owner, so a draft is made on the page /agents/import; here use --dry-run to see what a file holds")
	}
	refused := false
	for _, name := range i.Files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		data, err := readBounded(name)
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", name, err)
		}
		for _, got := range importers.Read(name, data) {
			line, err := got.JSONLine()
			if err != nil {
				return err
			}
			if _, err := os.Stdout.Write(line); err != nil {
				return err
			}
			refused = refused || got.Refused()
		}
	}
	if refused {
		return errRefused
	}
	return nil
}

// readBounded reads at most one byte more than an import may have.
func readBounded(name string) ([]byte, error) {
	in := io.ReadCloser(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		in = f
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, importers.MaxBytes+1))
}
