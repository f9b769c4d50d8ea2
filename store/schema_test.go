package store

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"countersign/apptest"
	"countersign/models"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// table is what both engines have to agree on.
type table struct {
	columns []string // "name type" with "null" where it may be empty
	primary []string
	uniques []string // "columns" or "columns where"
	foreign []string // "columns -> table(columns)", "deferred"
	indexes []string // those that are not unique
}

// TestEnginesAgree compares what the two folders of migrations made.
func TestEnginesAgree(t *testing.T) {
	lite := sqliteTables(t, open(t, apptest.SQLiteURL(t)))
	post := postgresTables(t, open(t, apptest.PostgresURL(t)))
	require.Equal(t, slices.Sorted(maps.Keys(lite)), slices.Sorted(maps.Keys(post)))
	for name := range lite {
		require.Equal(t, lite[name], post[name], name)
	}
}

// TestEnginesProtect compares the triggers and the named CHECKs. SQLite has more of the
// former, against REPLACE; PostgreSQL against TRUNCATE.
func TestEnginesProtect(t *testing.T) {
	lite, post := open(t, apptest.SQLiteURL(t)), open(t, apptest.PostgresURL(t))
	own := func(names []string, suffix string) []string {
		var out []string
		for _, n := range names {
			if !strings.HasSuffix(n, suffix) {
				out = append(out, n)
			}
		}
		sort.Strings(out)
		return out
	}
	const postTriggers = "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND c.relname <> 'decisions' AND c.relnamespace = current_schema()::regnamespace"
	require.Equal(t,
		own(column(t, lite, "SELECT name FROM sqlite_schema WHERE type = 'trigger'"), "_no_replace"),
		own(column(t, post, postTriggers), "_no_truncate"))

	var named []string
	for _, sql := range column(t, lite, "SELECT sql FROM sqlite_schema WHERE type = 'table'") {
		for _, line := range strings.Split(sql, "\n") {
			if f := strings.Fields(line); len(f) > 2 && f[0] == "CONSTRAINT" && f[2] == "CHECK" {
				named = append(named, f[1])
			}
		}
	}
	sort.Strings(named)
	checks := own(column(t, post, "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"), "_check")
	require.Equal(t, named, slices.DeleteFunc(checks, func(n string) bool { return strings.Contains(n, "_check") }))
}

// TestRowsAreColumns holds the row structs against the tables: a field is a column, and
// one that may be nil is one that may be empty.
func TestRowsAreColumns(t *testing.T) {
	for name, tables := range bothTables(t) {
		for _, row := range []any{
			models.Person{}, models.Account{}, models.AccountLink{}, models.Team{}, models.TeamMember{}, models.Grant{}, models.GroupMapping{}, models.Delegation{},
			models.Agent{}, models.AgentRevision{}, models.Binding{}, models.System{}, models.Operation{}, models.SecretRef{}, models.Import{},
			models.Capability{}, models.Version{}, models.VersionPart{}, models.Standing{}, models.Contribution{}, models.Nomination{}, models.Acceptance{},
			models.SignOff{}, models.Recall{}, models.Mandate{}, models.Seat{}, models.SeatPerson{}, models.Hold{}, models.Restart{}, models.TierRulesRow{}, models.Duty{}, models.Found{}, models.EmergencySwitch{}, models.Emergency{},
			models.Comment{}, models.DutyStep{}, models.Review{}, models.ReviewAnswer{}, models.Drill{}, models.Endpoint{}, models.Calendar{}, models.Gateway{}, models.Forbid{}, models.DecisionPart{}, models.Alert{}, models.Moment{}, models.OutboxRow{}, models.Delivery{}, models.DeliveryTry{}, models.MatrixRow{}, models.Audience{}, models.AgentAddress{},
		} {
			parsed, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
			require.NoError(t, err)
			var want []string
			for _, f := range parsed.Fields {
				kind := f.FieldType.Kind()
				null := ""
				if kind == reflect.Pointer {
					kind, null = f.FieldType.Elem().Kind(), " null"
				}
				columnType := "integer"
				if kind == reflect.String {
					columnType = "text"
				}
				want = append(want, f.DBName+" "+columnType+null)
			}
			sort.Strings(want)
			require.Equal(t, want, tables[parsed.Table].columns, "%s on %s", parsed.Table, name)
			var primary []string
			for _, f := range parsed.PrimaryFields {
				primary = append(primary, f.DBName)
			}
			require.ElementsMatch(t, primary, tables[parsed.Table].primary, "%s on %s", parsed.Table, name)
		}
	}
}

