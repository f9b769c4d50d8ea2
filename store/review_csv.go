package store

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"gorm.io/gorm"

	"countersign/models"
)

// reviewHeader is the header of the export of reviews. Others read it by place too: a
// column that comes later comes at the end.
var reviewHeader = []string{"agent", "task", "capability id", "version", "digest", "tier", "review id", "kind", "state", "held",
	"opened at", "due at", "hold at", "answered", "outcome", "closed by", "closed by team", "closed at", "method", "finding", "as of"}

// ReviewCSV writes what the viewer may see of the reviews that are asked for, from the
// first on and in the list's order, as CSV (RFC 4180, UTF-8, instants as RFC 3339 in
// UTC), all as of one moment. Memory is that of 500 lines, whatever their number.
func (s *Store) ReviewCSV(ctx context.Context, viewer models.Party, ask ReviewAsk, w io.Writer) error {
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		now := s.now()
		out := csv.NewWriter(w)
		out.UseCRLF = true
		if err := out.Write(reviewHeader); err != nil {
			return fmt.Errorf("cannot write the export: %w", err)
		}
		for ask.After = nil; ; {
			lines, err := reviewLines(tx, viewer, ask, now, chunk)
			if err != nil {
				return err
			}
			for _, l := range lines {
				ask.After = l.cursor()
				if err := out.Write(l.cells(now)); err != nil {
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

func (l ReviewLine) cells(now models.Instant) []string {
	held, hold := "", ""
	if l.State == models.ReviewOpen {
		hold = rfc3339(&l.HoldAt)
		if l.Held {
			held = "yes"
		}
	}
	cells := []string{l.AgentName, l.Title, l.CapabilityID, strconv.Itoa(l.VersionNo), l.Digest, string(l.Tier), l.ID, l.Kind, l.State, held,
		rfc3339(&l.OpenedAt), rfc3339(&l.DueAt), hold, strconv.Itoa(l.Answered), l.Outcome, l.Closer, l.CloserTeam, rfc3339(l.ClosedAt), l.Method, l.Finding, rfc3339(&now)}
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return cells
}
