package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// Room that is made ahead of the log's commits holds what they bring, and a crash in front of
// it, or in the midst of it, loses nothing that was committed.
func TestRoomIsMadeAheadOfTheLog(t *testing.T) {
	h := newHouse(t, apptest.SQLiteURL(t))
	d := h.decisions()
	l, ok := d.log.writer.(*sqliteLog)
	require.True(t, ok)
	l.stopMoving() // here room is made when the test says so
	l.stopMoving = nil
	n := int64(0)
	put := func() {
		batch := make([]*models.Decision, 100)
		for i := range batch {
			n++
			batch[i] = &models.Decision{ID: d.log.replica<<models.ReplicaBits | n, Resource: "x"}
		}
		require.NoError(t, l.write(batch, h.fence(t)))
	}
	crashed := func() (rows int64) { // what another process finds that takes the files as they are now
		copied := filepath.Join(t.TempDir(), "log.db")
		for _, end := range []string{"", "-wal"} {
			part, err := os.ReadFile(l.file + end)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(copied+end, part, 0o600))
		}
		db, err := sql.Open("sqlite3", decisionsURI(copied))
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		var fine string
		require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&fine))
		require.Equal(t, "ok", fine)
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM decisions").Scan(&rows))
		return rows
	}
	size := func() int64 {
		info, err := os.Stat(l.file + "-wal")
		require.NoError(t, err)
		return info.Size()
	}
	other, err := sql.Open("sqlite3", l.uri)
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })

	put()
	before := size()
	require.NoError(t, makeRoom(t.Context(), other, l.file+"-wal"))
	roomy := size()
	require.Greater(t, roomy, before+moveRestart*4096)
	require.Equal(t, n, crashed(), "zeros are the log's end")
	put()
	put()
	require.Equal(t, roomy, size(), "commits go into the room that there is")
	require.Equal(t, n, crashed())
	moveOnce(t.Context(), other)
	put()
	require.Equal(t, n, crashed())
	require.NoError(t, makeRoom(t.Context(), other, l.file+"-wal"), "there is enough")
	require.Equal(t, roomy, size())
}
