package jobs

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
)

// crashing names the variable that makes this test's binary the process that is
// killed: the URL of the database.
const crashing = "COUNTERSIGN_TEST_CRASH"

// TestKilledWhileDelivering kills a process that has taken deliveries and is done with
// none of them. The next one runs each of them again, under the same id.
func TestKilledWhileDelivering(t *testing.T) {
	if url := os.Getenv(crashing); url != "" {
		deliverUntilKilled(url)
		return
	}
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		taken := killedAtWork(t, migrated(t, url))
		require.Len(t, taken, 5)

		again := make(chan string, 100)
		w := idle()
		w.Deliver = func(_ context.Context, id string, attempt int) error {
			again <- fmt.Sprint(id, " ", attempt)
			return nil
		}
		c := quick(w)
		c.tuning.timeout, c.tuning.rescueAfter = time.Millisecond, time.Millisecond // instead of a minute
		started(t, url, c)
		var seen []string
		for range taken {
			seen = append(seen, <-again)
		}
		slices.Sort(seen)
		require.Equal(t, []string{"dlv_0 2", "dlv_1 2", "dlv_2 2", "dlv_3 2", "dlv_4 2"}, seen)
	})
}

// killedAtWork returns what the other process had taken when it was killed.
func killedAtWork(t *testing.T, url string) (taken []string) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileDelivering$", "-test.count=1")
	cmd.Env = append(os.Environ(), crashing+"="+url)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for len(taken) < 5 && lines.Scan() {
		taken = append(taken, lines.Text())
	}
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed", "it works until it is killed: %v", taken)
	return taken
}

func deliverUntilKilled(url string) {
	w := idle()
	w.Relay = handedOut("dlv_0", "dlv_1", "dlv_2", "dlv_3", "dlv_4")
	w.Deliver = func(_ context.Context, id string, attempt int) error {
		fmt.Fprintln(os.Stdout, id, attempt)
		select {}
	}
	c := quick(w)
	c.tuning.follower = true // else its lease keeps the next one from being the clock for 15 seconds
	if _, err := Start(context.Background(), url, c); err != nil {
		panic(err)
	}
	select {}
}
