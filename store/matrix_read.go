package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// How the matrix is read. A sort is one or several runs, each an index range in
// one order; a page is read from the runs in turn, from a key on. So "overdue
// first, then holes" needs no flag that goes stale, and lines without a review
// or an owner have a place of their own instead of a NULL's.

// run is one range of lines in one order: by n (a number), then a, b, c (texts),
// each "" where it is not used, and at last by the capability's id.
type run struct {
	join       string
	where      piece
	n, a, b, c string
}

// matrixSort is its runs in the order in which they are shown. Last is how many
// of them stay at the end when the order is turned round: what has no value.
type matrixSort struct {
	runs []run
	last int
}

// MatrixSorts are the columns that sort; "" is what needs attention first.
var MatrixSorts = []string{"", "name", "tier", "state", "review", "approved", "owner"}

func (q matrixQuery) sorted() matrixSort {
	when := func(column string) matrixSort {
		return matrixSort{last: 1, runs: []run{
			{where: sqlOf(column + " IS NOT NULL"), n: column},
			{where: sqlOf(column + " IS NULL"), a: "m.sort_name"}}}
	}
	switch q.Sort {
	case "name":
		return matrixSort{runs: []run{{a: "m.sort_name"}}}
	case "tier":
		return matrixSort{runs: []run{{n: "m.tier_rank", a: "m.sort_name"}}}
	case "review":
		return when("m.review_due_at")
	case "approved":
		return when("m.approved_at")
	case "owner":
		return matrixSort{runs: []run{
			{where: sqlOf("m.owner_id = ''"), a: "m.sort_name"},
			{join: " JOIN people p ON p.id = m.owner_id", a: "p.name", b: "p.id", c: "m.sort_name"}}}
	case "state":
		inForce := func(p piece) run { return run{where: and(sqlOf("m.state = 'live'"), p), a: "m.sort_name"} }
		not := sqlOf("NOT "+q.held.sql, q.held.args...)
		return matrixSort{runs: []run{
			inForce(q.held),
			inForce(and(not, sqlOf("m.until_at <= ?", q.now))),
			inForce(and(not, sqlOf("m.until_at > ?", q.now))),
			{where: sqlOf("m.state <> 'live'"), a: "m.state", b: "m.sort_name"}}}
	}
	// The ranks one by one, so that a later page is found by key on both engines.
	out := matrixSort{runs: []run{{where: sqlOf(matrixDue+" < ?", q.now), n: matrixDue}}}
	for rank := range 3 {
		out.runs = append(out.runs, run{where: sqlOf(matrixRank+" = "+strconv.Itoa(rank)+" AND ("+matrixDue+" IS NULL OR "+matrixDue+" >= ?)", q.now), a: "m.sort_name"})
	}
	return out
}

// matrixKey is a line's place: its run and its values there.
type matrixKey struct {
	Sort    string `json:"s"`
	Run     int    `json:"r"`
	N       int64  `json:"n,omitempty"`
	A, B, C string
	ID      string `json:"i"`
}

// matrixRead is a line as read, with its key.
type matrixRead struct {
	models.MatrixRow
	Held             bool
	Run              int
	KeyN             int64
	KeyA, KeyB, KeyC string
}

// line is the line with its state in a word, as matrixQuery's state has it: asked of the
// database, it would be told once more of everything that may hold a line.
func (r matrixRead) line(now models.Instant) MatrixLine {
	l := MatrixLine{MatrixRow: r.MatrixRow, Held: r.Held, Words: string(r.State)}
	switch {
	case r.MandateID == "":
	case r.Held:
		l.Words = MatrixHeld
	case r.UntilAt != nil && *r.UntilAt <= now:
		l.Words = MatrixExpired
	default:
		l.Words = MatrixLive
	}
	return l
}

func (r matrixRead) place(sort string) matrixKey {
	return matrixKey{Sort: sort, Run: r.Run, N: r.KeyN, A: r.KeyA, B: r.KeyB, C: r.KeyC, ID: r.CapabilityID}
}

