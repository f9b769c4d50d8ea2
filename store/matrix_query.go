package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// piece is a condition or an expression with its arguments.
type piece struct {
	sql  string
	args []any
}

func sqlOf(sql string, args ...any) piece { return piece{sql, args} }

// and joins conditions; the empty one holds always.
func and(pieces ...piece) piece {
	var out piece
	for _, p := range pieces {
		if p.sql == "" {
			continue
		}
		if out.sql != "" {
			out.sql += " AND "
		}
		out.sql += p.sql
		out.args = append(out.args, p.args...)
	}
	return out
}

// matrixQuery is a filter made ready: where lines come from, and what is asked of each.
type matrixQuery struct {
	MatrixFilter
	now   models.Instant // the look back's moment, or the time just now
	from  piece          // the lines, under the alias m
	seen  piece          // what the viewer sees at all
	held  piece
	kinds []string       // of what, beside single capabilities, a hold in force is on
	state piece          // the state in a word
	base  piece          // what the viewer sees, the search, and whose it is
	all   piece          // base and every other filter
	known map[string]Who // people met so far

	everything bool // base leaves nothing out
}

// Of a line: when the next thing about it falls due, and how soon it needs a
// look. The indexes of migration 00007 are on exactly these expressions.
const (
	matrixDue  = "(CASE WHEN m.until_at < m.review_due_at THEN m.until_at ELSE m.review_due_at END)"
	matrixRank = "(CASE WHEN m.state IN ('changes_requested', 'rejected', 'withdrawn', 'superseded', 'revoked', 'expired') THEN 2 WHEN m.holes <> 0 THEN 0 ELSE 1 END)"
)

func (s *Store) matrixQuery(tx *gorm.DB, viewer models.Party, f MatrixFilter) (matrixQuery, error) {
	q := matrixQuery{MatrixFilter: f, known: map[string]Who{}, now: s.now(), from: sqlOf("matrix_rows m")}
	if f.At != nil {
		q.now, q.from = *f.At, matrixThen(*f.At)
	}
	kinds, err := broadHolds(tx, f.At)
	if err != nil {
		return q, err
	}
	cond, args := held(kinds, f.At)
	q.held, q.kinds = piece{cond, args}, kinds
	q.state = sqlOf("CASE WHEN m.mandate_id = '' THEN m.state WHEN "+cond+" THEN 'held' WHEN m.until_at <= ? THEN 'expired' ELSE 'live' END",
		append(slices.Clone(args), q.now)...)
	sees, err := sightOf(tx, viewer)
	if err != nil {
		return q, err
	}
	q.seen = sees.among("m.capability_id")
	words, err := q.search(tx)
	if err != nil {
		return q, err
	}
	whose := q.whose()
	q.base = and(q.seen, words, whose)
	q.everything = sees.every && words.sql == "" && whose.sql == ""
	q.all = and(q.base, q.filters())
	return q, nil
}

// matrixThen are the lines as of an earlier moment: each capability that there
// was, with the mandate that was open then, or with nobody.
func matrixThen(at models.Instant) piece {
	nobody := models.HoleOwner | models.HoleProvisioner | models.HoleControlOwner | models.HoleApprovers | models.HoleMandate
	return sqlOf(`(SELECT x.capability_id, x.agent_id, x.agent_name, x.title, x.sort_name, x.created_at,
		COALESCE(d.version_id, '') AS version_id, COALESCE(v.no, 0) AS version_no, CASE WHEN d.id IS NULL THEN 'none' ELSE 'live' END AS state,
		CASE d.tier WHEN 'low' THEN 0 WHEN 'moderate' THEN 1 WHEN 'high' THEN 2 WHEN 'critical' THEN 3 ELSE -1 END AS tier_rank,
		CASE WHEN d.id IS NULL THEN `+strconv.Itoa(int(nobody))+` ELSE 0 END AS holes,
		COALESCE(d.owner_id, '') AS owner_id, COALESCE(d.provisioner_id, '') AS provisioner_id, COALESCE(d.control_owner_id, '') AS control_owner_id,
		'[]' AS approvers, COALESCE(d.id, '') AS mandate_id, 0 AS holds,
		(SELECT MAX(o.signed_at) FROM seats s JOIN sign_offs o ON o.id = s.sign_off_id WHERE s.mandate_id = d.id) AS approved_at,
		d.review_due_at, d.until_at, '' AS open_version_id, '' AS open_state
		FROM matrix_rows x
		LEFT JOIN mandates d ON d.capability_id = x.capability_id AND d.from_at <= ? AND (d.ended_at IS NULL OR d.ended_at > ?)
		LEFT JOIN versions v ON v.id = d.version_id
		WHERE x.created_at <= ?) m`, at, at, at)
}

// mostNames is how many people of a name are looked for one by one.
const mostNames = 500

// mostHits is how many lines that a search finds are named one by one. Where there are more,
// PostgreSQL looks again in less time than it takes to tell it of them (docs/performance.md).
func mostHits(tx *gorm.DB) int {
	if tx.Name() == "postgres" {
		return 500
	}
	return 5_000
}

