package views

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFormatWord(t *testing.T) {
	require.Equal(t, "A2A agent card 1.0", FormatWord("a2a-card/1.0"))
	require.Equal(t, "Claude Code subagent", FormatWord("claude-subagent"))
	require.Equal(t, "something-new/2", FormatWord("something-new/2"), "an unknown one says its own name")
}
