// Command countersign is the product: one binary, a subcommand for each thing
// that an operator does.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // people's days and hours count in their own zone, whatever the machine knows of zones

	"github.com/alecthomas/kong"
)

// commands are the subcommands; every flag has an environment twin.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve the product. The database has to be migrated."`
	Demo    demoCommand    `cmd:"" help:"Show the product with an organisation of its own: nothing else is needed."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this program's version."`
	Import  importCommand  `cmd:"" help:"Take in files that describe agents and systems: one JSON line for each."`
	Export  exportCommand  `cmd:"" help:"Export what the product shows."`
	Verify  verifyCommand  `cmd:"" help:"Check the ledger and every governance row against it."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

// errRefused ends a command with exit code 1 after it has said why itself.
var errRefused = errors.New("refused")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, errRefused) {
			fmt.Fprintln(os.Stderr, "countersign:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// run parses the arguments and runs the command that they name.
func run(ctx context.Context, args []string) error {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	parser, err := kong.New(&commands{}, kong.Name("countersign"),
		kong.Description("Who is accountable for what an agent did, or may do."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	return parsed.Run()
}

type versionCommand struct{}

// Run prints the module's version, or the commit that it was built from.
func (versionCommand) Run() error {
	fmt.Println("countersign", version())
	return nil
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	if v == "" || v == "(devel)" {
		return "built from source"
	}
	return v
}
