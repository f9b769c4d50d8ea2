package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// What the pages of the administration show. They are for administrators, who
// see the installation, and auditors, who see everything; for anybody else
// there is nothing here.

// mayAdminister refuses everybody who is neither administrator nor auditor.
func mayAdminister(by models.Party) error {
	if by.Has(models.Administrator) || by.Has(models.Auditor) {
		return nil
	}
	return missing("page")
}

// administered reads for a page of the administration as of one moment.
func (s *Store) administered(ctx context.Context, by models.Party, read func(tx *gorm.DB) error) error {
	if err := mayAdminister(by); err != nil {
		return err
	}
	return s.snapshot(ctx, read)
}

// ReadAdmin is what an administrator's act would look at just now, for the page
// that leads to it: f.By is the viewer.
func (s *Store) ReadAdmin(ctx context.Context, by models.Party, look AdminLookup) (f models.AdminFacts, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		f, err = adminFacts(tx, models.Env{Act: models.Act{Person: by.Person.ID}, By: by, Now: s.now()}, look)
		return err
	})
	return f, err
}

// Administration is the overview: how much there is, and what waits for a
// second administrator.
type Administration struct {
	People, Accounts, Teams, Groups, Systems int // active, unlinked, all, mapped, in use
	Links                                    Links
	Rules                                    models.TierRulesRow
	Proposed                                 *models.TierRulesRow
	ProposedBy                               models.Party

	Gateways, Forbids int        // keys that count, forbids in force
	Forbidden         ForbidList // that waits for a second administrator, as Open
}

// Administration is the overview for an administrator or auditor.
func (s *Store) Administration(ctx context.Context, by models.Party) (a Administration, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		err := tx.Raw(`SELECT (SELECT COUNT(*) FROM people WHERE status = 'active') AS people,
			(SELECT COUNT(*) FROM accounts WHERE person_id IS NULL) AS accounts,
			(SELECT COUNT(*) FROM teams) AS teams,
			(SELECT COUNT(*) FROM group_mappings WHERE ended_at IS NULL) AS groups_mapped,
			(SELECT COUNT(*) FROM systems WHERE state = 'active') AS systems,
			(SELECT COUNT(*) FROM gateways WHERE `+openGateways+`) AS gateways,
			(SELECT COUNT(*) FROM forbids WHERE state = 'active') AS forbids`, s.now()).Row().Scan(&a.People, &a.Accounts, &a.Teams, &a.Groups, &a.Systems, &a.Gateways, &a.Forbids)
		if err != nil {
			return fmt.Errorf("cannot count the installation: %w", err)
		}
		if a.Links, err = waitingLinks(tx, "state = 'proposed'"); err != nil {
			return err
		}
		if a.Forbidden.Open, err = all[models.Forbid](tx, "proposed_at, id", "state = 'proposed' OR state = 'active' AND end_proposed_at IS NOT NULL"); err != nil {
			return err
		}
		if a.Forbidden.People, err = parties(tx, forbidPeople(a.Forbidden.Open)); err != nil {
			return err
		}
		if err := activeRules(tx, &a.Rules); err != nil {
			return err
		}
		if a.Proposed, err = find[models.TierRulesRow](tx, "state = ?", models.RulesProposed); err != nil || a.Proposed == nil {
			return err
		}
		people, err := parties(tx, []string{a.Proposed.ProposedBy})
		a.ProposedBy = people[a.Proposed.ProposedBy]
		return err
	})
	return a, err
}

// Links are proposals about accounts and people, with whom and what they name.
type Links struct {
	Open     []models.AccountLink // or the ones asked for; at most 50
	People   map[string]models.Party
	Accounts map[string]models.Account
}

// waitingLinks are those that match, oldest first.
func waitingLinks(tx *gorm.DB, query string, args ...any) (Links, error) {
	rows, err := all[models.AccountLink](tx.Limit(NamePage), "proposed_at, id", query, args...)
	if err != nil {
		return Links{}, err
	}
	return links(tx, rows)
}

