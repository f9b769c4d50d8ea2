package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"countersign/models"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

const digest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

var makers = map[models.Role]string{models.BusinessOwner: "owner", models.Provisioner: "provisioner", models.ControlOwner: "control"}

// world is an agent with a capability of its own and people beside: owner, provisioner and
// control (the makers), ann and cy (team red), bob (team blue), dora (a delegate, no team).
type world struct {
	t        *testing.T
	s        *Store
	prefix   string
	version  string
	tier     models.Tier
	signOffs []*models.SignOff // of the version, in the round that it is in
	round    int
}

var worlds int

func newWorld(t *testing.T, s *Store) *world {
	t.Helper()
	worlds++
	w := &world{t: t, s: s, prefix: fmt.Sprintf("w%d", worlds), round: 1}
	w.version = w.id("v1")
	for _, p := range []string{"owner", "provisioner", "control", "ann", "bob", "cy", "dora"} {
		w.must(&models.Person{ID: w.p(p), Name: p, TimeZone: "UTC", Status: models.PersonActive})
	}
	w.must(
		&models.Team{ID: w.id("red"), Name: w.id("red")},
		&models.Team{ID: w.id("blue"), Name: w.id("blue")},
		&models.TeamMember{TeamID: w.id("red"), PersonID: w.p("ann"), JoinedAt: 1},
		&models.TeamMember{TeamID: w.id("red"), PersonID: w.p("cy"), JoinedAt: 1},
		&models.TeamMember{TeamID: w.id("blue"), PersonID: w.p("bob"), JoinedAt: 1},
		&models.Agent{ID: w.id("agent"), Name: "Agent", State: models.AgentDraft, OwnerID: w.p("owner"), Draft: "{}", CreatedAt: 1},
		&models.AgentRevision{ID: w.id("revision"), AgentID: w.id("agent"), No: 1, Document: "{}", Digest: digest, CreatedBy: w.p("owner"), CreatedAt: 1},
		&models.Capability{ID: w.id("cap"), AgentID: w.id("agent"), CreatedBy: w.p("owner"), CreatedAt: 1},
	)
	return w
}

func (w *world) id(name string) string { return w.prefix + "-" + name }
func (w *world) p(name string) string  { return w.prefix + "-" + name }

// team is the team of an approver.
func (w *world) team(person string) string {
	if person == "bob" {
		return "blue"
	}
	return "red"
}

// plain is the product's own connection with the database's own words for errors.
func plain(s *Store) *gorm.DB {
	db := s.write.Session(&gorm.Session{NewDB: true})
	config := *db.Config
	config.TranslateError = false
	db.Config = &config
	return db
}

