package store

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// Operator is the viewer of whoever holds the database itself and exports from
// the command line: sees what an auditor sees.
func Operator() models.Party {
	return models.Party{Person: models.Person{ID: models.SystemActor, Name: "the operator", Status: models.PersonActive}, Roles: []models.Role{models.Auditor}}
}

// matrixHeader is the header of the export. Others read it by place too: a column
// that comes later comes at the end.
var matrixHeader = []string{"agent", "task", "capability id", "version", "digest", "tier", "state", "holds",
	"owner", "owner team", "provisioner", "provisioner team", "control owner", "control owner team", "approvers",
	"approved at", "next review", "in force until", "version on its way", "holes", "as of", "answers in seconds", "drills missed", "no answer"}

// MatrixCSV writes what the viewer may see of the matrix under the filter, in its
// order, as CSV (RFC 4180, UTF-8, instants as RFC 3339 in UTC), all as of one
// moment. Memory is that of 500 lines, whatever their number. Nothing is written
// to w before the first lines were read.
func (s *Store) MatrixCSV(ctx context.Context, viewer models.Party, f MatrixFilter, w io.Writer) error {
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		q, err := s.matrixQuery(tx, viewer, f)
		if err != nil {
			return err
		}
		large := bufio.NewWriterSize(w, 64<<10)
		out := csv.NewWriter(large)
		out.UseCRLF = true
		var key *matrixKey
		for first := true; first || key != nil; first = false {
			lines, next, err := q.batch(tx, key, chunk)
			if err != nil {
				return err
			}
			key = next
			if first {
				if err := out.Write(matrixHeader); err != nil {
					return fmt.Errorf("cannot write the export: %w", err)
				}
			}
			for _, l := range lines {
				if err := out.Write(l.cells(q.now)); err != nil {
					return fmt.Errorf("cannot write the export: %w", err)
				}
			}
			out.Flush()
			if err := errors.Join(out.Error(), large.Flush()); err != nil {
				return fmt.Errorf("cannot write the export: %w", err)
			}
		}
		return nil
	})
}

func (q matrixQuery) batch(tx *gorm.DB, from *matrixKey, rows int) (lines []MatrixLine, next *matrixKey, err error) {
	found, err := q.read(tx, from, false, rows)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range found {
		lines = append(lines, r.line(q.now))
	}
	if len(found) == rows {
		k := found[rows-1].place("")
		next = &k
	}
	return lines, next, q.fill(tx, lines)
}

func (l MatrixLine) cells(now models.Instant) []string {
	var approvers, holds, holes []string
	for _, w := range l.ApprovedBy {
		name := w.Name
		if w.Team != "" {
			name += " (" + w.Team + ")"
		}
		approvers = append(approvers, name)
	}
	for _, h := range l.Holds {
		holds = append(holds, strings.ReplaceAll(h.Kind, "_", " ")+" on "+strings.ReplaceAll("the "+h.TargetKind, "the all", "everything")+" since "+rfc3339(&h.PlacedAt)+": "+h.Cause)
	}
	if !l.Ended() {
		for _, h := range MatrixHoles {
			if l.Holes&h.Bit != 0 {
				holes = append(holes, h.Words)
			}
		}
	}
	version, onItsWay := "", ""
	if l.VersionNo > 0 {
		version = strconv.Itoa(l.VersionNo)
	}
	if l.OpenState != "" {
		onItsWay = l.OpenState.Words()
	}
	cells := []string{l.AgentName, l.Title, l.CapabilityID, version, l.Digest, string(l.Tier()), MatrixStateWords(l.Words), strings.Join(holds, "; "),
		l.Owner.Name, l.Owner.Team, l.Provisioner.Name, l.Provisioner.Team, l.ControlOwner.Name, l.ControlOwner.Team, strings.Join(approvers, "; "),
		rfc3339(l.ApprovedAt), rfc3339(l.ReviewDueAt), rfc3339(l.UntilAt), onItsWay, strings.Join(holes, "; "), rfc3339(&now)}
	cells = append(cells, l.Answers.cells()...)
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return cells
}

// cells are the median time to an answer, how many were missed or late, and whether one
// is missing still; all of them empty where nobody was asked.
func (a Answers) cells() []string {
	in, missed, silent := "", "", ""
	if a.Median != nil {
		in = strconv.FormatInt(int64(*a.Median/models.Second), 10)
	}
	if a.Answered+a.Missed > 0 {
		missed = strconv.Itoa(a.Missed)
	}
	if a.Silent {
		silent = "yes"
	}
	return []string{in, missed, silent}
}

// MatrixStateWords is a line's state as people read it.
func MatrixStateWords(state string) string {
	if state == MatrixNone {
		return "not in force"
	}
	return models.State(state).Words()
}

// harmless keeps a cell from being read as a formula: a stranger may have chosen
// the name of an agent, and spreadsheets calculate what begins so.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func rfc3339(at *models.Instant) string {
	if at == nil {
		return ""
	}
	return at.String()
}