// decidedLinks are the last that were confirmed or withdrawn, newest first.
func decidedLinks(tx *gorm.DB) (Links, error) {
	rows, err := all[models.AccountLink](tx.Limit(20), "decided_at DESC, id DESC", "state <> 'proposed'")
	if err != nil {
		return Links{}, err
	}
	return links(tx, rows)
}

func links(tx *gorm.DB, rows []models.AccountLink) (l Links, err error) {
	l.Open = rows
	people, accounts := set{}, set{}
	for _, x := range l.Open {
		people.add(x.PersonID, x.ProposedBy)
		if x.FromID != nil {
			people.add(*x.FromID)
		}
		if x.ConfirmedBy != nil {
			people.add(*x.ConfirmedBy)
		}
		if x.AccountID != nil {
			accounts.add(*x.AccountID)
		}
	}
	if l.People, err = parties(tx, people.list()); err != nil {
		return l, err
	}
	l.Accounts, err = byID[models.Account](tx, accounts.list())
	return l, err
}

// AccountFilter is what the list of accounts may be asked for.
type AccountFilter struct {
	Search string
	NameCursor
}

// AccountList is a page of the accounts that are nobody yet, what is proposed and
// not decided, and what was decided last.
type AccountList struct {
	Accounts         []models.Account
	Turn             NameTurn
	Waiting, Decided Links
}

// UnlinkedAccounts is a page of the accounts that are nobody yet.
func (s *Store) UnlinkedAccounts(ctx context.Context, by models.Party, f AccountFilter) (l AccountList, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		var rows []models.Account
		q := byName(tx, "accounts", f.NameCursor).Select("x.*").Where("x.person_id IS NULL")
		if err := anywhere(q, f.Search, "x.name", "x.email", "x.subject").Find(&rows).Error; err != nil {
			return fmt.Errorf("cannot load the accounts: %w", err)
		}
		l.Accounts, l.Turn = turned(rows, f.NameCursor, func(a models.Account) string { return a.ID })
		if l.Waiting, err = waitingLinks(tx, "state = 'proposed'"); err != nil {
			return err
		}
		l.Decided, err = decidedLinks(tx)
		return err
	})
	return l, err
}

// Account is one account, whose person (if it has one), and what is proposed of it.
func (s *Store) Account(ctx context.Context, by models.Party, id string) (a models.Account, person models.Party, links Links, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		found, err := find[models.Account](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if found == nil {
			return missing("account")
		}
		a = *found
		if a.PersonID != nil {
			people, err := parties(tx, []string{*a.PersonID})
			if err != nil {
				return err
			}
			person = people[*a.PersonID]
		}
		links, err = waitingLinks(tx, "state = 'proposed' AND account_id = ?", id)
		return err
	})
	return a, person, links, err
}

// Link is one proposal, open or decided; what a merge would end is worked out
// by the rule itself.
func (s *Store) Link(ctx context.Context, by models.Party, id string) (links Links, effects models.MergeEffects, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		if links, err = waitingLinks(tx, "id = ?", id); err != nil {
			return err
		}
		if len(links.Open) == 0 {
			return missing("proposal")
		}
		l := links.Open[0]
		if l.Kind != models.LinkKindMerge || l.State != models.LinkProposed {
			return nil
		}
		f, err := adminFacts(tx, models.Env{By: by, Now: s.now()}, AdminLookup{Link: id})
		if err != nil {
			return err
		}
		effects = f.MergeEffects(*l.FromID, l.PersonID)
		return nil
	})
	return links, effects, err
}

// TeamLine is a team with how many people and systems it has.
type TeamLine struct {
	models.Team
	Members int
	Systems int
}

