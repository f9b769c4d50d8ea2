package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// BenchmarkDecide measures one governance write (a part of a draft saved: facts
// loaded, rule, rows, ledger, matrix) beside a bare transaction that updates one
// row on the same connection: what the database itself costs.
func BenchmarkDecide(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			h := newHouse(b, url(b))
			capability, _ := h.draft("write")
			rev := int64(1)
			b.Run("save_part", func(b *testing.B) {
				for b.Loop() {
					h.pass(models.Second)
					h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
						return f.SavePart(models.TaskPart, task(), rev)
					})
					rev++
				}
			})
			b.Run("bare_commit", func(b *testing.B) {
				for b.Loop() {
					err := h.write.WithContext(context.Background()).Transaction(func(tx *gorm.DB) error {
						return tx.Exec("UPDATE matrix_rows SET version_no = version_no + 1 WHERE capability_id = ?", capability).Error
					})
					require.NoError(b, err)
				}
			})
		})
	}
}
