package store

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// offeredTo says whether a role of the capability is offered to the person.
func offeredTo(f models.CapabilityFacts, person string) bool {
	for _, v := range []*models.VersionFile{f.Open, f.Force} {
		if v == nil || person == "" {
			continue
		}
		for _, n := range v.Nominations {
			if n.State == models.NominationOpen && n.PersonID == person {
				return true
			}
		}
	}
	return false
}

// heldBy are the capabilities, in force or on their way, in which people hold one of the
// three accepted roles: each part through an index of its own.
const heldBy = `SELECT owner_id AS person_id, capability_id FROM mandates WHERE ended_at IS NULL AND owner_id IN @people
	UNION SELECT provisioner_id, capability_id FROM mandates WHERE ended_at IS NULL AND provisioner_id IN @people
	UNION SELECT control_owner_id, capability_id FROM mandates WHERE ended_at IS NULL AND control_owner_id IN @people
	UNION SELECT n.person_id, v.capability_id FROM nominations n JOIN versions v ON v.id = n.version_id
		WHERE n.person_id IN @people AND n.state = 'accepted' AND v.state IN ('proposed', 'in_review', 'approved')`

// loadBeside is for how many capabilities beside this one a person holds a role.
func loadBeside(tx *gorm.DB, person, capability string) (n int, err error) {
	err = tx.Raw("SELECT COUNT(*) FROM ("+heldBy+") x WHERE x.capability_id <> @capability", map[string]any{"people": []string{person}, "capability": capability}).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("cannot count what a person answers for: %w", err)
	}
	return n, nil
}

// AtLimit are those of the people, at most 500, who hold roles in as many capabilities as
// one person may, with how many these are; none where there is no limit.
func (s *Store) AtLimit(ctx context.Context, people []string, most int) (map[string]int, error) {
	if most == 0 || len(people) == 0 {
		return nil, nil
	}
	var rows []struct {
		PersonID string
		N        int
	}
	err := s.read.WithContext(ctx).Raw("SELECT x.person_id, COUNT(*) AS n FROM ("+heldBy+") x GROUP BY x.person_id HAVING COUNT(*) >= @most",
		map[string]any{"people": people[:min(len(people), chunk)], "most": most}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot count what people answer for: %w", err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.PersonID] = r.N
	}
	return out, nil
}

// projectLoad keeps for how many capabilities in force each person answers (table loads),
// as mandates begin and end.
func projectLoad(tx *gorm.DB, c models.Change) error {
	begun, by := map[string]models.Tier{}, loadsBy{}
	for _, w := range c.Writes() {
		switch row := w.Row.(type) {
		case *models.Mandate:
			n := 1
			switch {
			case w.Expect == 0 && row.EndedAt == nil:
				begun[row.ID] = row.Tier
			case w.Expect > 0 && row.EndedAt != nil:
				n = -1
				var seats []string
				if err := tx.Raw("SELECT person_id FROM seat_people WHERE mandate_id = ?", row.ID).Scan(&seats).Error; err != nil {
					return fmt.Errorf("cannot read who signed: %w", err)
				}
				for _, person := range seats {
					by.of(person).Signed--
				}
			default:
				continue
			}
			by.add(*row, n)
		case *models.SeatPerson:
			if _, ok := begun[row.MandateID]; ok {
				by.of(row.PersonID).Signed++
			}
		}
	}
	return by.write(tx)
}

// loadsBy is by how much what people answer for changes.
type loadsBy map[string]*Load

func (b loadsBy) of(person string) *Load {
	if b[person] == nil {
		b[person] = &Load{PersonID: person}
	}
	return b[person]
}

// add counts the three accepted roles of a mandate, and whoever holds several of them once.
func (b loadsBy) add(m models.Mandate, n int) {
	b.of(m.OwnerID).Owner += n
	b.of(m.ProvisionerID).Provisioner += n
	b.of(m.ControlOwnerID).ControlOwner += n
	any := set{}
	any.add(m.OwnerID, m.ProvisionerID, m.ControlOwnerID)
	for person := range any {
		l := b.of(person)
		l.Total += n
		switch m.Tier {
		case models.Low:
			l.Low += n
		case models.Moderate:
			l.Moderate += n
		case models.High:
			l.High += n
		case models.Critical:
			l.Critical += n
		}
	}
}

