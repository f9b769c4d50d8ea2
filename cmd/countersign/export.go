package main

import (
	"bufio"
	"context"
	"os"

	"countersign/store"
)

type exportCommand struct {
	Matrix exportMatrixCommand `cmd:"" help:"The accountability matrix: every capability with its four roles."`
}

type exportMatrixCommand struct {
	database
	Format string `help:"How it is written." enum:"csv" default:"csv"`
}

// Run writes the whole matrix to standard output.
func (e exportMatrixCommand) Run(ctx context.Context) error {
	st, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer done(st)
	out := bufio.NewWriter(os.Stdout)
	if err := st.MatrixCSV(ctx, store.Operator(), store.MatrixFilter{}, out); err != nil {
		return err
	}
	return out.Flush()
}