// TestGovernedRows holds every table with a revision to what is said of all of them: it
// begins at revision 1, moves by one and keeps its key, and is never deleted.
func TestGovernedRows(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		installTierRules(t, s)
		tables := sqliteOrPostgresTables(t, s)
		fillEveryTable(t, s)
		n := 0
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			x := tables[name]
			if !slices.Contains(x.columns, "rev integer") {
				continue
			}
			n++
			t.Run(name, func(t *testing.T) { governed(t, s, name, x) })
		}
		require.Equal(t, 46, n, "a table with a rev was added: it needs the triggers of 00005_rows.sql, and a row in fillEveryTable")
	})
}

func governed(t *testing.T, s *Store, name string, x table) {
	var before, after int64
	count := func(n *int64) { require.NoError(t, plain(s).Raw("SELECT count(*) FROM "+name).Scan(n).Error) }
	count(&before)
	require.NotZero(t, before, "fillEveryTable has no row for it")
	refused := func(statement, suffix, message string) {
		t.Helper()
		err := plain(s).Transaction(func(tx *gorm.DB) error { return tx.Exec(statement).Error })
		requireRefused(t, s, err, trigger(name+suffix, message))
	}
	refused("DELETE FROM "+name, "_no_delete", "rows of "+name+" are never deleted")

	update, moves := "_rev_next", "a row of "+name+" moves by one revision and keeps its key"
	if _, never := neverUpdated[name]; never {
		update, moves = "_no_update", "rows of "+name+" are never changed"
	}
	refused("UPDATE "+name+" SET rev = rev", update, moves)
	refused("UPDATE "+name+" SET rev = rev + 2", update, moves)
	refused("UPDATE "+name+" SET "+x.primary[0]+" = 'another', rev = rev + 1", update, moves)

	var names, values []string
	for _, c := range x.columns {
		column := strings.Fields(c)[0]
		names = append(names, column)
		switch {
		case column == "rev":
			values = append(values, "2")
		case column == x.primary[0]:
			values = append(values, "'zz' || "+column)
		default:
			values = append(values, column)
		}
	}
	list := strings.Join(names, ", ")
	refused(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %s LIMIT 1) x", name, list, strings.Join(values, ", "), name), "_rev_first", "a row of "+name+" begins at revision 1")

	if s.engine == Postgres {
		refused("TRUNCATE "+name+" CASCADE", "_no_truncate", "rows of "+name+" are never deleted")
	} else {
		values[slices.Index(names, "rev")], values[slices.Index(names, x.primary[0])] = "1", x.primary[0]
		refused(fmt.Sprintf("INSERT OR REPLACE INTO %s (%s) SELECT %s FROM %s LIMIT 1", name, list, strings.Join(values, ", "), name), "", "rows of "+name+" are never replaced")
	}
	count(&after)
	require.Equal(t, before, after)
}

// neverUpdated are the tables whose rows state what somebody did.
var neverUpdated = map[string]struct{}{"standings": {}, "contributions": {}, "roles": {}, "sign_offs": {}, "recalls": {}, "seats": {}, "seat_people": {}, "agent_revisions": {}, "comments": {}, "signatures": {}, "duty_steps": {}, "review_answers": {}, "decision_parts": {}}