const loadColumns = "person_id, total, owner, provisioner, control_owner, signed, low, moderate, high, critical"

// write adds the changes; who answers for nothing any longer has no line.
func (b loadsBy) write(tx *gorm.DB) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(b)), rowsAtOnce) {
		rows := make([][]any, len(some))
		for i, id := range some {
			l := b[id]
			rows[i] = []any{id, l.Total, l.Owner, l.Provisioner, l.ControlOwner, l.Signed, l.Low, l.Moderate, l.High, l.Critical}
		}
		err := insertValues(tx, "loads ("+loadColumns+")", rows, `ON CONFLICT (person_id) DO UPDATE SET
			total = loads.total + excluded.total, owner = loads.owner + excluded.owner, provisioner = loads.provisioner + excluded.provisioner,
			control_owner = loads.control_owner + excluded.control_owner, signed = loads.signed + excluded.signed, low = loads.low + excluded.low,
			moderate = loads.moderate + excluded.moderate, high = loads.high + excluded.high, critical = loads.critical + excluded.critical`)
		if err == nil {
			err = tx.Exec("DELETE FROM loads WHERE person_id IN ? AND total = 0 AND signed = 0", some).Error
		}
		if err != nil {
			return fmt.Errorf("cannot count what people answer for: %w", err)
		}
	}
	return nil
}

// loadsWant are the lines as they follow from the mandates.
const loadsWant = `SELECT x.person_id,
  SUM(CASE WHEN x.held = 'any' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'owner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'provisioner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'control_owner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'signed' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'low' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'moderate' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'high' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'critical' THEN 1 ELSE 0 END)
FROM (
  SELECT owner_id AS person_id, 'owner' AS held, tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT provisioner_id, 'provisioner', tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT control_owner_id, 'control_owner', tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT s.person_id, 'signed', m.tier FROM seat_people s JOIN mandates m ON m.id = s.mandate_id WHERE m.ended_at IS NULL
  UNION ALL SELECT y.person_id, 'any', y.tier FROM (
    SELECT owner_id AS person_id, id, tier FROM mandates WHERE ended_at IS NULL
    UNION SELECT provisioner_id, id, tier FROM mandates WHERE ended_at IS NULL
    UNION SELECT control_owner_id, id, tier FROM mandates WHERE ended_at IS NULL) y) x
GROUP BY x.person_id`

// loadsFollow checks that what is kept of how much people answer for is what the mandates say.
func loadsFollow(tx *gorm.DB) error {
	const have = "SELECT " + loadColumns + " FROM loads"
	var ids []string
	if err := tx.Raw("SELECT person_id FROM (" + have + " EXCEPT " + loadsWant + ") x UNION SELECT person_id FROM (SELECT * FROM (" + loadsWant + ") w EXCEPT " + have + ") y LIMIT 1").Scan(&ids).Error; err != nil {
		return fmt.Errorf("cannot check what people answer for: %w", err)
	}
	if len(ids) > 0 {
		return misfit("loads", ids[0], 0, "What is kept of how much %s answers for is not what the mandates say.", ids[0])
	}
	return nil
}

// Load is for how many capabilities in force one person answers. Total counts those with
// one of the three accepted roles once; Low to Critical are of these.
type Load struct {
	PersonID                                 string
	Name                                     string
	Status                                   string
	Total                                    int
	Owner, Provisioner, ControlOwner, Signed int
	Low, Moderate, High, Critical            int
}

const loadOf = "SELECT f.*, p.name, p.status FROM loads f JOIN people p ON p.id = f.person_id WHERE "

// LoadOrder is how the report is sorted, and what of a line is compared: each order has an index.
var LoadOrder = map[string]string{"name": "p.name, p.id", "total": "f.total, f.person_id", "signed": "f.signed, f.person_id",
	"high": "f.high, f.person_id", "critical": "f.critical, f.person_id"}

// LoadAsk is what of the report is asked for.
type LoadAsk struct {
	Search string // part of the name
	Over   bool   // only who is over the limit
	Sort   string // of LoadOrder; "total" where it is none
	Down   bool
	After  string // the person after whom the page begins; "" for the first page
}

// LoadPage is how many people a page of the report shows.
const LoadPage = 50

func onlyOverseers(viewer models.Party) error {
	if !viewer.Has(models.Auditor) && !viewer.Has(models.Administrator) {
		return models.Refusal(models.Forbidden, "role.auditor", "Only an auditor or an administrator can read how much people answer for.")
	}
	return nil
}

