package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// MostChallenges is how many questions to an authenticator one person may have
// open: each page asks one, and each is over after minutes.
const MostChallenges = 20

// Passkeys are the viewer's keys that are in use, oldest first.
func (s *Store) Passkeys(ctx context.Context, viewer models.Party) ([]models.Passkey, error) {
	return passkeysOf(s.read.WithContext(ctx), viewer.Person.ID)
}

func passkeysOf(tx *gorm.DB, person string) ([]models.Passkey, error) {
	return all[models.Passkey](tx, "added_at, id", "person_id = ? AND removed_at IS NULL", person)
}

// Ask keeps the question that an authenticator is asked, until it is answered or
// over. It is no record: nothing follows from it but that it can be answered once.
func (s *Store) Ask(ctx context.Context, c models.Challenge) error {
	return s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		err := tx.Exec(`DELETE FROM challenges WHERE expires_at <= ? OR id IN (SELECT id FROM challenges WHERE person_id = ? ORDER BY created_at DESC LIMIT 1000 OFFSET ?)`,
			s.now(), c.PersonID, MostChallenges-1).Error
		if err != nil {
			return fmt.Errorf("cannot forget old challenges: %w", err)
		}
		if err := tx.Create(&c).Error; err != nil {
			return fmt.Errorf("cannot keep a challenge: %w", err)
		}
		return nil
	})
}

// ceremony is what an answer of an authenticator is held against: the actor's
// keys, and the question.
func ceremony(tx *gorm.DB, env models.Env, always bool, challenge string) (keys []models.Passkey, c *models.Challenge, err error) {
	if challenge != "" {
		if c, err = find[models.Challenge](tx, "id = ? AND person_id = ? AND expires_at > ?", challenge, env.By.Person.ID, env.Now); err != nil {
			return nil, nil, err
		}
	}
	if always || challenge != "" {
		keys, err = passkeysOf(tx, env.By.Person.ID)
	}
	return keys, c, err
}

// used ends a challenge with the act that it was answered for.
func used(tx *gorm.DB, c *models.Challenge) error {
	if c == nil {
		return nil
	}
	res := tx.Exec("DELETE FROM challenges WHERE id = ?", c.ID)
	if res.Error != nil {
		return fmt.Errorf("cannot end a challenge: %w", res.Error)
	}
	return nil
}
