package store

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// DrillAsk is what of the report on drills is asked for.
type DrillAsk struct {
	In     Period
	Tier   models.Tier // "" for every one
	Missed bool        // only where one was missed
	After  string      // the cursor of a page, "" for the first
}

// DrillFigures are how one person answered about one capability in a period. Missed
// counts those that were answered late, too; spans are in seconds.
type DrillFigures struct {
	PersonID, CapabilityID string
	Name, Agent, Title     string
	Tier                   models.Tier // of the newest drill
	Asked                  int
	Answered               int
	Missed                 int
	Recognised             int
	Median                 *int // nil for no answer yet
	Longest                *int
}

func (f DrillFigures) cursor() string { return f.PersonID + "." + f.CapabilityID }

// DrillReport is one page of the report, for auditors.
type DrillReport struct {
	Lines []DrillFigures
	Next  string
	Spans [len(DrillBounds) + 1]int // answers, by how long they took; the last is past every bound
	Never int                       // missed, and not answered yet
	Kills []KillPast                // kill drills of the period, newest first
	Of    map[string]KillOf         // by capability
}

// KillOf names the capability of a kill drill.
type KillOf struct{ CapabilityID, AgentName, Title string }

// DrillBounds are in seconds: five minutes, a quarter of an hour, half an hour, one
// hour, two.
var DrillBounds = [5]int{300, 900, 1800, 3600, 7200}

// DrillPageRows is how many lines a page of the report shows.
const DrillPageRows = 50

// drillFigures has a line for each person and capability of the drills of a period,
// by the index of the time. The median of an even number is the lower of the two.
const drillFigures = `WITH d AS (SELECT x.person_id, x.capability_id, x.tier, x.planned_at, x.state, x.scenario, x.mine,
			CASE WHEN x.state IN ('done', 'late') THEN (x.ended_at - x.planned_at) / 1000000 END AS span
		FROM drills x WHERE x.kind = 'answer' AND x.state <> 'called_off' AND x.planned_at >= ? AND x.planned_at < ?),
	n AS (SELECT person_id, capability_id, COUNT(*) AS asked, COUNT(span) AS answered, SUM(CASE WHEN state IN ('missed', 'late') THEN 1 ELSE 0 END) AS missed,
			SUM(CASE WHEN span IS NOT NULL AND (mine = 'yes') = (scenario LIKE '%"inside":true%') THEN 1 ELSE 0 END) AS recognised, MAX(span) AS longest,
			MAX(planned_at) AS newest
		FROM d GROUP BY person_id, capability_id),
	s AS (SELECT person_id, capability_id, span, ROW_NUMBER() OVER (PARTITION BY person_id, capability_id ORDER BY span) AS place,
			COUNT(*) OVER (PARTITION BY person_id, capability_id) AS of_all FROM d WHERE span IS NOT NULL),
	f AS (SELECT n.*, s.span AS median, p.name, m.agent_name AS agent, m.title, t.tier FROM n JOIN people p ON p.id = n.person_id JOIN matrix_rows m ON m.capability_id = n.capability_id
		JOIN d t ON t.person_id = n.person_id AND t.capability_id = n.capability_id AND t.planned_at = n.newest
		LEFT JOIN s ON s.person_id = n.person_id AND s.capability_id = n.capability_id AND s.place = (s.of_all + 1) / 2)
	SELECT f.* FROM f WHERE 1 = 1`

func drillLines(tx *gorm.DB, ask DrillAsk, most int) (lines []DrillFigures, err error) {
	query, args := drillFigures, []any{ask.In.From, ask.In.To}
	if ask.Tier != "" {
		query, args = query+" AND f.tier = ?", append(args, ask.Tier)
	}
	if ask.Missed {
		query += " AND f.missed > 0"
	}
	if person, capability, ok := strings.Cut(ask.After, "."); ok {
		query += " AND (f.name, f.person_id, f.capability_id) > (SELECT p.name, p.id, ? FROM people p WHERE p.id = ?)"
		args = append(args, capability, person)
	}
	query += " ORDER BY f.name, f.person_id, f.capability_id LIMIT ?"
	if err := tx.Raw(query, append(args, most)...).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("cannot load the drills: %w", err)
	}
	return lines, nil
}

