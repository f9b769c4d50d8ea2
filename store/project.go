package store

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"countersign/models"
)

// project brings what is derived from the governance rows up to date, in the
// transaction of their change: the matrix line, the audience and the systems of
// every capability that the change touches, what waits for whom, and the words in which the operations
// that it writes are found.
func project(tx *gorm.DB, env models.Env, c models.Change) error {
	for _, t := range c.Touches() {
		if t.Kind == models.TouchCapability && movesLines(c) {
			if err := projectCapability(tx, env, t.ID); err != nil {
				return err
			}
		}
	}
	for _, w := range c.Writes() {
		a, ok := w.Row.(*models.Agent)
		if !ok {
			continue
		}
		if err := projectAddresses(tx, *a, w.Expect == 0); err != nil {
			return err
		}
		if w.Expect > 0 {
			if err := projectAgentName(tx, *a); err != nil {
				return err
			}
			if _, moved := c.Details()["agent_owner"]; moved {
				if err := projectAgentOwner(tx, env, a.ID); err != nil {
					return err
				}
			}
		}
	}
	if err := projectInbox(tx, c); err != nil {
		return err
	}
	if err := projectClock(tx, c); err != nil {
		return err
	}
	if err := projectLoad(tx, c); err != nil {
		return err
	}
	if err := projectLeavers(tx, env, c); err != nil {
		return err
	}
	return projectSearch(tx, c)
}

// movesLines says whether what is written may change a line of the matrix: what people
// owe, what they answered and what the clock did about it does not.
func movesLines(c models.Change) bool {
	for _, w := range c.Writes() {
		switch w.Row.(type) {
		case *models.Duty, *models.DutyStep, *models.Review, *models.ReviewAnswer, *models.Drill:
		default:
			return true
		}
	}
	return false
}

func projectCapability(tx *gorm.DB, env models.Env, id string) error {
	f, err := standing(tx, env, id)
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

// projectAgentOwner follows an agent's new owner, who sees every capability of it
// where the former one no longer does.
func projectAgentOwner(tx *gorm.DB, env models.Env, agent string) error {
	var ids []string
	if err := tx.Raw("SELECT id FROM capabilities WHERE agent_id = ? ORDER BY id", agent).Scan(&ids).Error; err != nil {
		return fmt.Errorf("cannot look for the agent's capabilities: %w", err)
	}
	for _, id := range ids {
		if err := projectCapability(tx, env, id); err != nil {
			return err
		}
	}
	return nil
}

// projectAddresses follows the addresses at which an agent answers.
func projectAddresses(tx *gorm.DB, a models.Agent, isNew bool) error {
	if !isNew {
		if err := tx.Where("agent_id = ?", a.ID).Delete(&models.AgentAddress{}).Error; err != nil {
			return fmt.Errorf("cannot write an agent's addresses: %w", err)
		}
	}
	var rows []models.AgentAddress
	for _, key := range a.Addresses() {
		rows = append(rows, models.AgentAddress{AgentID: a.ID, URLKey: key})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Create(&rows).Error; err != nil {
		return fmt.Errorf("cannot write an agent's addresses: %w", err)
	}
	return nil
}

// projectAgentName follows an agent's new name. The sort name is cut and joined
// rather than lowered in the database, which lowers ASCII letters only.
func projectAgentName(tx *gorm.DB, a models.Agent) error {
	var old []string
	if err := tx.Model(&models.MatrixRow{}).Distinct().Where("agent_id = ? AND agent_name <> ?", a.ID, a.Name).Pluck("agent_name", &old).Error; err != nil {
		return fmt.Errorf("cannot read the matrix: %w", err)
	}
	for _, name := range old { // one: they follow together
		err := tx.Exec("UPDATE matrix_rows SET agent_name = ?, sort_name = ? || SUBSTR(sort_name, ?) WHERE agent_id = ? AND agent_name = ?",
			a.Name, strings.ToLower(a.Name), utf8.RuneCountInString(strings.ToLower(name))+1, a.ID, name).Error
		if err != nil {
			return fmt.Errorf("cannot write the matrix: %w", err)
		}
	}
	return nil
}