// try inserts rows in one transaction, each at revision 1.
func (w *world) try(rows ...any) error {
	return plain(w.s).WithContext(w.t.Context()).Transaction(func(tx *gorm.DB) error {
		for _, r := range rows {
			setRevision(r)
			if err := tx.Create(r).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func setRevision(row any) {
	if f := reflect.ValueOf(row).Elem().FieldByName("Rev"); f.IsValid() {
		f.SetInt(1)
	}
}

func (w *world) must(rows ...any) {
	w.t.Helper()
	require.NoError(w.t, w.try(rows...))
}

// sql runs one statement in a transaction of its own. One that finds nothing to do is an error.
func (w *world) sql(statement string, args ...any) error {
	return plain(w.s).WithContext(w.t.Context()).Transaction(func(tx *gorm.DB) error {
		res := tx.Exec(statement, args...)
		if res.Error == nil && res.RowsAffected == 0 && !strings.HasPrefix(statement, "TRUNCATE") {
			return errors.New("there was no row to " + statement)
		}
		return res.Error
	})
}

func (w *world) state(state string, version ...string) error {
	id := append(version, w.version)[0]
	return w.sql("UPDATE versions SET state = ?, rev = rev + 1 WHERE id = ?", state, id)
}

func (w *world) draft(tier models.Tier) *models.Version {
	w.tier = tier
	v := &models.Version{ID: w.version, CapabilityID: w.id("cap"), No: 1, State: models.Draft, Tier: tier, Need: 1, Round: 1,
		TierRulesID: "rules", CreatedBy: w.p("owner"), CreatedAt: 2}
	revision := w.id("revision")
	v.AgentRevisionID = &revision
	if tier == models.High || tier == models.Critical {
		v.Need = 2
	}
	if tier == models.Critical {
		v.Apart = 1
	}
	return v
}

func (w *world) drafted(tier models.Tier) *world {
	w.must(w.draft(tier))
	w.write(models.TaskPart, "owner")
	w.write(models.ScopePart, "provisioner")
	w.write(models.OversightPart, "control")
	return w
}

func (w *world) write(part models.Part, who string) {
	w.ensure(who)
	w.must(&models.Contribution{VersionID: w.version, Part: part, PersonID: w.p(who), Side: models.Maker, At: 3}, w.part(part, who))
}

func (w *world) part(part models.Part, who string) *models.VersionPart {
	by := w.p(who)
	return &models.VersionPart{VersionID: w.version, Part: part, Body: `{"by":"` + who + `"}`, UpdatedBy: &by, UpdatedAt: 3}
}

// ensure gives somebody a maker's standing where they have none yet.
func (w *world) ensure(who string) {
	var n int64
	require.NoError(w.t, plain(w.s).Model(&models.Standing{}).Where("version_id = ? AND person_id = ?", w.version, w.p(who)).Count(&n).Error)
	if n == 0 {
		w.stand(who, models.Maker)
	}
}

func (w *world) stand(who, side string) *world {
	w.must(&models.Standing{VersionID: w.version, PersonID: w.p(who), Side: side})
	return w
}

func (w *world) trySubmit(digest string) error {
	return w.sql("UPDATE versions SET state = 'proposed', digest = ?, document = '{\"a\":1}', submitted_by = ?, submitted_at = 4, rev = rev + 1 WHERE id = ?",
		digest, w.p("owner"), w.version)
}

func (w *world) submit() *world {
	require.NoError(w.t, w.trySubmit(digest))
	return w
}

func (w *world) role(r models.Role, who string) *models.Acceptance {
	var on string
	require.NoError(w.t, plain(w.s).Raw("SELECT digest FROM versions WHERE id = ?", w.version).Scan(&on).Error)
	return &models.Acceptance{VersionID: w.version, Role: r, PersonID: w.p(who), Digest: on, Side: models.Maker, AcceptedAt: 5}
}

func (w *world) accept() *world {
	for r, who := range makers {
		w.must(w.role(r, who))
	}
	return w
}

func (w *world) review() *world {
	require.NoError(w.t, w.state("in_review"))
	return w
}

func (w *world) inReview(tier models.Tier) *world {
	return w.drafted(tier).submit().accept().review()
}

func (w *world) signOff(signer, principal string, delegation *string, team string) *models.SignOff {
	var on string
	require.NoError(w.t, plain(w.s).Raw("SELECT digest FROM versions WHERE id = ?", w.version).Scan(&on).Error)
	x := &models.SignOff{ID: w.id(fmt.Sprintf("sign-%s-%s-%d-%d", w.version, signer, w.round, len(w.signOffs))), VersionID: w.version, Digest: on, Round: w.round,
		SignerID: w.p(signer), PrincipalID: w.p(principal), DelegationID: delegation, TeamID: w.id(team), Side: models.Checker, Method: models.MethodSession, SignedAt: 6}
	if w.tier == models.High || w.tier == models.Critical {
		w.byPasskey(x)
	}
	return x
}

// byPasskey gives the sign-off with a passkey of its signer.
func (w *world) byPasskey(x *models.SignOff) {
	key := "key-" + x.ID
	w.must(
		&models.Passkey{ID: key, PersonID: x.SignerID, Name: "Key", CredentialID: key, PublicKey: "cose", RPID: "example.org", AAGUID: "", Transports: "[]",
			ClientData: "{}", Attestation: "o", AddedAt: 1},
		&models.Signature{ID: "by-" + x.ID, PersonID: x.SignerID, PasskeyID: key, Decision: models.DecisionSignOff, VersionID: x.VersionID, Digest: x.Digest, Round: x.Round,
			PrincipalID: x.PrincipalID, TeamID: x.TeamID, Construction: models.Construction, Document: "{}", Nonce: fmt.Sprintf("%043.43s", models.Digest(x.ID)), RPID: "example.org",
			Origin: "https://example.org", CredentialID: key, PublicKey: "cose", ClientData: "{}", AuthenticatorData: "a", Signature: "s", SignedAt: x.SignedAt},
	)
	by := "by-" + x.ID
	x.Method, x.SignatureID = models.MethodPasskey, &by
}

func (w *world) sign(who, team string) *world {
	return w.signs(w.signOff(who, who, nil, team))
}

func (w *world) signFor(delegate, principal string) *world {
	return w.signs(w.signOff(delegate, principal, w.delegation(delegate, principal), w.team(principal)))
}

func (w *world) signs(x *models.SignOff) *world {
	for _, id := range []string{x.SignerID, x.PrincipalID} {
		var n int64
		require.NoError(w.t, plain(w.s).Model(&models.Standing{}).Where("version_id = ? AND person_id = ?", w.version, id).Count(&n).Error)
		if n == 0 {
			w.must(&models.Standing{VersionID: w.version, PersonID: id, Side: models.Checker})
		}
	}
	w.must(x)
	w.signOffs = append(w.signOffs, x)
	return w
}

func (w *world) delegation(delegate, principal string) *string {
	d := &models.Delegation{ID: w.id(delegate + "-for-" + principal), DelegateID: w.p(delegate), PrincipalID: w.p(principal), FromAt: 1, UntilAt: 9}
	w.must(d)
	return &d.ID
}

// asksCustodian is a version in review at low, of which a team has to sign.
func (w *world) asksCustodian(team string) *world {
	w.drafted(models.Low)
	require.NoError(w.t, w.sql("UPDATE versions SET custodians = ?, rev = rev + 1 WHERE id = ?", `["`+w.id(team)+`"]`, w.version))
	return w.submit().accept().review()
}

func (w *world) signWithKey(who, team string) *world {
	x := w.signOff(who, who, nil, team)
	w.byPasskey(x)
	return w.signs(x)
}

// signed is a version with as many sign-offs as its tier asks for, of different teams.
func (w *world) signed(tier models.Tier) *world {
	w.inReview(tier).sign("ann", "red")
	if tier == models.High || tier == models.Critical {
		w.sign("bob", "blue")
	}
	return w
}

// nextRound asks for sign-offs anew, and ends what is in force.
func (w *world) nextRound() {
	w.round++
	w.signOffs = nil
	require.NoError(w.t, w.end())
	require.NoError(w.t, w.sql("UPDATE versions SET round = ?, rev = rev + 1 WHERE id = ?", w.round, w.version))
}

// live is what going live inserts.
type live struct {
	mandate *models.Mandate
	seats   []*models.Seat
	people  []*models.SeatPerson
}

func (l *live) rename(id string) {
	l.mandate.ID = id
	for _, s := range l.seats {
		s.MandateID = id
	}
	for _, p := range l.people {
		p.MandateID = id
	}
}

// goLive inserts the mandate of the version as it was signed, after a change of what is inserted.
func (w *world) goLive(change func(*live)) error {
	return w.goLiveWith(change, func(rows []any) error { return w.try(rows...) })
}

func (w *world) goLiveWith(change func(*live), insert func(rows []any) error) error {
	v := w.draft(w.tier)
	l := &live{mandate: &models.Mandate{ID: w.id(fmt.Sprintf("m%d", w.round)), CapabilityID: v.CapabilityID, VersionID: w.version, Digest: digest, Tier: v.Tier, Need: v.Need, Apart: v.Apart, Round: w.round,
		OwnerID: w.p("owner"), ProvisionerID: w.p("provisioner"), ControlOwnerID: w.p("control"),
		OwnerRole: models.BusinessOwner, ProvisionerRole: models.Provisioner, ControlRole: models.ControlOwner, FromAt: 7, ReviewDueAt: 50, UntilAt: 60}}
	for i, x := range w.signOffs {
		seat := &models.Seat{MandateID: l.mandate.ID, Seat: i + 1, SignOffID: x.ID, VersionID: w.version, Round: x.Round, Digest: x.Digest, Apart: v.Apart,
			ApartKey: x.ID, TeamID: x.TeamID, SignerID: x.SignerID, PrincipalID: x.PrincipalID}
		if i > 0 {
			seat.Prev = &i
		}
		if v.Apart == 1 {
			seat.ApartKey = x.TeamID
		}
		l.seats = append(l.seats, seat)
		l.people = append(l.people, &models.SeatPerson{MandateID: l.mandate.ID, PersonID: x.SignerID, Seat: i + 1})
		if x.PrincipalID != x.SignerID {
			l.people = append(l.people, &models.SeatPerson{MandateID: l.mandate.ID, PersonID: x.PrincipalID, Seat: i + 1})
		}
	}
	if change != nil {
		change(l)
	}
	rows := []any{l.mandate}
	for _, s := range l.seats {
		rows = append(rows, s)
	}
	for _, p := range l.people {
		rows = append(rows, p)
	}
	return insert(rows)
}

func (w *world) end(version ...string) error {
	id := append(version, w.version)[0]
	return w.sql("UPDATE mandates SET ended_at = 9, end_reason = 'revoked', rev = rev + 1 WHERE version_id = ?", id)
}

func (w *world) nomination(id string, r models.Role, who, state string) *models.Nomination {
	return &models.Nomination{ID: w.id(id), VersionID: w.version, Role: r, PersonID: w.p(who), NominatedBy: w.p("owner"), NominatedAt: 3, State: state}
}

func (w *world) grant(id, who string, r models.Role) *models.Grant {
	return &models.Grant{ID: w.id(id), PersonID: w.p(who), Role: r, Source: "admin", GrantedBy: w.p("dora"), GrantedAt: 1}
}

func (w *world) hold() *models.Hold {
	return &models.Hold{ID: w.id("hold"), TargetKind: models.OnCapability, TargetID: w.id("cap"), Kind: models.HoldStop, Cause: "it misbehaves", PlacedBy: w.p("control"), PlacedAt: 4}
}

func (w *world) restart(id, state string) *models.Restart {
	return &models.Restart{ID: w.id(id), CapabilityID: w.id("cap"), VersionID: w.version, Round: 2, Cause: "mended", AskedBy: w.p("owner"), AskedAt: 8, State: state}
}

// rules are the next tier rules, in force, which only tighten.
func (w *world) rules() *models.TierRulesRow {
	var no int
	require.NoError(w.t, plain(w.s).Raw("SELECT max(no) FROM tier_rules").Scan(&no).Error)
	return &models.TierRulesRow{ID: w.id(fmt.Sprintf("rules-%d", no+1)), No: no + 1, Body: "{}", State: models.RulesActive, ProposedBy: w.p("ann"), ProposedAt: 2, DecidedAt: models.Instant(3).Ref()}
}

// supersede ends the tier rules in force, where there are any.
func (w *world) supersede() {
	require.NoError(w.t, plain(w.s).Exec("UPDATE tier_rules SET state = 'superseded', rev = rev + 1 WHERE state = 'active'").Error)
}

func installTierRules(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, plain(s).Create(&models.TierRulesRow{ID: "rules", No: 1, Body: `{"first":true}`, State: models.RulesActive, ProposedBy: models.SystemActor, ProposedAt: 1,
		DecidedAt: models.Instant(1).Ref(), Record: models.Record{Rev: 1}}).Error)
}

// entry is the next entry of the ledger.
func (w *world) entry() *entry {
	last := entry{Hash: strings.Repeat("0", 64)}
	if err := plain(w.s).Order("seq DESC").Take(&last).Error; err != nil {
		require.ErrorIs(w.t, err, gorm.ErrRecordNotFound)
	}
	seq := last.Seq + 1
	return &entry{Seq: seq, At: last.At + 2000, Act: "test.done", ActID: w.id(fmt.Sprintf("act-%d", seq)), Actor: models.SystemActor, Entry: `{"seq":1}`, Prev: last.Hash, Hash: fmt.Sprintf("%064x", seq)}
}