// fillEveryTable puts a row in every governed table.
func fillEveryTable(t *testing.T, s *Store) {
	newWorld(t, s).drafted(models.Low) // first, so that it is found first
	w := newWorld(t, s)
	w.drafted(models.Low)
	w.must(w.nomination("nomination", models.Provisioner, "provisioner", models.NominationOpen))
	w.submit().accept().review()
	w.signFor("dora", "bob")
	require.NoError(t, w.goLive(nil))
	w.sign("ann", "red")
	w.byPasskey(w.signOffs[0])
	newWorld(t, s).emergency()
	account, who := w.id("account"), w.p("bob")
	w.must(
		&models.Recall{SignOffID: w.signOffs[1].ID, PersonID: w.p("ann"), Reason: "changed my mind", RecalledAt: 8},
		&models.Comment{ID: w.id("comment"), VersionID: w.version, CapabilityID: w.id("cap"), Part: models.CommentOnWhole, PersonID: w.p("ann"), Text: "Why?", CreatedAt: 9},
		&models.Account{ID: account, Issuer: "https://idp.example", Subject: account, Groups: "[]"},
		&models.AccountLink{ID: w.id("link"), Kind: models.LinkKindLink, AccountID: &account, PersonID: who, State: models.LinkProposed, ProposedBy: w.p("ann"), ProposedAt: 1},
		w.grant("grant", "bob", models.Approver),
		&models.GroupMapping{ID: w.id("mapping"), Issuer: "https://idp.example", GroupName: "approvers", Role: models.Approver, CreatedBy: w.p("ann"), CreatedAt: 1},
		&models.Binding{ID: w.id("binding"), AgentID: w.id("agent"), Issuer: "https://idp.example", Subject: w.id("robot"), BoundAt: 1},
		&models.System{ID: w.id("system"), Name: "Books", Kind: "saas", Sensitivity: "internal", CustodianTeamID: w.id("red"), State: "active"},
		&models.Operation{ID: w.id("operation"), SystemID: w.id("system"), Name: "books.read", Access: "read", Effects: "[]", State: "active"},
		&models.SecretRef{ID: w.id("secret"), SystemID: w.id("system"), Name: "key", Reference: "vault/books", State: "active"},
		&models.Import{ID: w.id("import"), AgentID: w.id("agent"), File: "card.json", Format: "a2a-card/1.0", SHA256: digest, Outcome: "imported", Fields: "[]", CreatedBy: w.p("owner"), CreatedAt: 1},
		w.hold(), w.restart("restart", models.RestartOpen),
		&models.Duty{ID: w.id("duty"), Kind: models.DutySign, Subject: w.version, Holder: who, PersonID: &who, OpenedAt: 1, DueAt: 9},
		&models.Found{ID: w.id("found"), Kind: models.ImportAgent, Name: w.id("seen"), NameKey: w.id("seen"), SeenBy: who, FirstSeenAt: 1, LastSeenAt: 1, OpenedAt: 1, Times: 1, State: models.FoundOpen},
	)
	w.must(
		&models.DutyStep{DutyID: w.id("duty"), Kind: models.StepReminder, Step: 2, PlannedAt: 3, TakenAt: 4, Recipients: "[]"},
		&models.Review{ID: w.id("review"), CapabilityID: w.id("cap"), VersionID: w.version, Digest: digest, MandateID: w.id("m1"), Kind: models.ReviewPeriodic, About: "[]", OpenedAt: 1, DueAt: 9, HoldAt: 9, State: models.ReviewOpen},
		&models.ReviewAnswer{ReviewID: w.id("review"), Role: models.BusinessOwner, VersionID: w.version, Digest: digest, PersonID: w.p("owner"), Answer: models.AnswerRight, Body: "{}", AnsweredAt: 2},
		&models.Drill{ID: w.id("drill"), Kind: models.DrillKill, CapabilityID: w.id("cap"), MandateID: w.id("m1"), Tier: models.Low, PersonID: w.p("owner"), Scenario: "Does it stop?", PlannedAt: 9, State: models.DrillPlanned},
		&models.Endpoint{ID: w.id("hook"), Name: "pager", Style: "pagerduty", URL: "https://events.example/x", Host: "events.example", State: models.EndpointOn, CreatedBy: w.p("ann"), CreatedAt: 1},
		&models.Calendar{ID: w.id("calendar"), PersonID: w.p("ann"), Hash: models.Digest(w.id("calendar")), CreatedAt: 1},
		&models.Gateway{ID: w.id("gateway"), Name: "Front door", KeyHash: models.Digest(w.id("gateway")), Hint: "abcdefgh", CreatedBy: w.p("ann"), CreatedAt: 1, ExpiresAt: 9},
		&models.Forbid{ID: w.id("forbid"), Name: "No deletes", Why: "They cannot be undone.", Text: "forbid (principal, action, resource);", State: models.ForbidProposed, ProposedBy: w.p("ann"), ProposedAt: 1},
		&models.DecisionPart{ID: w.id("part"), Replica: 1, FromID: 1<<models.ReplicaBits + 1, ToID: 1<<models.ReplicaBits + 2, N: 2, FromAt: 1, ToAt: 2, Root: digest, SealedAt: 3},
	)
}

