package store

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// governedTable is a table to whose every row the ledger commits.
type governedTable struct {
	name string
	each func(tx *gorm.DB, see func(models.Row) error) error // every row, in the order of the key
}

// governedTables is every table with a "rev". What a Change can write is here, or
// verify would not look at it; a test compares it with the migrations.
var governedTables = []governedTable{
	governs[models.Person](), governs[models.Account](), governs[models.AccountLink](), governs[models.Team](), governs[models.TeamMember](),
	governs[models.Grant](), governs[models.GroupMapping](), governs[models.Delegation](),
	governs[models.Agent](), governs[models.AgentRevision](), governs[models.Binding](), governs[models.System](), governs[models.Operation](),
	governs[models.SecretRef](), governs[models.Import](),
	governs[models.Capability](), governs[models.Version](), governs[models.VersionPart](), governs[models.Contribution](), governs[models.Nomination](),
	governs[models.Standing](), governs[models.Acceptance](), governs[models.SignOff](), governs[models.Recall](),
	governs[models.Mandate](), governs[models.Seat](), governs[models.SeatPerson](), governs[models.Hold](), governs[models.Restart](),
	governs[models.TierRulesRow](), governs[models.Duty](), governs[models.Found](),
	governs[models.Passkey](), governs[models.Signature](),
	governs[models.EmergencySwitch](), governs[models.Emergency](),
	governs[models.Comment](),
	governs[models.DutyStep](), governs[models.Review](), governs[models.ReviewAnswer](), governs[models.Drill](),
	governs[models.Endpoint](), governs[models.Calendar](),
	governs[models.Gateway](), governs[models.Forbid](), governs[models.DecisionPart](),
}

func governs[T models.Row]() governedTable {
	var zero T
	return governedTable{
		name: zero.TableName(),
		each: func(tx *gorm.DB, see func(models.Row) error) error {
			s := &gorm.Statement{DB: tx}
			if err := s.Parse(&zero); err != nil {
				return fmt.Errorf("cannot read the columns of %s: %w", zero.TableName(), err)
			}
			rows, err := tx.Model(&zero).Order(strings.Join(s.Schema.PrimaryFieldDBNames, ", ")).Rows()
			if err != nil {
				return fmt.Errorf("cannot read %s: %w", zero.TableName(), err)
			}
			defer func() { _ = rows.Close() }() // rows.Err below tells what there is to tell
			for rows.Next() {
				var row T
				if err := tx.ScanRows(rows, &row); err != nil {
					return fmt.Errorf("cannot read %s: %w", zero.TableName(), err)
				}
				if err := see(row); err != nil {
					return err
				}
			}
			if err := rows.Err(); err != nil {
				return fmt.Errorf("cannot read %s: %w", zero.TableName(), err)
			}
			return nil
		},
	}
}
