package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTenTriesOverThreeDays(t *testing.T) {
	var all time.Duration
	tries := 0
	for {
		wait, again := Next(tries)
		if !again {
			break
		}
		if tries > 0 {
			require.Greater(t, wait, Schedule[tries-1], "each wait is longer than the one before")
		}
		all += wait
		tries++
	}
	require.Equal(t, 10, tries)
	require.Equal(t, 75*time.Hour+35*time.Minute+5*time.Second, all)
	for _, never := range []int{-1, 10, 11} {
		_, again := Next(never)
		require.False(t, again, never)
	}
}
