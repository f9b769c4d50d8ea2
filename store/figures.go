package store

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"gorm.io/gorm"

	"countersign/models"
)

// Figures are how one person decided in a period. Spans are in seconds, from the
// first opening of a version to the decision on it.
type Figures struct {
	PersonID  string
	Name      string
	Decisions int
	SignOffs  int
	Changes   int // asked for
	Refusals  int
	Opened    int  // decisions on what was opened on its page before
	Whole     int  // and the whole of it
	Median    *int // of the opened; nil where none was
	Shortest  *int
	InARow    int // the longest run of decisions with less than two minutes between
}

// Period is from one instant up to another, not with it.
type Period struct{ From, To models.Instant }

// figuresOf is one line a person of the decisions d, by the one index of the
// period or of the person. The median of an even number is the lower of the two.
const figuresOf = `WITH d AS (SELECT m.person_id, m.decision, m.in_a_row, m.parts, (m.decided_at - m.opened_at) / 1000000 AS span FROM decisions_made m WHERE %s),
	n AS (SELECT person_id, COUNT(*) AS decisions,
			SUM(CASE decision WHEN 'sign_off' THEN 1 ELSE 0 END) AS sign_offs, SUM(CASE decision WHEN 'changes' THEN 1 ELSE 0 END) AS changes,
			SUM(CASE decision WHEN 'refusal' THEN 1 ELSE 0 END) AS refusals, COUNT(span) AS opened,
			SUM(CASE WHEN ',' || parts || ',' LIKE '%%,whole,%%' THEN 1 ELSE 0 END) AS whole, MIN(span) AS shortest, MAX(in_a_row) AS in_a_row
		FROM d GROUP BY person_id),
	s AS (SELECT person_id, span, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY span) AS place, COUNT(*) OVER (PARTITION BY person_id) AS of_all FROM d WHERE span IS NOT NULL),
	f AS (SELECT n.*, s.span AS median, p.name, COALESCE(s.span, -1) AS median_key,
			n.sign_offs * 1000 / n.decisions AS sign_off_share, n.whole * 1000 / n.decisions AS whole_share
		FROM n JOIN people p ON p.id = n.person_id LEFT JOIN s ON s.person_id = n.person_id AND s.place = (s.of_all + 1) / 2)
	SELECT f.* FROM f`

// MyFigures are the viewer's own in a period; nobody else's but for auditors.
func (s *Store) MyFigures(ctx context.Context, viewer models.Party, in Period) (Figures, error) {
	var rows []Figures
	err := s.read.WithContext(ctx).Raw(fmt.Sprintf(figuresOf, "m.person_id = ? AND m.decided_at >= ? AND m.decided_at < ?"), viewer.Person.ID, in.From, in.To).Scan(&rows).Error
	if err != nil {
		return Figures{}, fmt.Errorf("cannot load the figures: %w", err)
	}
	if len(rows) == 0 {
		return Figures{PersonID: viewer.Person.ID, Name: viewer.Person.Name}, nil
	}
	return rows[0], nil
}

// OpenFor is how many of a person's decisions were on what had been open for how
// long: bounds in seconds, the last without an end; Never counts those on what was
// not opened on its page.
type OpenFor struct {
	Never   int
	Under   [4]int // each up to a bound of OpenBounds, and from the one before
	Longest int    // past the last bound
}

// OpenBounds are in seconds: up to one minute, five, thirty, two hours.
var OpenBounds = [4]int{60, 300, 1800, 7200}

// MyOpenFor counts the viewer's decisions in a period by how long they were open.
func (s *Store) MyOpenFor(ctx context.Context, viewer models.Party, in Period) (o OpenFor, err error) {
	var rows []struct{ Bucket, N int }
	err = s.read.WithContext(ctx).Raw(`SELECT CASE WHEN m.opened_at IS NULL THEN -1 WHEN m.decided_at - m.opened_at < ? THEN 0 WHEN m.decided_at - m.opened_at < ? THEN 1
			WHEN m.decided_at - m.opened_at < ? THEN 2 WHEN m.decided_at - m.opened_at < ? THEN 3 ELSE 4 END AS bucket, COUNT(*) AS n
		FROM decisions_made m WHERE m.person_id = ? AND m.decided_at >= ? AND m.decided_at < ? GROUP BY 1`,
		int64(OpenBounds[0])*1_000_000, int64(OpenBounds[1])*1_000_000, int64(OpenBounds[2])*1_000_000, int64(OpenBounds[3])*1_000_000, viewer.Person.ID, in.From, in.To).Scan(&rows).Error
	if err != nil {
		return o, fmt.Errorf("cannot load the figures: %w", err)
	}
	for _, r := range rows {
		switch r.Bucket {
		case -1:
			o.Never = r.N
		case 4:
			o.Longest = r.N
		default:
			o.Under[r.Bucket] = r.N
		}
	}
	return o, nil
}

// DecisionLine is one decision in a person's own list.
type DecisionLine struct {
	models.Decided
	VersionNo int
	Title     string // the task's; "" where the person may no longer see it
	Agent     string
}

// DecisionsPage is how many decisions a list shows at once.
const DecisionsPage = 50