// TestLookUpsAreIndexed looks at the plans of what is asked most: who answers now, and
// who answered then.
func TestLookUpsAreIndexed(t *testing.T) {
	s := open(t, apptest.SQLiteURL(t))
	for query, index := range map[string]string{
		"SELECT id FROM agents WHERE " + nameKey + " IN ('x', 'y')":        "agents_by_name_key",
		"SELECT id FROM systems WHERE " + nameKey + " IN ('x', 'y')":       "systems_by_name_key",
		"SELECT agent_id FROM agent_addresses WHERE url_key IN ('x', 'y')": "agent_addresses_by_key",
		"SELECT * FROM found x WHERE x.kind = 'agent' AND x.state = 'open' AND (x.opened_at, x.name, x.id) > (1, 'a', 'b') ORDER BY x.opened_at, x.name, x.id LIMIT 51": "found_waiting",
		"SELECT d.id FROM duties d WHERE d.pool = 'business_owner' AND d.closed_at IS NULL ORDER BY d.due_at, d.id LIMIT 1":                                             "duties_of_pool",
		"SELECT * FROM mandates WHERE capability_id = 'x' AND ended_at IS NULL":                                                                                         "mandates_one_open",
		"SELECT * FROM mandates WHERE capability_id = 'x' AND from_at <= 5 ORDER BY from_at DESC LIMIT 1":                                                               "mandates_at",
		"SELECT * FROM holds WHERE target_kind = 'agent' AND target_id = 'x' AND lifted_at IS NULL":                                                                     "holds_of_target",
		"SELECT * FROM duties WHERE person_id = 'x' AND closed_at IS NULL ORDER BY due_at":                                                                              "duties_of_person",
		"SELECT * FROM matrix_rows WHERE (sort_name, capability_id) > ('x', 'y') ORDER BY sort_name LIMIT 50":                                                           "matrix_rows_by_name",
		"SELECT * FROM accounts WHERE issuer = 'x' AND subject = 'y'":                                                                                                   "accounts_one_identity",
		"SELECT * FROM ledger_refs WHERE kind = 'agent' AND id = 'x' ORDER BY seq DESC LIMIT 50":                                                                        "ledger_refs",
		"SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY created_at, id LIMIT 50":                                                                                   "outbox_waiting",
		"SELECT * FROM sign_offs WHERE version_id = 'x' AND round = 1":                                                                                                  "sign_offs_of_version",
		"SELECT * FROM grants WHERE role = 'approver' AND ended_at IS NULL":                                                                                             "grants_of_role",
		"SELECT * FROM bindings WHERE issuer = 'x' AND subject = 'y' AND audience = 'z' AND ended_at IS NULL":                                                           "bindings_one_open",
		"SELECT * FROM people x WHERE x.status = 'active' AND (x.name, x.id) > ('a', 'b') ORDER BY x.name, x.id LIMIT 51":                                               "people_by_name",
		"SELECT * FROM systems x WHERE x.state = 'active' ORDER BY x.name, x.id LIMIT 51":                                                                               "systems_by_name",
		"SELECT * FROM account_links WHERE state <> 'proposed' ORDER BY decided_at DESC, id DESC LIMIT 20":                                                              "account_links_decided",
		"SELECT * FROM system_uses u WHERE u.capability_id = 'x'":                                                                                                       "system_uses_of_capability",
		"SELECT * FROM versions WHERE capability_id = 'x' AND state IN ('draft', 'proposed', 'in_review', 'approved')":                                                  "versions_one_open",
	} {
		var plan []struct{ Detail string }
		require.NoError(t, plain(s).Raw("EXPLAIN QUERY PLAN "+query).Scan(&plan).Error)
		require.NotEmpty(t, plan)
		if index == "accounts_one_identity" || index == "ledger_refs" { // made by a constraint
			require.Contains(t, plan[0].Detail, "sqlite_autoindex_"+strings.TrimSuffix(index, "_one_identity"), query)
			continue
		}
		require.Contains(t, plan[0].Detail, index, query)
	}
}