// Teams is a page of the teams, in the order of names.
func (s *Store) Teams(ctx context.Context, by models.Party, search string, c NameCursor) (rows []TeamLine, turn NameTurn, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		q := byName(tx, "teams", c).Select(`x.*, (SELECT COUNT(*) FROM team_members m WHERE m.team_id = x.id AND m.left_at IS NULL) AS members,
			(SELECT COUNT(*) FROM systems s WHERE s.custodian_team_id = x.id AND s.state = 'active') AS systems`)
		if err := anywhere(q, search, "x.name").Find(&rows).Error; err != nil {
			return fmt.Errorf("cannot load the teams: %w", err)
		}
		rows, turn = turned(rows, c, func(t TeamLine) string { return t.ID })
		return nil
	})
	return rows, turn, err
}

// TeamPage is a team with its people and the systems that it looks after.
type TeamPage struct {
	models.Team
	Head    models.Party    // zero for none
	Members []models.Party  // active, at most 500
	Systems []models.System // in use, at most 50
}

// Team is a team's page; NotFound where there is none.
func (s *Store) Team(ctx context.Context, by models.Party, id string) (p TeamPage, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		t, err := find[models.Team](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if t == nil {
			return missing("team")
		}
		p.Team = *t
		if p.Head, err = partyOf(tx, t.HeadID); err != nil {
			return err
		}
		if p.Members, err = members(tx, id, chunk); err != nil {
			return err
		}
		p.Systems, err = all[models.System](tx.Limit(NamePage), "name, id", "custodian_team_id = ? AND state = 'active'", id)
		return err
	})
	return p, err
}

// TeamChoices are the teams that a form offers, at most 1,000.
func (s *Store) TeamChoices(ctx context.Context) ([]models.Team, error) {
	return all[models.Team](s.read.WithContext(ctx).Limit(1000), "name, id", "1 = 1")
}

// Groups are the open group mappings with who made them, and the issuers that
// accounts come from, for the form.
func (s *Store) Groups(ctx context.Context, by models.Party) (rows []models.GroupMapping, makers map[string]models.Party, issuers []string, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		if rows, err = all[models.GroupMapping](tx.Limit(chunk), "issuer, group_name, role", "ended_at IS NULL"); err != nil {
			return err
		}
		ids := set{}
		for _, m := range rows {
			ids.add(m.CreatedBy)
		}
		if makers, err = parties(tx, ids.list()); err != nil {
			return err
		}
		return tx.Model(&models.Account{}).Distinct("issuer").Order("issuer").Limit(NamePage).Pluck("issuer", &issuers).Error
	})
	return rows, makers, issuers, err
}

// RulesPage is the tier rules: in force, proposed, and how they came about.
type RulesPage struct {
	Active   models.TierRulesRow
	Proposed *models.TierRulesRow
	Versions []models.TierRulesRow // newest first, at most 50, without their bodies
	People   map[string]models.Party
}

// TierRules is the page of the tier rules.
func (s *Store) TierRules(ctx context.Context, by models.Party) (p RulesPage, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		if err := activeRules(tx, &p.Active); err != nil {
			return err
		}
		if p.Proposed, err = find[models.TierRulesRow](tx, "state = ?", models.RulesProposed); err != nil {
			return err
		}
		if p.Versions, err = all[models.TierRulesRow](tx.Omit("body").Limit(NamePage), "no DESC", "1 = 1"); err != nil {
			return err
		}
		p.People, err = parties(tx, deciders(p.Versions))
		return err
	})
	return p, err
}

// TierRulesNo is one version of the tier rules by its number.
func (s *Store) TierRulesNo(ctx context.Context, by models.Party, no int) (row models.TierRulesRow, people map[string]models.Party, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		found, err := find[models.TierRulesRow](tx, "no = ?", no)
		if err != nil {
			return err
		}
		if found == nil {
			return missing("version of the tier rules")
		}
		row = *found
		people, err = parties(tx, deciders([]models.TierRulesRow{row}))
		return err
	})
	return row, people, err
}

func deciders(rows []models.TierRulesRow) []string {
	ids := set{}
	for _, r := range rows {
		if r.ProposedBy != models.SystemActor {
			ids.add(r.ProposedBy)
		}
		if r.ConfirmedBy != nil {
			ids.add(*r.ConfirmedBy)
		}
	}
	return ids.list()
}
