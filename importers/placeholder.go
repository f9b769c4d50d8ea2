package importers

import (
	"regexp"
	"strings"
)

var (
	// gap is what templates leave for somebody to fill: ${X}, $[x], {{x}}, {%x%}, <<x>>, YOUR_X.
	gap = regexp.MustCompile(`\$\{[^}]*\}|\$\[[^\]]*\]|\{\{|\{%|<<[^<>]+>>|\bYOUR[_-][A-Z0-9_-]+`)
	// wholeGap is a value that is nothing but a gap.
	wholeGap = regexp.MustCompile(`^(<[^<>]+>|\[?(TODO|TBD|FIXME|(?i:change[_ -]?me|replace[_ -]?me|insert[_ -].+[_ -]here|your[_ -].+[_ -]here))\]?|\$[A-Z_]+|%[A-Z_]+%)$`)
	// addressGap is what only an address cannot hold: https://{region}.host, <host>, your-domain.com.
	addressGap = regexp.MustCompile(`(?i)[{}<>]|[/.]your[_-][a-z0-9]`)
)

// isPlaceholder reports whether s, or a part of it, is still to be filled in by somebody.
func isPlaceholder(s string) bool {
	return gap.MatchString(s) || wholeGap.MatchString(strings.TrimSpace(s))
}

func isAddressPlaceholder(s string) bool { return isPlaceholder(s) || addressGap.MatchString(s) }

// withoutGaps is s, words about a file, with … for what is still to be filled in.
func withoutGaps(s string) string { return gap.ReplaceAllString(s, "…") }
