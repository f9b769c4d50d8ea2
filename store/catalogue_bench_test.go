package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/importers/catalogue"
)

// wide takes in every published catalogue, and the larger services again under other names
// until there are n operations.
func (h *house) wide(n int) {
	h.t.Helper()
	all, err := catalogue.All()
	require.NoError(h.t, err)
	had := 0
	for round := 0; had < n; round++ {
		for _, p := range all {
			for _, s := range p.Systems {
				if had >= n || round > 0 && s.Operations < 50 {
					continue
				}
				in := s.Imported()
				if round > 0 {
					in.System.Name = fmt.Sprint(in.System.Name, " (account ", round+1, ")")
				}
				in.System.Operations = in.System.Operations[:min(len(in.System.Operations), n-had)]
				_, err := h.ImportSystem(h.t.Context(), h.act("adam"), in, h.teams["Platform"], "restricted")
				require.NoError(h.t, err)
				had += len(in.System.Operations)
			}
		}
	}
}

// asked is what somebody types, letter by letter, and what finds nothing.
var asked = []string{"", "p", "pu", "put", "put o", "put object", "put object s3", "s3:PutObject", "object put", "get", "delete bucket", "instances run ec2",
	"cluster", "tickets", "zzz", "xyzzy nothing of it", "a e i", "ßenutzer", "googleapis drive readonly", "secrets"}

// BenchmarkFindOperations searches 25,000 operations for each of asked, and reports the 95th
// percentile of single searches beside a plain LIKE over the same rows.
func BenchmarkFindOperations(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			h := newHouse(b, url(b))
			began := time.Now()
			h.wide(25_000)
			require.NoError(b, plain(h.Store).Exec("ANALYZE").Error) // as the server does by itself within a minute
			b.Logf("taken in within %s", time.Since(began))
			for name, search := range map[string]func(string) error{
				"find": func(q string) error {
					_, _, err := h.FindOperations(b.Context(), q, "")
					return err
				},
				"list with counts": func(q string) error {
					if _, _, err := h.Systems(b.Context(), SystemFilter{Search: q}); err != nil {
						return err
					}
					_, err := h.SystemCounts(b.Context(), SystemFilter{Search: q})
					return err
				},
				"like": func(q string) error {
					var ids []string
					tx := h.read.WithContext(b.Context()).Table("operations o").Joins("JOIN systems s ON s.id = o.system_id")
					for _, w := range searchWords(q) {
						tx = tx.Where("LOWER(s.name || ' ' || o.name || ' ' || o.title) LIKE ?", "%"+strings.ToLower(w)+"%")
					}
					return tx.Order("s.name, o.title").Limit(31).Pluck("o.id", &ids).Error
				},
			} {
				b.Run(name, func(b *testing.B) {
					var took []time.Duration
					for b.Loop() {
						for _, q := range asked {
							at := time.Now()
							if err := search(q); err != nil {
								b.Fatal(err)
							}
							took = append(took, time.Since(at))
						}
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
					b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
				})
			}
		})
	}
}
