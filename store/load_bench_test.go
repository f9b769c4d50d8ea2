package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// The report of how much people answer for, of 5,000 people who between them answer for
// 100,000 capabilities four times over: what it costs follows the page, and a search the people.
func BenchmarkLoads(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) { benchLoads(b, url(b)) })
	}
}

func benchLoads(b *testing.B, url string) {
	h := newHouse(b, url)
	require.NoError(b, plain(h.Store).Transaction(func(tx *gorm.DB) error {
		by := loadsBy{}
		for i := range 5000 {
			id := fmt.Sprintf("per_bench%08d", i)
			if err := tx.Exec("INSERT INTO people (id, name, email, time_zone, status, rev) VALUES (?, ?, '', 'UTC', 'active', 1)", id, fmt.Sprintf("Person %d", i)).Error; err != nil {
				return err
			}
			for n, tier := range models.Tiers {
				for range (i*7 + n) % 20 {
					by.add(models.Mandate{OwnerID: id, ProvisionerID: fmt.Sprintf("per_bench%08d", (i+7)%5000), ControlOwnerID: fmt.Sprintf("per_bench%08d", (i+11)%5000), Tier: tier}, 1)
				}
			}
			by.of(id).Signed = i % 80
		}
		if err := by.write(tx); err != nil {
			return err
		}
		return tx.Exec("ANALYZE").Error
	}))
	udo := h.party("udo")
	for name, ask := range map[string]LoadAsk{
		"most":      {Sort: "total", Down: true},
		"name":      {Sort: "name"},
		"from half": {Sort: "critical", After: "per_bench00002500"},
		"search":    {Sort: "total", Down: true, Search: "person"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				lines, _, _, err := h.Loads(b.Context(), udo, ask)
				require.NoError(b, err)
				require.NotEmpty(b, lines)
			}
		})
	}
	b.Run("nobody", func(b *testing.B) {
		for b.Loop() {
			lines, _, _, err := h.Loads(b.Context(), udo, LoadAsk{Search: "nobody at all"})
			require.NoError(b, err)
			require.Empty(b, lines)
		}
	})
}