// DrillReport is how people answered in a period, and what kill drills showed: for
// auditors.
func (s *Store) DrillReport(ctx context.Context, viewer models.Party, ask DrillAsk) (r DrillReport, err error) {
	if err := drillAuditor(viewer); err != nil {
		return r, err
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if r.Lines, err = drillLines(tx, ask, DrillPageRows+1); err != nil {
			return err
		}
		if len(r.Lines) > DrillPageRows {
			r.Lines = r.Lines[:DrillPageRows]
			r.Next = r.Lines[DrillPageRows-1].cursor()
		}
		if err := r.spans(tx, ask); err != nil {
			return err
		}
		return r.kills(tx, ask)
	})
	return r, err
}

func drillAuditor(viewer models.Party) error {
	if !viewer.Has(models.Auditor) {
		return models.Refusal(models.Forbidden, "role.auditor", "Only an auditor can read how others answered.")
	}
	return nil
}

func (r *DrillReport) spans(tx *gorm.DB, ask DrillAsk) error {
	query, args := "SELECT CASE WHEN x.ended_at IS NULL THEN -1 ", []any{}
	for i, b := range DrillBounds {
		query += "WHEN x.ended_at - x.planned_at < ? THEN " + strconv.Itoa(i) + " "
		args = append(args, int64(b)*1_000_000)
	}
	query += "ELSE " + strconv.Itoa(len(DrillBounds)) + " END AS bucket, COUNT(*) AS n FROM drills x WHERE x.kind = 'answer' AND x.state IN ('done', 'late', 'missed') AND x.planned_at >= ? AND x.planned_at < ?"
	args = append(args, ask.In.From, ask.In.To)
	if ask.Tier != "" {
		query, args = query+" AND x.tier = ?", append(args, ask.Tier)
	}
	var rows []struct{ Bucket, N int }
	if err := tx.Raw(query+" GROUP BY 1", args...).Scan(&rows).Error; err != nil {
		return fmt.Errorf("cannot count the drills: %w", err)
	}
	for _, x := range rows {
		if x.Bucket < 0 {
			r.Never = x.N
		} else {
			r.Spans[x.Bucket] = x.N
		}
	}
	return nil
}

func (r *DrillReport) kills(tx *gorm.DB, ask DrillAsk) error {
	where, args := "kind = 'kill' AND state IN ('done', 'failed') AND planned_at >= ? AND planned_at < ?", []any{ask.In.From, ask.In.To}
	if ask.Tier != "" {
		where, args = where+" AND tier = ?", append(args, ask.Tier)
	}
	drills, err := all[models.Drill](tx.Limit(DrillPageRows), "planned_at DESC, id", where, args...)
	if err != nil {
		return err
	}
	people, ids := set{}, set{}
	for _, d := range drills {
		people.add(d.PersonID)
		ids.add(d.CapabilityID)
	}
	names, err := whoThen(tx, people.list(), nil)
	if err != nil {
		return err
	}
	for _, d := range drills {
		r.Kills = append(r.Kills, KillPast{Drill: &d, At: d.PlannedAt, Who: names[d.PersonID]})
	}
	r.Of = map[string]KillOf{}
	var of []KillOf
	if err := tx.Raw("SELECT capability_id, agent_name, title FROM matrix_rows WHERE capability_id IN ?", append(ids.list(), "")).Scan(&of).Error; err != nil {
		return fmt.Errorf("cannot name the capabilities of drills: %w", err)
	}
	for _, x := range of {
		r.Of[x.CapabilityID] = x
	}
	return nil
}

