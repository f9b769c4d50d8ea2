package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// A long list shows whoever looks what single look-ups show them: told by ids where
// it is little, and by what gives the ids where it is much.
func TestALongListShowsWhatIsSeen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.live("write")
		h.live("infra")
		h.reviewed("read")
		h.draft("write")
		chosen := func(table string, p piece) []string {
			var ids []string
			require.NoError(t, h.read.Raw("SELECT x.id FROM "+table+" x WHERE "+p.sql+" ORDER BY x.id", p.args...).Scan(&ids).Error)
			return ids
		}
		shown := 0
		for name := range h.people {
			by := h.party(name)
			few, err := sightOf(h.read, by)
			require.NoError(t, err)
			much := few
			if !few.every {
				require.NotNil(t, few.ids)
				much.ids, much.own = nil, nil
				audience := much.theirs("a.person_id")
				much.many = sqlOf("SELECT a.capability_id FROM audience a WHERE "+audience.sql, audience.args...)
				if by.Has(models.Approver) {
					much.many.sql += " UNION ALL SELECT d.capability_id FROM duties d WHERE d.pool = 'approver' AND d.closed_at IS NULL"
				}
			}
			cond, args := seen(by, "x.id")
			want := chosen("capabilities", piece{cond, args})
			require.Equal(t, want, chosen("capabilities", few.among("x.id")), name)
			require.Equal(t, want, chosen("capabilities", much.among("x.id")), name)
			shown += len(want)
			cond, args = seenAgent(by, "x")
			want = chosen("agents", piece{cond, args})
			require.Equal(t, want, chosen("agents", few.agents("x")), name)
			require.Equal(t, want, chosen("agents", much.agents("x")), name)
		}
		require.NotZero(t, shown)
	})
}