// Loads are a line for each person who answers for anything in force, the person after
// whom there are more, and the limit (0 for none): for auditors and administrators. What
// it costs follows the page; a search looks at everybody who answers for something.
func (s *Store) Loads(ctx context.Context, viewer models.Party, ask LoadAsk) (lines []Load, next string, most int, err error) {
	if err := onlyOverseers(viewer); err != nil {
		return nil, "", 0, err
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if most, err = mostPerPerson(tx); err != nil {
			return err
		}
		lines, err = loads(tx, ask, most, LoadPage+1)
		return err
	})
	if len(lines) > LoadPage {
		lines, next = lines[:LoadPage], lines[LoadPage-1].PersonID
	}
	return lines, next, most, err
}

func mostPerPerson(tx *gorm.DB) (int, error) {
	var rules models.TierRulesRow
	err := activeRules(tx, &rules)
	return rules.Rules().MostPerPerson, err
}

// MyLoad is the viewer's own line, and the limit (0 for none).
func (s *Store) MyLoad(ctx context.Context, viewer models.Party) (l Load, most int, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if most, err = mostPerPerson(tx); err != nil {
			return err
		}
		if err := tx.Raw(loadOf+"f.person_id = ?", viewer.Person.ID).Scan(&l).Error; err != nil {
			return fmt.Errorf("cannot load what the viewer answers for: %w", err)
		}
		return nil
	})
	return l, most, err
}

func loads(tx *gorm.DB, ask LoadAsk, most, limit int) (lines []Load, err error) {
	by, ok := LoadOrder[ask.Sort]
	if !ok {
		by = LoadOrder["total"]
	}
	sorted, past := by, ">"
	if ask.Down {
		sorted, past = strings.ReplaceAll(by, ",", " DESC,")+" DESC", "<"
	}
	query, args := loadOf+"1 = 1", []any{}
	if ask.Over {
		query += " AND f.total > ? AND ? > 0"
		args = append(args, most, most)
	}
	for _, word := range searchWords(ask.Search) {
		query += ` AND (LOWER(p.name) LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\')`
		args = append(args, likePattern(strings.ToLower(word)), likePattern(word))
	}
	if ask.After != "" {
		query += " AND (" + by + ") " + past + " (SELECT " + by + " FROM loads f JOIN people p ON p.id = f.person_id WHERE f.person_id = ?)"
		args = append(args, ask.After)
	}
	query += " ORDER BY " + sorted + " LIMIT ?"
	if err := tx.Raw(query, append(args, limit)...).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("cannot load how much people answer for: %w", err)
	}
	return lines, nil
}

// LoadColumns is the header of the report's export.
var LoadColumns = []string{"person", "person id", "status", "capabilities", "limit", "over", "as business owner", "as provisioner", "as control owner", "signed", "low", "moderate", "high", "critical"}

// LoadCSV writes the whole report in its order as CSV (RFC 4180, UTF-8), as of one moment:
// for auditors and administrators.
func (s *Store) LoadCSV(ctx context.Context, viewer models.Party, ask LoadAsk, w io.Writer) error {
	if err := onlyOverseers(viewer); err != nil {
		return err
	}
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		most, err := mostPerPerson(tx)
		if err != nil {
			return err
		}
		large := bufio.NewWriterSize(w, 64<<10)
		out := csv.NewWriter(large)
		out.UseCRLF = true
		if err := out.Write(LoadColumns); err != nil {
			return fmt.Errorf("cannot write the export: %w", err)
		}
		for ask.After = ""; ; {
			lines, err := loads(tx, ask, most, chunk)
			if err != nil {
				return err
			}
			for _, l := range lines {
				ask.After = l.PersonID
				if err := out.Write(l.cells(most)); err != nil {
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

func (l Load) cells(most int) []string {
	n, over, limit := strconv.Itoa, "no", ""
	if most > 0 {
		limit = n(most)
		if l.Total > most {
			over = "yes"
		}
	}
	return []string{harmless(l.Name), l.PersonID, l.Status, n(l.Total), limit, over, n(l.Owner), n(l.Provisioner), n(l.ControlOwner), n(l.Signed), n(l.Low), n(l.Moderate), n(l.High), n(l.Critical)}
}
