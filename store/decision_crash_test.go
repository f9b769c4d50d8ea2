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
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// deciding names the variable that makes this test's binary a process that answers as
// fast as it can: "URL KEYHASH AGENT".
const deciding = "COUNTERSIGN_TEST_DECIDES"

// TestKilledWhileDeciding kills a process that answers sixteen callers at once. Whatever
// yes it had given out before is in the log, and the log is in order.
func TestKilledWhileDeciding(t *testing.T) {
	if job := os.Getenv(deciding); job != "" {
		decideUntilKilled(job)
		return
	}
	t.Run("sqlite", func(t *testing.T) { killedDeciding(t, apptest.SQLiteURL(t), 10) })
	t.Run("postgres", func(t *testing.T) { killedDeciding(t, apptest.PostgresURL(t), 4) })
}

func killedDeciding(t *testing.T, url string, times int) {
	h := newHouse(t, url)
	capability, _ := h.live("read")
	plenty(h, capability)
	key, agent := h.openKey(func(g *models.Gateway) { g.ExpiresAt = models.At(time.Now().AddDate(1, 0, 0)) }), h.wants(capability).Subject.ID
	answers := 0
	for range times {
		p := decidingProcess(t, strings.Join([]string{h.url, key, agent}, " "))
		time.AfterFunc(20*time.Millisecond+rand.N(200*time.Millisecond), func() { _ = p.cmd.Process.Kill() })
		lines := p.rest(t)
		answers += len(lines)
		known := map[int64]bool{}
		for _, r := range logged(t, h) {
			require.True(t, r.Allow, r.Rule)
			known[r.ID] = true
		}
		for _, line := range lines {
			var id int64
			_, err := fmt.Sscan(line, &id)
			require.NoError(t, err, line)
			require.True(t, known[id], "a yes was given as %d, and the log does not have it", id)
		}
	}
	require.Greater(t, answers, times)
	t.Logf("%d answers, %d kills", answers, times)
}

// plenty lifts the limit of what is in force, which the log of a test would reach.
func plenty(h *house, capability string) {
	h.t.Helper()
	require.NoError(h.t, plain(h.Store).Transaction(func(tx *gorm.DB) error {
		h.unprotected(h.t.(*testing.T), tx)
		return tx.Exec(`UPDATE versions SET document = replace(document, '"volume_limit":50', '"volume_limit":0'), rev = rev + 1 WHERE capability_id = ?`, capability).Error
	}))
}

type decidingTest struct {
	cmd   *exec.Cmd
	out   *bufio.Reader
	first string
}

func decidingProcess(t *testing.T, job string) *decidingTest {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileDeciding$", "-test.count=1")
	cmd.Env = append(os.Environ(), deciding+"="+job)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &decidingTest{cmd: cmd, out: bufio.NewReader(out)}
	p.first, err = p.out.ReadString('\n') // it is at work
	require.NoError(t, err, p.first)
	return p
}

// rest is every whole line that it printed, once it is gone.
func (p *decidingTest) rest(t *testing.T) []string {
	t.Helper()
	rest, err := io.ReadAll(p.out)
	require.NoError(t, err)
	require.ErrorContains(t, p.cmd.Wait(), "killed", "it works until it is killed: %s", rest)
	lines := strings.Split(p.first+string(rest), "\n")
	return lines[:len(lines)-1]
}

// decideUntilKilled prints the log's number of each yes that it gave.
func decideUntilKilled(job string) {
	var url, key, agent string
	_, err := fmt.Sscan(job, &url, &key, &agent)
	fail := func(err error) {
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	fail(err)
	ctx := context.Background()
	st, err := Open(ctx, url, WithClock(func() models.Instant { return models.At(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)) }))
	fail(err)
	d, err := st.Decisions(ctx)
	fail(err)
	req := policy.Request{Subject: policy.Entity{Type: "agent", ID: agent}, Action: "tickets.read", Resource: policy.Entity{Type: "HR desk", ID: "x"}, Context: policy.Context{Volume: 1}}
	var print sync.Mutex
	for range 16 {
		go func() {
			for {
				got, err := d.Evaluate(ctx, key, "", req)
				print.Lock()
				switch {
				case err != nil:
					fmt.Println("failed:", err)
				case got.Allow:
					fmt.Println(got.ID)
				default:
					fmt.Println("denied:", got.Rule)
				}
				print.Unlock()
			}
		}()
	}
	select {}
}

// TestAPausedReplica: a replica that is paused (SIGSTOP) across a stop cannot say yes when
// it wakes: its log takes nothing that was decided before.
func TestAPausedReplica(t *testing.T) {
	h := newHouse(t, apptest.PostgresURL(t))
	key := h.openKey(func(g *models.Gateway) { g.ExpiresAt = models.At(time.Now().AddDate(1, 0, 0)) })
	for range 3 {
		capability, _ := h.live("read")
		plenty(h, capability)
		agent := h.wants(capability).Subject.ID
		p := decidingProcess(t, strings.Join([]string{h.url, key, agent}, " "))
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGSTOP))
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answers wrongly")
		})
		stopped := int64(len(logged(t, h)))
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGCONT))
		var denied string
		for denied == "" {
			line, err := p.out.ReadString('\n')
			require.NoError(t, err)
			if strings.HasPrefix(line, "denied:") {
				denied = line
			}
		}
		require.Equal(t, "denied: hold.stop\n", denied)
		require.NoError(t, p.cmd.Process.Kill())
		p.rest(t)
		for _, r := range logged(t, h)[stopped:] {
			require.False(t, r.Allow, "a yes was logged after the stop")
		}
	}
}
