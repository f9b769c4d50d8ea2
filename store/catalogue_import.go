package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// maxTakenActs is how many acts one system may take: models.ImportedSystem has at most
// 5,000 operations.
const maxTakenActs = 30

// ImportSystem takes a system into the catalogue as a file or a published catalogue
// describes it (models.CatalogueFacts.ImportSystem), in as many acts as it needs, so that
// other writes come in between. The receipt is the last act's; its Subject is the system.
// The same act id again gives the same receipts, and goes on where a crash broke it off.
// Refused with Conflict "catalogue.same" where the catalogue has all of it already.
func (s *Store) ImportSystem(ctx context.Context, act models.Act, in models.Imported, team, sensitivity string) (models.Receipt, error) {
	var receipt models.Receipt
	if in.System == nil {
		return receipt, models.Refusal(models.Invalid, "import.refused", "This describes no system that could be taken in.")
	}
	first := act.ID
	for n := range maxTakenActs {
		if n > 0 {
			sum := sha256.Sum256([]byte(fmt.Sprint(first, "/", n)))
			act.ID = hex.EncodeToString(sum[:16])
		}
		var err error
		receipt, err = s.DecideCatalogue(ctx, act, CatalogueLookup{Import: in.System.Name}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.ImportSystem(in, team, sensitivity)
		})
		if err != nil || receipt.Outcome != models.TakenInPart {
			return receipt, err
		}
	}
	return receipt, nil
}

// SystemDifference is what taking in a system would change just now, for the page that leads
// to it: by is the viewer.
func (s *Store) SystemDifference(ctx context.Context, by models.Party, in models.ImportedSystem) (models.SystemDifference, error) {
	f, err := s.ReadCatalogue(ctx, by, CatalogueLookup{Import: in.Name})
	if err != nil {
		return models.SystemDifference{}, err
	}
	return f.Difference(in), nil
}

// loadTaken finds the system of a name with everything in it.
func loadTaken(tx *gorm.DB, f *models.CatalogueFacts, name string) (err error) {
	if f.System, err = find[models.System](tx, "name = ?", strings.Join(strings.Fields(name), " ")); err != nil || f.System == nil {
		return err
	}
	operations, err := all[models.Operation](tx, "name", "system_id = ?", f.System.ID)
	if err != nil {
		return err
	}
	f.Operations = make(map[string]models.Operation, len(operations))
	for _, o := range operations {
		f.Operations[o.Name] = o
	}
	secrets, err := all[models.SecretRef](tx, "name", "system_id = ?", f.System.ID)
	if err != nil {
		return err
	}
	f.Secrets = make(map[string]models.SecretRef, len(secrets))
	for _, r := range secrets {
		f.Secrets[r.Name] = r
	}
	return nil
}
