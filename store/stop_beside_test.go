package store

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// A stop is not kept waiting by an import of thousands of rows, whether the same
// process imports or another one: it is decided while the import still runs.
// (How long it took is in docs/performance.md; here nothing is timed.)
func TestAStopBesideAnImport(t *testing.T) {
	const rows = 10_000
	for _, beside := range []string{"same process", "another process"} {
		t.Run(strings.ReplaceAll(beside, " ", "_"), func(t *testing.T) {
			apptest.EachDatabase(t, func(t *testing.T, url string) {
				h := newHouse(t, url)
				capability, _ := h.live("write")
				in := h.Store
				if beside == "another process" {
					// Another Store shares nothing with the first but the database.
					other, err := Open(t.Context(), url, WithClock(h.tick))
					require.NoError(t, err)
					defer other.Close()
					in = other
				}
				running, stopped, ended := make(chan struct{}), make(chan struct{}), make(chan int, 1)
				go func() {
					n := 0
					defer func() { ended <- n }()
					for ; n < rows; n++ {
						act := models.Act{ID: NewActID(), Person: h.people["olga"], AuthAt: *h.clock}
						_, err := in.DecideAgent(t.Context(), act, "", Lookup{}, func(f models.AgentFacts) (models.Change, error) {
							return f.NewAgent(models.Manifest{Name: "Imported " + strconv.Itoa(n), Purpose: "Was in a file"})
						})
						if err != nil && models.CodeOf(err) != models.Busy {
							t.Errorf("row %d: %v", n, err)
							return
						}
						if n == 50 {
							close(running)
						}
						select {
						case <-stopped:
							return
						default:
						}
					}
				}()
				<-running
				began := time.Now()
				_, err := h.try("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
					return f.Stop(models.OnCapability, "It answers what nobody asked")
				})
				t.Logf("the stop was decided after %s", time.Since(began).Round(time.Millisecond/10))
				close(stopped)
				require.NoError(t, err)
				require.Less(t, <-ended, rows, "the import was over before the stop was decided")
				require.Equal(t, 1, h.row(capability).Holds)
			})
		})
	}
}
