package store

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// SQLite's write-ahead log of the decisions is brought into their file beside the commits and
// by none of them, and its room is used again. (That it is begun anew while commits never pause
// is not tried here: a test cannot make them.)
func TestTheLogIsMovedIntoItsFile(t *testing.T) {
	h := newHouse(t, apptest.SQLiteURL(t))
	d := h.decisions()
	l, ok := d.log.writer.(*sqliteLog)
	require.True(t, ok)
	l.stopMoving() // here it is moved when the test says so
	l.stopMoving = nil
	n := int64(0)
	put := func(rows int, text string) {
		batch := make([]*models.Decision, rows)
		for i := range batch {
			n++
			batch[i] = &models.Decision{ID: d.log.replica<<models.ReplicaBits | n, Resource: text}
		}
		require.NoError(t, l.write(batch, h.fence(t)))
	}
	size := func(suffix string) int64 {
		s, err := os.Stat(decisionsFile(h.path) + suffix)
		require.NoError(t, err)
		return s.Size()
	}
	other, err := sql.Open("sqlite3", l.uri)
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })

	before := size("")
	for range 4 { // twice what SQLite by itself waits for
		put(512, strings.Repeat("x", 4000))
	}
	require.Equal(t, before, size(""), "a commit moves nothing")
	moveOnce(t.Context(), other)
	require.Greater(t, size(""), before+2048*4000)

	full := size("-wal")
	put(512, strings.Repeat("x", 4000))
	require.Equal(t, full, size("-wal"), "it is begun anew, in the room that it has")
}
