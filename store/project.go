package store

import (
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// project brings what is derived from the governance rows up to date, in the
// transaction of their change: the matrix line, the audience and the systems of
// every capability that the change touches.
func project(tx *gorm.DB, env models.Env, c models.Change) error {
	for _, t := range c.Touches() {
		if t.Kind == models.TouchCapability {
			if err := projectCapability(tx, env, t.ID); err != nil {
				return err
			}
		}
	}
	for _, w := range c.Writes() {
		if a, ok := w.Row.(*models.Agent); ok && w.Expect > 0 {
			if err := projectAgentName(tx, *a); err != nil {
				return err
			}
		}
	}
	return nil
}

func projectCapability(tx *gorm.DB, env models.Env, id string) error {
	f, err := capabilityFacts(tx, env, id, Lookup{})
	if err != nil {
		return err
	}
	row, audience := f.MatrixRow()
	// One statement a table, so that a reader never sees the line missing.
	if err := tx.Save(&row).Error; err != nil {
		return fmt.Errorf("cannot write the matrix: %w", err)
	}
	if err := tx.Where("capability_id = ?", id).Delete(&models.Audience{}).Error; err != nil {
		return fmt.Errorf("cannot write the audience: %w", err)
	}
	if err := tx.Create(&audience).Error; err != nil {
		return fmt.Errorf("cannot write the audience: %w", err)
	}
	return projectSystems(tx, id, f.SystemUses())
}

func projectSystems(tx *gorm.DB, capability string, uses []models.SystemUse) error {
	if err := tx.Where("capability_id = ?", capability).Delete(&models.SystemUse{}).Error; err != nil {
		return fmt.Errorf("cannot write the systems in use: %w", err)
	}
	if len(uses) == 0 {
		return nil
	}
	if err := tx.Create(&uses).Error; err != nil {
		return fmt.Errorf("cannot write the systems in use: %w", err)
	}
	return nil
}

// projectAgentName follows an agent's new name; the sort name is lowered in the
// database, which agrees with Go for what order and search need.
func projectAgentName(tx *gorm.DB, a models.Agent) error {
	err := tx.Exec("UPDATE matrix_rows SET agent_name = ?, sort_name = LOWER(? || ' ' || title) WHERE agent_id = ? AND agent_name <> ?",
		a.Name, a.Name, a.ID, a.Name).Error
	if err != nil {
		return fmt.Errorf("cannot write the matrix: %w", err)
	}
	return nil
}
