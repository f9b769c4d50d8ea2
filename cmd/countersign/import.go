package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"countersign/importers"
	"countersign/models"
	"countersign/store"
)

type importCommand struct {
	database
	DryRun      bool     `help:"Say what the files hold and save nothing."`
	As          string   `help:"Whose drafts they become: the email address of a business owner, or of an administrator for systems." env:"COUNTERSIGN_IMPORT_AS" placeholder:"EMAIL"`
	Team        string   `help:"The team that looks after systems that are new." placeholder:"NAME"`
	Sensitivity string   `help:"How sensitive the data of systems that are new is: public, internal, confidential or restricted." placeholder:"LEVEL"`
	Watch       bool     `help:"Go on with a folder until told to stop: what changes there becomes an updated draft."`
	Files       []string `arg:"" name:"file" help:"Files and folders to read; - for standard input."`
}

// Run prints one JSON line for each agent or system in the files, and unless it
// is a dry run saves each as a draft or in the catalogue, on behalf of the person
// who is named. It exits with 1 when anything was refused. It registers nothing:
// a person does that, and others sign.
func (i importCommand) Run(ctx context.Context) error {
	if i.DryRun && i.Watch {
		return errors.New("a folder is watched to save what changes there: leave out --dry-run or --watch")
	}
	if !i.DryRun && i.As == "" {
		return errors.New("say with --as EMAIL whose drafts these become, or use --dry-run to see what the files hold")
	}
	lines := &importLines{out: os.Stdout}
	if !i.DryRun {
		st, err := i.open(ctx)
		if err != nil {
			return err
		}
		defer done(st)
		if lines.saver, err = i.saver(ctx, st); err != nil {
			return err
		}
	}
	if i.Watch {
		if len(i.Files) != 1 {
			return errors.New("--watch takes one folder")
		}
		return watchFolder(ctx, i.Files[0], lines)
	}
	if err := lines.importAll(ctx, i.Files); err != nil {
		return err
	}
	if lines.refused {
		return errRefused
	}
	return nil
}

// saver finds out on whose behalf things are saved.
func (i importCommand) saver(ctx context.Context, st *store.Store) (*importSaver, error) {
	by, err := st.ActiveByEmail(ctx, i.As)
	if err != nil {
		return nil, err
	}
	if !by.Has(models.BusinessOwner) && !by.Has(models.Administrator) {
		return nil, fmt.Errorf("%s is neither a business owner, who takes in agents, nor an administrator, who takes in systems", by.Person.Name)
	}
	s := &importSaver{store: st, by: by, via: "command line", sensitivity: i.Sensitivity}
	if i.Watch {
		s.via = "watched folder"
	}
	if i.Sensitivity != "" && !slices.ContainsFunc(models.Sensitivities, func(c models.Choice) bool { return c.Value == i.Sensitivity }) {
		return nil, fmt.Errorf("%q is no sensitivity: say public, internal, confidential or restricted", i.Sensitivity)
	}
	if i.Team == "" {
		return s, nil
	}
	teams, err := st.TeamChoices(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		if strings.EqualFold(t.Name, i.Team) {
			s.team = t.ID
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no team called %q", i.Team)
}

// importLine is one line of standard output.
type importLine struct {
	models.Imported
	Saved  string `json:"saved,omitempty"`  // created, updated, same, refused; "" in a dry run
	ID     string `json:"id,omitempty"`     // of the agent or system
	Reason string `json:"reason,omitempty"` // why it was not saved
}

// importLines writes what was found and what became of it.
type importLines struct {
	out     io.Writer
	saver   *importSaver // nil in a dry run
	refused bool         // something was
}

// importAll reads the files and folders, one folder's files together.
func (l *importLines) importAll(ctx context.Context, paths []string) error {
	folders, err := gather(paths)
	if err != nil {
		return err
	}
	for _, f := range folders {
		files, tooLarge, err := f.read()
		if err != nil {
			return err
		}
		found := importers.ReadAll(files)
		for _, row := range models.ImportRows(append(found, tooLarge...)) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := l.take(ctx, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// take saves a row, unless it is a dry run, and writes its line.
func (l *importLines) take(ctx context.Context, row models.ImportRow) error {
	line := importLine{Imported: row.Imported}
	if l.saver != nil {
		var err error
		if line.Saved, line.ID, line.Reason, err = l.saver.save(ctx, row); err != nil {
			return err
		}
	}
	return l.write(line)
}

func (l *importLines) write(line importLine) error {
	l.refused = l.refused || line.Refused() || line.Saved == savedRefused
	if line.Warnings == nil {
		line.Warnings = []models.ImportWarning{}
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = l.out.Write(append(text, '\n'))
	return err
}

// importSaver saves on behalf of one person.
type importSaver struct {
	store             *store.Store
	by                models.Party
	via               string
	team, sensitivity string // of systems that are new
}

// What became of a row.
const (
	savedCreated = "created"
	savedUpdated = "updated"
	savedSame    = "same"
	savedRefused = "refused"
)

// save takes a row in, in an act of its own. What a rule refuses is said; err is
// for what has to end the command.
func (s *importSaver) save(ctx context.Context, row models.ImportRow) (saved, id, reason string, err error) {
	switch {
	case row.Refused():
		return savedRefused, "", "", nil // its warnings say why
	case row.Agent == nil && row.System == nil:
		return "", "", "", nil // a crew's tasks are saved with its agents
	}
	plans, err := s.store.ImportPlans(ctx, s.by, []models.ImportRow{row}, []string{""})
	if err != nil {
		return "", "", "", err
	}
	plan := plans[0]
	switch {
	case plan.Agent != nil:
		id = plan.Agent.ID
	case plan.System != nil && plan.System.System != nil:
		id = plan.System.System.ID
	}
	if plan.Same {
		return savedSame, id, "", nil
	}
	saved = savedUpdated
	if id == "" {
		saved = savedCreated
	}
	receipt, err := s.decide(ctx, row)
	for range 2 { // somebody else wrote for longer than the wait
		if models.CodeOf(err) != models.Busy {
			break
		}
		receipt, err = s.decide(ctx, row)
	}
	var rule *models.Error
	switch {
	case err == nil:
		return saved, receipt.Subject, "", nil
	case !errors.As(err, &rule):
		return "", "", "", err
	case rule.Rule == "import.same" || rule.Rule == "catalogue.same":
		return savedSame, id, "", nil
	case len(rule.Fields) > 0 && (rule.Fields[0].Field == "custodian_team_id" || rule.Fields[0].Field == "sensitivity"):
		return savedRefused, "", "This system is new: say with --team and --sensitivity who looks after it and how sensitive its data is.", nil
	case len(rule.Fields) > 0:
		return savedRefused, "", rule.Fields[0].Message, nil
	}
	return savedRefused, "", rule.Message, nil
}

func (s *importSaver) decide(ctx context.Context, row models.ImportRow) (models.Receipt, error) {
	act := models.Act{ID: store.NewActID(), Person: s.by.Person.ID, Via: s.via}
	if row.System != nil {
		return s.store.ImportSystem(ctx, act, row.Imported, s.team, s.sensitivity)
	}
	return s.store.DecideImport(ctx, act, row, "")
}