// DrillColumns is the header of the report's export.
var DrillColumns = []string{"person", "person id", "agent", "task", "capability id", "tier", "from", "to", "asked", "answered", "missed", "recognised", "median seconds", "longest seconds"}

// DrillCSV writes the whole report as CSV (RFC 4180, UTF-8, instants as RFC 3339 in
// UTC), as of one moment: for auditors.
func (s *Store) DrillCSV(ctx context.Context, viewer models.Party, ask DrillAsk, w io.Writer) error {
	if err := drillAuditor(viewer); err != nil {
		return err
	}
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		out := csv.NewWriter(w)
		out.UseCRLF = true
		if err := out.Write(DrillColumns); err != nil {
			return fmt.Errorf("cannot write the export: %w", err)
		}
		for ask.After = ""; ; {
			lines, err := drillLines(tx, ask, chunk)
			if err != nil {
				return err
			}
			for _, f := range lines {
				ask.After = f.cursor()
				if err := out.Write(f.cells(ask.In)); err != nil {
					return fmt.Errorf("cannot write the export: %w", err)
				}
			}
			out.Flush()
			if err := out.Error(); err != nil {
				return fmt.Errorf("cannot write the export: %w", err)
			}
			if len(lines) < chunk {
				return nil
			}
		}
	})
}

func (f DrillFigures) cells(in Period) []string {
	n := strconv.Itoa
	span := func(s *int) string {
		if s == nil {
			return ""
		}
		return n(*s)
	}
	return []string{harmless(f.Name), f.PersonID, harmless(f.Agent), harmless(f.Title), f.CapabilityID, string(f.Tier), rfc3339(&in.From), rfc3339(&in.To),
		n(f.Asked), n(f.Answered), n(f.Missed), n(f.Recognised), span(f.Median), span(f.Longest)}
}

// Answers is how quickly those who answer for a capability answered drills about it in
// the year before, as a line of the matrix says it.
type Answers struct {
	Answered int
	Missed   int             // late ones, too
	Silent   bool            // one was missed, and is not answered yet
	Median   *models.Instant // the lower of two in the middle; nil for no answer
}

// drillAnswers are those of some capabilities, as of a moment.
func drillAnswers(tx *gorm.DB, capabilities []string, at models.Instant) (map[string]Answers, error) {
	out := map[string]Answers{}
	err := inChunks(capabilities, func(some []string) error {
		var rows []struct {
			CapabilityID string
			State        string
			Span         *models.Instant
			Due          models.Instant
		}
		err := tx.Raw(`SELECT d.capability_id, d.state, d.due_at AS due, CASE WHEN d.state IN ('done', 'late') AND d.ended_at <= ? THEN d.ended_at - d.planned_at END AS span
			FROM drills d WHERE d.capability_id IN ? AND d.kind = 'answer' AND d.planned_at >= ? AND d.planned_at <= ? AND d.state <> 'called_off'
			ORDER BY d.capability_id, span`, at, some, at-365*models.Day, at).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot load the answers to drills: %w", err)
		}
		spans := map[string][]models.Instant{}
		for _, r := range rows {
			a := out[r.CapabilityID]
			late := r.Due <= at && r.State != models.DrillDone && r.State != models.DrillOpen
			if late {
				a.Missed++
			}
			if r.Span != nil {
				a.Answered++
				spans[r.CapabilityID] = append(spans[r.CapabilityID], *r.Span)
			} else if late {
				a.Silent = true
			}
			out[r.CapabilityID] = a
		}
		for id, s := range spans {
			a := out[id]
			a.Median = &s[(len(s)-1)/2]
			out[id] = a
		}
		return nil
	})
	return out, err
}

// fillAnswers adds how quickly drills about the lines were answered.
func (q matrixQuery) fillAnswers(tx *gorm.DB, lines []MatrixLine) error {
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.CapabilityID
	}
	answers, err := drillAnswers(tx, ids, q.now)
	for i := range lines {
		lines[i].Answers = answers[lines[i].CapabilityID]
	}
	return err
}