// key is the line's place as a cursor.
func (r matrixRead) key(sort string) string {
	raw, _ := json.Marshal(r.place(sort)) // strings and numbers always marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readKey reads a cursor; one of another sort, or that no page gave, is none.
func readKey(sort, text string) *matrixKey {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if text == "" || err != nil {
		return nil
	}
	var k matrixKey
	if err := json.Unmarshal(raw, &k); err != nil || k.Sort != sort {
		return nil
	}
	return &k
}

// page reads one page of lines, and where the ones before and after it are.
func (q matrixQuery) page(tx *gorm.DB, c MatrixCursor, rows int) (lines []MatrixLine, previous, next string, err error) {
	sort := q.Sort
	if q.Desc {
		sort += " desc"
	}
	after, before := readKey(sort, c.After), readKey(sort, c.Before)
	key, back := after, false
	if after == nil && before != nil {
		key, back = before, true
	}
	found, err := q.read(tx, key, back, rows+1)
	if err != nil {
		return nil, "", "", err
	}
	more := len(found) > rows
	if more {
		found = found[:rows]
	}
	if len(found) == 0 && key != nil {
		return q.page(tx, MatrixCursor{}, rows) // what was there is gone: from the top
	}
	if back {
		slices.Reverse(found)
	}
	for _, r := range found {
		lines = append(lines, r.line(q.now))
	}
	if n := len(found); n > 0 {
		if more && back || after != nil {
			previous = found[0].key(sort)
		}
		if more && !back || back {
			next = found[n-1].key(sort)
		}
	}
	return lines, previous, next, q.fill(tx, lines)
}

// read reads rows from a key on, run after run, until there are enough: a run
// behind the key, or after the last row that is asked for, is not looked at.
func (q matrixQuery) read(tx *gorm.DB, from *matrixKey, back bool, rows int) ([]matrixRead, error) {
	sort := q.sorted()
	order := make([]int, len(sort.runs))
	for i := range order {
		order[i] = i
	}
	if q.Desc {
		slices.Reverse(order[:len(order)-sort.last])
	}
	places := make([]int, len(order))
	for i := range places {
		places[i] = i
	}
	if back {
		slices.Reverse(places)
	}
	var found []matrixRead
	for _, place := range places {
		if from != nil && (!back && place < from.Run || back && place > from.Run) {
			continue
		}
		var here *matrixKey
		if from != nil && place == from.Run {
			here = from
		}
		b := q.branch(sort.runs[order[place]], place, here, q.Desc != back, rows-len(found))
		var some []matrixRead
		if err := tx.Raw(b.sql, b.args...).Scan(&some).Error; err != nil {
			return nil, fmt.Errorf("cannot read the matrix: %w", err)
		}
		if found = append(found, some...); len(found) >= rows {
			break
		}
	}
	return found, nil
}

func direction(down bool) string {
	if down {
		return " DESC"
	}
	return ""
}

const matrixColumns = `m.capability_id, m.agent_id, m.agent_name, m.title, m.version_id, m.version_no, m.state, m.tier_rank, m.holes, m.owner_id, m.provisioner_id,
	m.control_owner_id, m.approvers, m.mandate_id, m.holds, m.approved_at, m.review_due_at, m.until_at, m.open_version_id, m.open_state, m.sort_name, m.created_at`

// branch is the statement of one run, from a key on.
func (q matrixQuery) branch(r run, place int, from *matrixKey, down bool, rows int) piece {
	var keys []string
	var values []any
	column := func(expr, none string, value any) string {
		if expr == "" {
			return none
		}
		keys = append(keys, expr)
		values = append(values, value)
		return expr
	}
	k := matrixKey{}
	if from != nil {
		k = *from
	}
	n, a, b, c := column(r.n, "0", k.N), column(r.a, "''", k.A), column(r.b, "''", k.B), column(r.c, "''", k.C)
	keys, values = append(keys, "m.capability_id"), append(values, k.ID)
	var past piece
	if from != nil {
		sign := ">"
		if down {
			sign = "<"
		}
		// The first key again by itself: an index on an expression is found by it.
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ")
		past = sqlOf(keys[0]+" "+sign+"= ? AND ("+strings.Join(keys, ", ")+") "+sign+" ("+marks+")", append([]any{values[0]}, values...)...)
	}
	where := and(r.where, q.all, past)
	if where.sql == "" {
		where.sql = "1 = 1"
	}
	query := fmt.Sprintf("SELECT %s, %s AS held, %d AS run, %s AS key_n, %s AS key_a, %s AS key_b, %s AS key_c FROM %s%s WHERE %s ORDER BY %s LIMIT %d",
		matrixColumns, q.held.sql, place, n, a, b, c, q.from.sql, r.join, where.sql, strings.Join(keys, direction(down)+", ")+direction(down), rows)
	args := slices.Concat(q.held.args, q.from.args, where.args)
	return piece{query, args}
}
