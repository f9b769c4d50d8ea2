package store

import (
	"context"

	"countersign/models"
)

// ActiveByEmail is the one active person with this email address, whatever its
// case: for the operator's commands, which act on somebody's behalf.
func (s *Store) ActiveByEmail(ctx context.Context, email string) (models.Party, error) {
	tx := s.read.WithContext(ctx)
	found, err := all[models.Person](tx.Limit(2), "id", "LOWER(email) = LOWER(?) AND email <> '' AND status = ?", email, models.PersonActive)
	switch {
	case err != nil:
		return models.Party{}, err
	case len(found) == 0:
		return models.Party{}, models.Refusal(models.NotFound, "person.email", "Nobody active here has the email address %s.", email)
	case len(found) > 1:
		return models.Party{}, models.Refusal(models.Conflict, "person.email", "Several people here have the email address %s.", email)
	}
	people, err := parties(tx, []string{found[0].ID})
	return people[found[0].ID], err
}