// MyDecisions are the viewer's own, newest first, those before the entry (0 for
// the newest), and whether there are more. What they may no longer see keeps its
// line, without saying what it was about.
func (s *Store) MyDecisions(ctx context.Context, viewer models.Party, before int64) (lines []DecisionLine, more bool, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		cond, args := seen(viewer, "d.capability_id")
		query := `SELECT d.*, v.no AS version_no, CASE WHEN ` + cond + ` THEN COALESCE(m.title, '') ELSE '' END AS title, CASE WHEN ` + cond + ` THEN COALESCE(m.agent_name, '') ELSE '' END AS agent
			FROM decisions_made d JOIN versions v ON v.id = d.version_id LEFT JOIN matrix_rows m ON m.capability_id = d.capability_id WHERE d.person_id = ?`
		args = append(append(append([]any{}, args...), args...), viewer.Person.ID)
		if before > 0 {
			// Decisions come in the order of their entries, so the moment of one is its place.
			query += " AND d.decided_at < (SELECT x.decided_at FROM decisions_made x WHERE x.seq = ?)"
			args = append(args, before)
		}
		if err := tx.Raw(query+" ORDER BY d.decided_at DESC LIMIT ?", append(args, DecisionsPage+1)...).Scan(&lines).Error; err != nil {
			return fmt.Errorf("cannot load the decisions: %w", err)
		}
		if len(lines) > DecisionsPage {
			lines, more = lines[:DecisionsPage], true
		}
		return nil
	})
	return lines, more, err
}

// FiguresOrder is how the report is sorted, and what of a line is compared.
var FiguresOrder = map[string]string{
	"name": "f.name", "decisions": "f.decisions", "signed": "f.sign_off_share", "median": "f.median_key", "whole": "f.whole_share", "row": "f.in_a_row",
}

// FiguresAsk is what of the report is asked for.
type FiguresAsk struct {
	In    Period
	Sort  string // of FiguresOrder; "name" where it is none
	Down  bool
	After string // the person after whom the page begins; "" for the first page
}

// FiguresPage is how many approvers a page of the report shows.
const FiguresPage = 50

func onlyAuditors(viewer models.Party) error {
	if !viewer.Has(models.Auditor) {
		return models.Refusal(models.Forbidden, "role.auditor", "Only an auditor can read how others decided.")
	}
	return nil
}

// ApproverFigures are a line for each person who decided on anything in the
// period, and the person after whom there are more: for auditors. What it costs
// follows from the decisions in the period, of which an index has the range.
func (s *Store) ApproverFigures(ctx context.Context, viewer models.Party, ask FiguresAsk) (lines []Figures, next string, err error) {
	if err := onlyAuditors(viewer); err != nil {
		return nil, "", err
	}
	lines, err = approverFigures(s.read.WithContext(ctx), ask, FiguresPage+1)
	if len(lines) > FiguresPage {
		lines, next = lines[:FiguresPage], lines[FiguresPage-1].PersonID
	}
	return lines, next, err
}

func approverFigures(tx *gorm.DB, ask FiguresAsk, most int) (lines []Figures, err error) {
	by, ok := FiguresOrder[ask.Sort]
	if !ok {
		by = FiguresOrder["name"]
	}
	order, past := "ASC", ">"
	if ask.Down {
		order, past = "DESC", "<"
	}
	query, args := fmt.Sprintf(figuresOf, "m.decided_at >= ? AND m.decided_at < ?"), []any{ask.In.From, ask.In.To}
	if ask.After != "" {
		query += " WHERE (" + by + ", f.person_id) " + past + " (SELECT " + by + ", f.person_id FROM f WHERE f.person_id = ?)"
		args = append(args, ask.After)
	}
	query += " ORDER BY " + by + " " + order + ", f.person_id " + order + " LIMIT ?"
	if err := tx.Raw(query, append(args, most)...).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("cannot load the figures: %w", err)
	}
	return lines, nil
}

// FiguresColumns is the header of the report's export.
var FiguresColumns = []string{"approver", "approver id", "from", "to", "decisions", "sign-offs", "changes asked for", "refusals",
	"opened before", "whole opened", "median seconds open", "shortest seconds open", "longest run of quick decisions"}

// FiguresCSV writes the whole report in its order as CSV (RFC 4180, UTF-8,
// instants as RFC 3339 in UTC), as of one moment: for auditors.
func (s *Store) FiguresCSV(ctx context.Context, viewer models.Party, ask FiguresAsk, w io.Writer) error {
	if err := onlyAuditors(viewer); err != nil {
		return err
	}
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		large := bufio.NewWriterSize(w, 64<<10)
		out := csv.NewWriter(large)
		out.UseCRLF = true
		if err := out.Write(FiguresColumns); err != nil {
			return fmt.Errorf("cannot write the export: %w", err)
		}
		for ask.After = ""; ; {
			lines, err := approverFigures(tx, ask, chunk)
			if err != nil {
				return err
			}
			for _, f := range lines {
				ask.After = f.PersonID
				if err := out.Write(f.cells(ask.In)); err != nil {
					return fmt.Errorf("cannot write the export: %w", err)
				}
			}
			out.Flush()
			if err := errors.Join(out.Error(), large.Flush()); err != nil {
				return fmt.Errorf("cannot write the export: %w", err)
			}
			if len(lines) < chunk {
				return nil
			}
		}
	})
}

func (f Figures) cells(in Period) []string {
	n := strconv.Itoa
	span := func(s *int) string {
		if s == nil {
			return ""
		}
		return n(*s)
	}
	return []string{harmless(f.Name), f.PersonID, rfc3339(&in.From), rfc3339(&in.To), n(f.Decisions), n(f.SignOffs), n(f.Changes), n(f.Refusals),
		n(f.Opened), n(f.Whole), span(f.Median), span(f.Shortest), n(f.InARow)}
}
