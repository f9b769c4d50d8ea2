package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// SignIn finds the account of a login, keeps what the provider says of it, and
// brings the roles from its groups up to date. Person is nil for an account that
// is linked to nobody, or to somebody who is no longer active.
func (s *Store) SignIn(ctx context.Context, in models.Login) (models.SignInResult, error) {
	_, err := s.decide(ctx, models.Act{ID: NewActID(), Person: models.SystemActor, AuthAt: in.AuthAt}, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := signInFacts(tx, env, in)
		if err != nil {
			return models.Change{}, err
		}
		change, write, err := f.SignIn(in)
		if err == nil && !write {
			err = errNothing
		}
		return change, err
	})
	if err != nil && !errors.Is(err, errNothing) {
		return models.SignInResult{}, err
	}
	a, err := find[models.Account](s.read.WithContext(ctx), "issuer = ? AND subject = ?", in.Issuer, in.Subject)
	if err != nil || a == nil {
		return models.SignInResult{}, err
	}
	out := models.SignInResult{AccountID: a.ID}
	p, err := s.SignedIn(ctx, a.ID)
	if models.CodeOf(err) == models.NotFound {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Person = &p
	return out, nil
}

// SignedIn is the person of an account, fresh; NotFound when the account is
// nobody's or the person is no longer active.
func (s *Store) SignedIn(ctx context.Context, accountID string) (models.Party, error) {
	tx := s.read.WithContext(ctx)
	a, err := find[models.Account](tx, "id = ?", accountID)
	if err != nil {
		return models.Party{}, err
	}
	if a == nil || a.PersonID == nil {
		return models.Party{}, missing("account")
	}
	people, err := parties(tx, []string{*a.PersonID})
	if err != nil {
		return models.Party{}, err
	}
	p, ok := people[*a.PersonID]
	if !ok || p.Person.Status != models.PersonActive {
		return models.Party{}, missing("account")
	}
	return p, nil
}

func signInFacts(tx *gorm.DB, env models.Env, in models.Login) (f models.SignInFacts, err error) {
	f.Env = env
	if f.Account, err = find[models.Account](tx, "issuer = ? AND subject = ?", in.Issuer, in.Subject); err != nil {
		return f, err
	}
	if f.Mappings, err = all[models.GroupMapping](tx, "created_at", "issuer = ? AND ended_at IS NULL", in.Issuer); err != nil {
		return f, err
	}
	if f.Account == nil || f.Account.PersonID == nil {
		return f, nil
	}
	people, err := parties(tx, []string{*f.Account.PersonID})
	if err != nil {
		return f, err
	}
	if p, ok := people[*f.Account.PersonID]; ok {
		f.Person = &p
	}
	f.Grants, err = all[models.Grant](tx, "granted_at, id", "person_id = ? AND ended_at IS NULL", *f.Account.PersonID)
	return f, err
}

// Bootstrap makes the first administrators that the operator's configuration
// names, and the first tier rules; it does nothing where there are any.
func (s *Store) Bootstrap(ctx context.Context, first []models.Login) error {
	system := func() models.Act { return models.Act{ID: NewActID(), Person: models.SystemActor} }
	var n int64
	if err := s.read.WithContext(ctx).Model(&models.TierRulesRow{}).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		if _, err := s.DecideAdmin(ctx, system(), AdminLookup{Rules: true}, models.AdminFacts.FirstRules); err != nil && models.CodeOf(err) != models.Conflict {
			return err
		}
	}
	err := s.read.WithContext(ctx).Model(&models.Grant{}).Where("role = ? AND ended_at IS NULL", models.Administrator).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	for _, in := range first {
		_, err := s.decide(ctx, system(), func(tx *gorm.DB, env models.Env) (models.Change, error) {
			f, err := signInFacts(tx, env, in)
			if err != nil {
				return models.Change{}, err
			}
			return f.Bootstrap(in)
		})
		if err != nil && models.CodeOf(err) != models.Conflict {
			return err
		}
	}
	return nil
}

// Issuers are the identity providers whose accounts were seen here, at most ten.
func (s *Store) Issuers(ctx context.Context) ([]string, error) {
	var out []string
	err := s.read.WithContext(ctx).Raw("SELECT DISTINCT issuer FROM accounts ORDER BY issuer LIMIT 10").Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the issuers: %w", err)
	}
	return out, nil
}
