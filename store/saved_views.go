package store

import (
	"context"
	"fmt"

	"countersign/models"
)

// SavedViews are a person's own views of one list, or of all where list is "",
// in the order of names.
func (s *Store) SavedViews(ctx context.Context, by models.Party, list string) ([]models.SavedView, error) {
	var views []models.SavedView
	err := s.read.WithContext(ctx).Raw("SELECT v.list, v.name, v.query FROM saved_views v WHERE v.person_id = ? AND (v.list = ? OR ? = '') ORDER BY v.list, v.name LIMIT ?",
		by.Person.ID, list, list, models.MostSavedViews).Scan(&views).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the saved views: %w", err)
	}
	return views, nil
}

// SaveView keeps a view for a person. Refused: a name that is missing, too long or
// taken by another view of the list, and one view more than a person may have. The
// same view again is kept once.
func (s *Store) SaveView(ctx context.Context, by models.Party, v models.SavedView) error {
	if err := v.Check(); err != nil {
		return err
	}
	mine, err := s.SavedViews(ctx, by, "")
	if err != nil {
		return err
	}
	for _, have := range mine {
		if have == v {
			return nil
		}
		if have.List == v.List && have.Name == v.Name {
			return models.Refusal(models.Conflict, "view.name", "You have a view with this name. Choose another name, or remove that one first.")
		}
	}
	res := s.write.WithContext(ctx).Exec(`INSERT INTO saved_views (person_id, list, name, query)
		SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT) WHERE (SELECT COUNT(*) FROM saved_views v WHERE v.person_id = ?) < ?`,
		by.Person.ID, v.List, v.Name, v.Query, by.Person.ID, models.MostSavedViews)
	if res.Error != nil {
		return fmt.Errorf("cannot save the view: %w", refusal(res.Error))
	}
	if res.RowsAffected == 0 {
		return models.Refusal(models.Conflict, "view.most", "You have %d saved views, and that is the most. Remove one that you do not need any more.", models.MostSavedViews)
	}
	return nil
}

// ForgetView removes one of a person's own views; one that is not there is no error.
func (s *Store) ForgetView(ctx context.Context, by models.Party, list, name string) error {
	err := s.write.WithContext(ctx).Exec("DELETE FROM saved_views WHERE person_id = ? AND list = ? AND name = ?", by.Person.ID, list, name).Error
	if err != nil {
		return fmt.Errorf("cannot remove the view: %w", refusal(err))
	}
	return nil
}