// ---- reading the schema back

func bothTables(t *testing.T) map[string]map[string]table {
	return map[string]map[string]table{
		"sqlite":   sqliteTables(t, open(t, apptest.SQLiteURL(t))),
		"postgres": postgresTables(t, open(t, apptest.PostgresURL(t))),
	}
}

func sqliteOrPostgresTables(t *testing.T, s *Store) map[string]table {
	if s.engine == SQLite {
		return sqliteTables(t, s)
	}
	return postgresTables(t, s)
}

func column(t *testing.T, s *Store, query string, args ...any) []string {
	t.Helper()
	var out []string
	require.NoError(t, plain(s).Raw(query, args...).Scan(&out).Error)
	return out
}

func (x table) sorted() table {
	for _, l := range [][]string{x.columns, x.uniques, x.foreign, x.indexes} {
		sort.Strings(l)
	}
	return x
}

func sqliteTables(t *testing.T, s *Store) map[string]table {
	out := map[string]table{}
	for _, name := range column(t, s, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'") {
		var x table
		var strict int
		require.NoError(t, plain(s).Raw("SELECT strict FROM pragma_table_list WHERE name = ?", name).Scan(&strict).Error)
		require.Equal(t, 1, strict, "%s is not STRICT", name)
		x.columns = column(t, s, "SELECT name || ' ' || CASE type WHEN 'INTEGER' THEN 'integer' WHEN 'TEXT' THEN 'text' ELSE 'bytes' END || CASE \"notnull\" WHEN 1 THEN '' ELSE ' null' END FROM pragma_table_info(?)", name)
		x.primary = column(t, s, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", name)
		for _, index := range column(t, s, "SELECT name FROM pragma_index_list(?) WHERE origin <> 'pk'", name) {
			columns := strings.Join(column(t, s, "SELECT coalesce(name, 'an expression') FROM pragma_index_info(?) ORDER BY seqno", index), ", ")
			var sql string
			require.NoError(t, plain(s).Raw("SELECT coalesce(sql, '') FROM sqlite_schema WHERE name = ?", index).Scan(&sql).Error)
			if _, where, ok := strings.Cut(sql, " WHERE "); ok {
				columns += " where " + condition(where)
			}
			var isUnique int
			require.NoError(t, plain(s).Raw("SELECT \"unique\" FROM pragma_index_list(?) WHERE name = ?", name, index).Scan(&isUnique).Error)
			if isUnique == 1 {
				x.uniques = append(x.uniques, columns)
			} else {
				x.indexes = append(x.indexes, index+" "+columns)
			}
		}
		x.foreign = sqliteForeign(t, s, name)
		out[name] = x.sorted()
	}
	return out
}

// sqliteForeign reads what a foreign key is from the pragma, and whether it is deferred
// from the table's own text, where alone it stands.
func sqliteForeign(t *testing.T, s *Store, name string) []string {
	var keys []struct {
		ID, Seq          int
		Parent, From, To string
	}
	require.NoError(t, plain(s).Raw("SELECT id, seq, \"table\" AS parent, \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq", name).Scan(&keys).Error)
	from, to, parent := map[int][]string{}, map[int][]string{}, map[int]string{}
	for _, k := range keys {
		from[k.ID], to[k.ID], parent[k.ID] = append(from[k.ID], k.From), append(to[k.ID], k.To), k.Parent
	}
	text := strings.Join(strings.Fields(column(t, s, "SELECT sql FROM sqlite_schema WHERE name = ?", name)[0]), " ")
	var out []string
	for id := range from {
		f, p := strings.Join(from[id], ", "), strings.Join(to[id], ", ")
		key := f + " -> " + parent[id] + "(" + p + ")"
		if strings.Contains(text, "FOREIGN KEY ("+f+") REFERENCES "+parent[id]+" ("+p+") DEFERRABLE INITIALLY DEFERRED") {
			key += " deferred"
		}
		out = append(out, key)
	}
	return out
}

func postgresTables(t *testing.T, s *Store) map[string]table {
	out := map[string]table{}
	for _, name := range column(t, s, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name NOT IN ('goose_db_version', 'decisions', 'decision_replicas', 'decisions_version')") {
		var x table
		x.columns = column(t, s, "SELECT column_name || ' ' || CASE data_type WHEN 'integer' THEN 'integer' WHEN 'bigint' THEN 'integer' WHEN 'text' THEN 'text' ELSE 'bytes' END || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?", name)
		const keyed = `SELECT string_agg(coalesce(a.attname, 'an expression'), ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum`
		primary := column(t, s, "SELECT ("+keyed+") FROM pg_index i WHERE i.indrelid = ?::regclass AND i.indisprimary", name)
		require.Len(t, primary, 1, name)
		x.primary = strings.Split(primary[0], ", ")
		var indexes []struct {
			Name, Columns, Predicate string
			IsUnique                 bool
		}
		require.NoError(t, plain(s).Raw("SELECT c.relname AS name, ("+keyed+") AS columns, coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate, i.indisunique AS is_unique FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ?::regclass AND NOT i.indisprimary", name).Scan(&indexes).Error)
		for _, i := range indexes {
			if i.Predicate != "" {
				i.Columns += " where " + condition(i.Predicate)
			}
			if i.IsUnique {
				x.uniques = append(x.uniques, i.Columns)
			} else {
				x.indexes = append(x.indexes, i.Name+" "+i.Columns)
			}
		}
		const side = `(SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(%s) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = %s AND a.attnum = k.attnum)`
		x.foreign = column(t, s, "SELECT "+fmt.Sprintf(side, "conkey", "conrelid")+" || ' -> ' || confrelid::regclass || '(' || "+fmt.Sprintf(side, "confkey", "confrelid")+" || ')' || CASE WHEN condeferred THEN ' deferred' ELSE '' END FROM pg_constraint WHERE contype = 'f' AND conrelid = ?::regclass", name)
		out[name] = x.sorted()
	}
	return out
}

// condition is a partial index's condition in the words of both engines: its columns,
// values and NULLs, in order.
func condition(sql string) string {
	sql = strings.NewReplacer("::text", "", "= ANY", "IN", "ARRAY[", "", "[]", "", "]", "", "(", "", ")", "").Replace(sql)
	return strings.Join(strings.Fields(sql), " ")
}