// search is the condition that the line is one that the words find. They are looked
// for once, for the page and for the counts, where that is not too many; not in a look
// back, which has other lines.
func (q matrixQuery) search(tx *gorm.DB) (piece, error) {
	words, err := q.words(tx)
	if err != nil || words.sql == "" || q.At != nil {
		return words, err
	}
	var ids []string
	most := mostHits(tx)
	if err := tx.Raw(fmt.Sprintf("SELECT m.capability_id FROM matrix_rows m WHERE %s LIMIT %d", words.sql, most+1), words.args...).Scan(&ids).Error; err != nil {
		return piece{}, fmt.Errorf("cannot search the matrix: %w", err)
	}
	if len(ids) > most {
		return words, nil
	}
	return amongIDs(tx, "m.capability_id", ids), nil
}

// amongIDs is the condition that a column has one of many ids, as one argument, which costs
// the database less than thousands. Ids are letters, digits and underscores.
func amongIDs(tx *gorm.DB, column string, ids []string) piece {
	if tx.Name() == "postgres" {
		return sqlOf(column+" = ANY(CAST(? AS text[]))", "{"+strings.Join(ids, ",")+"}")
	}
	return sqlOf(column+" IN (SELECT j.value FROM json_each(?) j)", `["`+strings.Join(ids, `","`)+`"]`)
}

// words is the condition that the words occur in the line's names, or in the name of
// one of the four. Who is called so is looked up once, for every run.
func (q matrixQuery) words(tx *gorm.DB) (piece, error) {
	if q.Search == "" {
		return piece{}, nil
	}
	lowered, typed := likePattern(strings.ToLower(q.Search)), likePattern(q.Search)
	line := sqlOf(`m.sort_name LIKE ? ESCAPE '\'`, lowered)
	// One of the engines lowers ASCII letters only, so the words as typed are looked for as well.
	called := sqlOf(`SELECT p.id FROM people p WHERE LOWER(p.name) LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\'`, lowered, typed)
	var ids []string
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", called.sql, mostNames), called.args...).Scan(&ids).Error; err != nil {
		return piece{}, fmt.Errorf("cannot look for people: %w", err)
	}
	if len(ids) == 0 {
		return line, nil
	}
	if len(ids) < mostNames {
		called = sqlOf("?", listed(ids))
	}
	people := q.oneOf(called)
	return sqlOf("("+line.sql+" OR "+people.sql+")", append(line.args, people.args...)...), nil
}

func (q matrixQuery) whose() piece {
	var person, team, agent, emergency piece
	if q.Person != "" {
		person = q.oneOf(sqlOf("SELECT p.id FROM people p WHERE p.id = ?", q.Person))
	}
	if q.Team != "" {
		on, args := onTeam(q.At)
		team = q.oneOf(sqlOf("SELECT tm.person_id FROM team_members tm WHERE tm.team_id = ? AND "+on, append([]any{q.Team}, args...)...))
	}
	if q.Agent != "" {
		agent = sqlOf("m.agent_id = ?", q.Agent)
	}
	if q.Emergency {
		emergency = q.inEmergency()
	}
	return and(person, team, agent, emergency)
}

// oneOf is the condition that one of the four is among the people of a subquery.
func (q matrixQuery) oneOf(people piece) piece {
	in, n := "IN ("+people.sql+")", 4
	var sql string
	if q.At == nil {
		// By index, from the people to their lines. A signer's line is named by the
		// version that they signed, and says itself whether the sign-off counts.
		sql = `m.capability_id IN (SELECT x.capability_id FROM matrix_rows x WHERE x.owner_id ` + in + `
			UNION SELECT x.capability_id FROM matrix_rows x WHERE x.provisioner_id ` + in + `
			UNION SELECT x.capability_id FROM matrix_rows x WHERE x.control_owner_id ` + in + `
			UNION SELECT x.capability_id FROM sign_offs o JOIN versions v ON v.id = o.version_id JOIN matrix_rows x ON x.capability_id = v.capability_id
				WHERE o.signer_id ` + in + ` AND x.approvers LIKE '%"' || o.signer_id || '"%')`
	} else {
		sql = `(m.owner_id ` + in + ` OR m.provisioner_id ` + in + ` OR m.control_owner_id ` + in + `
			OR m.mandate_id IN (SELECT sp.mandate_id FROM seat_people sp WHERE sp.person_id ` + in + `))`
	}
	out := piece{sql: sql}
	for range n {
		out.args = append(out.args, people.args...)
	}
	return out
}

// filters are those whose values are counted.
func (q matrixQuery) filters() piece {
	var out []piece
	if q.State != "" {
		out = append(out, sqlOf(q.state.sql+" = ?", append(slices.Clone(q.state.args), q.State)...))
	}
	if q.Tier != "" {
		out = append(out, sqlOf("m.tier_rank = ?", models.Tier(q.Tier).Rank()))
	}
	if q.Hole != "" {
		out = append(out, sqlOf("(m.holes & ?) <> 0 AND "+matrixRank+" < 2", int(holeMask(q.Hole))))
	}
	if q.Held {
		out = append(out, q.held)
	}
	switch q.Due {
	case MatrixOverdue:
		out = append(out, sqlOf(matrixDue+" < ?", q.now))
	case MatrixSoon:
		out = append(out, sqlOf(matrixDue+" >= ? AND "+matrixDue+" < ?", q.now, q.now+MatrixSoonDays*models.Day))
	}
	return and(out...)
}

// holeMask is the bits of a hole filter.
func holeMask(value string) (mask models.Hole) {
	for _, h := range MatrixHoles {
		if h.Value == value || value == "any" {
			mask |= h.Bit
		}
	}
	return mask
}
