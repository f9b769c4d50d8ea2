package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"countersign/handlers"
	"countersign/models"
)

func TestActIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := (&handlers.Request{}).NewActID()
		assert.True(t, models.ValidActID(id), id)
		assert.Len(t, id, 26)
		assert.False(t, seen[id])
		seen[id] = true
	}
}

// Whatever is asked for, one comes back to a path of this host.
func TestSafeReturn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{"/", "\\", "//", "evil.example", "http:", "@", "%2f", "%5c", "?", "#", ".", "..", "\t", "\n", " ", "a", ":", "é"})).Draw(t, "pieces")
		to := handlers.SafeReturn("/" + strings.Join(pieces, ""))
		base, _ := url.Parse("https://countersign.example.com/sign-in/callback")
		at, err := base.Parse(to)
		if err != nil || at.Host != base.Host || at.Scheme != base.Scheme || at.User != nil || !strings.HasPrefix(to, "/") ||
			strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\n") || strings.HasPrefix(at.Path, "//") {
			t.Fatalf("%q leads to %v (%v)", to, at, err)
		}
	})
	for _, path := range []string{"/", "/agents", "/agents?tier=high&after=a%20b", "/capabilities/cap_1/versions"} {
		assert.Equal(t, path, handlers.SafeReturn(path))
	}
	assert.Equal(t, "/agents", handlers.SafeReturn("/agents#part"))
}
