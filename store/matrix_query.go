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
	base  piece          // what the viewer sees, the search, and whose it is: for counts
	all   piece          // the same and every other filter: for pages
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
	q.base = and(q.seen, words.every, whose)
	q.everything = sees.every && q.Search == "" && whose.sql == ""
	q.all = and(q.seen, words.each, whose, q.filters())
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

// mostTheirLines is how many lines of people who are called so are named one by one.
const mostTheirLines = 5_000

// mostHits is how many lines that a search finds are named one by one. PostgreSQL reads more
// of them one after the other in less time than it takes to look up each (docs/performance.md).
func mostHits(tx *gorm.DB) int {
	if tx.Name() == "postgres" {
		return 500
	}
	return 5_000
}

// found are the lines that a search finds, as two conditions that say the same: a page reads
// lines in its order until it is full, and asks each; what counts all begins with the hits.
type found struct{ each, every piece }

// search is the condition that the line is one that the words find. They are looked
// for once, for the page and for the counts, where that is not too many; not in a look
// back, which has other lines.
func (q matrixQuery) search(tx *gorm.DB) (found, error) {
	if q.Search == "" {
		return found{}, nil
	}
	line, people, err := q.words(tx)
	if err != nil {
		return found{}, err
	}
	if q.At != nil {
		either := line
		if people.sql != "" {
			either = or(line, q.oneOf(people))
		}
		return found{either, either}, nil
	}
	// Names and people each by themselves: as one condition on a line, PostgreSQL would look
	// for the names in the lines, which takes three times what their index does.
	var theirs, ids []string
	if people.sql != "" {
		lines := linesOf(people)
		if theirs, err = hits(tx, lines, mostTheirLines); err != nil {
			return found{}, err
		}
		people = lines
		if len(theirs) <= mostTheirLines {
			people = idList(tx, theirs)
		}
	}
	named := sqlOf("SELECT m.capability_id FROM matrix_rows m WHERE "+line.sql, line.args...)
	if most := mostHits(tx); len(theirs) <= most {
		if ids, err = hits(tx, named, most-len(theirs)); err != nil {
			return found{}, err
		}
		if len(ids)+len(theirs) <= most {
			each := amongIDs(tx, "m.capability_id", append(ids, theirs...))
			return found{each, each}, nil
		}
	}
	each, every := line, named
	if people.sql != "" {
		each = or(line, sqlOf("m.capability_id IN ("+people.sql+")", people.args...))
		every = sqlOf(named.sql+" UNION "+people.sql, slices.Concat(named.args, people.args)...)
	}
	// As an array, or PostgreSQL may read all lines beside the hits.
	in := "m.capability_id IN (" + every.sql + ")"
	if tx.Name() == "postgres" {
		in = "m.capability_id = ANY(ARRAY(" + every.sql + "))"
	}
	return found{each, sqlOf(in, every.args...)}, nil
}

// hits are the ids that a query finds, and one more than the most where there are more.
func hits(tx *gorm.DB, query piece, most int) (ids []string, err error) {
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", query.sql, most+1), query.args...).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("cannot search the matrix: %w", err)
	}
	return ids, nil
}

// or is the condition that one of the two holds.
func or(a, b piece) piece {
	return sqlOf("("+a.sql+" OR "+b.sql+")", slices.Concat(a.args, b.args)...)
}

// amongIDs is the condition that a column has one of many ids, as one argument, which costs
// the database less than thousands.
func amongIDs(tx *gorm.DB, column string, ids []string) piece {
	if tx.Name() == "postgres" {
		return sqlOf(column+" = ANY(CAST(? AS text[]))", "{"+strings.Join(ids, ",")+"}")
	}
	list := idList(tx, ids)
	return sqlOf(column+" IN ("+list.sql+")", list.args...)
}

// idList is a subquery that gives the ids. Ids are letters, digits and underscores.
func idList(tx *gorm.DB, ids []string) piece {
	if tx.Name() == "postgres" {
		return sqlOf("SELECT unnest(CAST(? AS text[]))", "{"+strings.Join(ids, ",")+"}")
	}
	return sqlOf("SELECT j.value FROM json_each(?) j", `["`+strings.Join(ids, `","`)+`"]`)
}

// words are the condition that the words occur in the line's names, and the people in whose
// name they occur: none, as they are by their ids, or where they are very many a subquery.
func (q matrixQuery) words(tx *gorm.DB) (line, people piece, err error) {
	lowered, typed := likePattern(strings.ToLower(q.Search)), likePattern(q.Search)
	line = sqlOf(`m.sort_name LIKE ? ESCAPE '\'`, lowered)
	// One of the engines lowers ASCII letters only, so the words as typed are looked for as well.
	called := sqlOf(`SELECT p.id FROM people p WHERE LOWER(p.name) LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\'`, lowered, typed)
	var ids []string
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", called.sql, mostNames), called.args...).Scan(&ids).Error; err != nil {
		return line, people, fmt.Errorf("cannot look for people: %w", err)
	}
	if len(ids) == 0 {
		return line, people, nil
	}
	if len(ids) < mostNames {
		called = sqlOf("?", listed(ids))
	}
	return line, called, nil
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

// linesOf are the lines of which one of the four is among the people, now: by index, from
// the people to their lines. A signer's line is named by the version that they signed, and
// says itself whether the sign-off counts.
func linesOf(people piece) piece {
	in := "IN (" + people.sql + ")"
	out := sqlOf(`SELECT x.capability_id FROM matrix_rows x WHERE x.owner_id ` + in + `
		UNION SELECT x.capability_id FROM matrix_rows x WHERE x.provisioner_id ` + in + `
		UNION SELECT x.capability_id FROM matrix_rows x WHERE x.control_owner_id ` + in + `
		UNION SELECT x.capability_id FROM sign_offs o JOIN versions v ON v.id = o.version_id JOIN matrix_rows x ON x.capability_id = v.capability_id
			WHERE o.signer_id ` + in + ` AND x.approvers LIKE '%"' || o.signer_id || '"%'`)
	for range 4 {
		out.args = append(out.args, people.args...)
	}
	return out
}

// oneOf is the condition that one of the four is among the people of a subquery.
func (q matrixQuery) oneOf(people piece) piece {
	if q.At == nil {
		theirs := linesOf(people)
		return sqlOf("m.capability_id IN ("+theirs.sql+")", theirs.args...)
	}
	in := "IN (" + people.sql + ")"
	return sqlOf(`(m.owner_id `+in+` OR m.provisioner_id `+in+` OR m.control_owner_id `+in+`
		OR m.mandate_id IN (SELECT sp.mandate_id FROM seat_people sp WHERE sp.person_id `+in+`))`,
		slices.Concat(people.args, people.args, people.args, people.args)...)
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
