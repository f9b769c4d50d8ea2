package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// crashing names the variable that makes this test's binary the process that is
// killed: "URL CAPABILITY VERSION carl yuri" as ids.
const crashing = "COUNTERSIGN_TEST_CRASH"

// TestKilledWhileWriting kills a process that stops, asks and signs as fast as it
// can, at any moment. Whatever receipt it got out before is in the record, and
// what it was in the middle of is there whole or not at all.
func TestKilledWhileWriting(t *testing.T) {
	if job := os.Getenv(crashing); job != "" {
		writeUntilKilled(job)
		return
	}
	t.Run("sqlite", func(t *testing.T) { killed(t, apptest.SQLiteURL(t), 15) })
	t.Run("postgres", func(t *testing.T) { killed(t, apptest.PostgresURL(t), 5) })
}

func killed(t *testing.T, url string, times int) {
	h := newHouse(t, url)
	capability, version := h.live("write")
	receipts := 0
	for range times {
		require.NoError(t, h.Close())
		lines := killAfter(t, strings.Join([]string{url, capability, version, h.people["carl"], h.people["yuri"]}, " "), 30*time.Millisecond+rand.N(300*time.Millisecond))
		var err error
		h.Store, err = Open(t.Context(), url, WithClock(h.tick))
		require.NoError(t, err)
		receipts += len(lines)
		h.isWhole(t, lines)
	}
	require.Greater(t, receipts, times, "it got something done before it was killed")
	t.Logf("%d receipts, %d kills", receipts, times)
	require.NoError(t, h.Close())
	h.Store, _ = Open(t.Context(), url)
}

// isWhole holds the file against the receipts, and against what always holds.
func (h *house) isWhole(t *testing.T, receipts []string) {
	if h.engine == SQLite {
		var says string
		require.NoError(t, plain(h.Store).Raw("PRAGMA integrity_check").Scan(&says).Error)
		require.Equal(t, "ok", says)
		var orphans []map[string]any
		require.NoError(t, plain(h.Store).Raw("PRAGMA foreign_key_check").Scan(&orphans).Error)
		require.Empty(t, orphans)
	}
	for _, line := range receipts {
		var seq int64
		var act, id string
		_, err := fmt.Sscan(line, &seq, &act, &id)
		require.NoError(t, err, line)
		found := rows[entry](t, h, "seq", "seq = ?", seq)
		require.Len(t, found, 1, "a receipt was given for entry %d, and it is gone", seq)
		require.Equal(t, [2]string{act, id}, [2]string{found[0].Act, found[0].ActID}, line)
	}
	whole(t, h)
}

// killAfter runs this binary as the writing process, kills it without warning and
// returns the whole lines that it had printed.
func killAfter(t *testing.T, job string, after time.Duration) []string {
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileWriting$", "-test.count=1")
	cmd.Env = append(os.Environ(), crashing+"="+job)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	r := bufio.NewReader(out)
	first, err := r.ReadString('\n') // it is at work
	require.NoError(t, err, first)
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	require.ErrorContains(t, cmd.Wait(), "killed", "it works until it is killed: %s", rest)
	lines := strings.Split(first+string(rest), "\n")
	return lines[:len(lines)-1] // what follows the last newline is half a line
}

// writeUntilKilled is the other process: it prints each receipt that it was given.
func writeUntilKilled(job string) {
	var url, capability, version, carl, yuri string
	if _, err := fmt.Sscan(job, &url, &capability, &version, &carl, &yuri); err != nil {
		panic(err)
	}
	s, err := Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	decide := func(by string, rule onCap) {
		act := models.Act{ID: NewActID(), Person: by, AuthAt: models.At(time.Now())}
		r, err := s.DecideCapability(context.Background(), act, capability, Lookup{}, rule)
		if err != nil {
			if models.CodeOf(err) == models.Conflict {
				return // where the one before was killed: go on from there
			}
			panic(err)
		}
		fmt.Fprintln(os.Stdout, r.Seq, r.Act, r.ActID)
	}
	for {
		decide(carl, stop(models.OnCapability))
		decide(carl, askRestart)
		decide(yuri, func(f models.CapabilityFacts) (models.Change, error) {
			v := f.Force.Version
			return f.SignOff(models.Shown{VersionID: version, Digest: v.Digest, Round: v.Round}, models.Signing{})
		})
	}
}
