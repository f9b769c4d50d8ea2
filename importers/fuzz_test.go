package importers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the bytes, reading ends with something that may be shown, and ends the same twice.
func FuzzRead(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	require.NotEmpty(f, fixtures)
	for _, name := range fixtures {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(name, data)
	}
	for _, data := range []string{
		"", "\ufeff", "null", "[]", `{"name":1e999999}`, `{"\u0000":"\ud800"}`, "\xff", soundCard,
		strings.Repeat("[", 100), `{"a":{"a":` + soundCard + `}}`,
		`{"name":"a","skills":[{"security":[{"schemes":[]}]}],"url":"//","defaultInputModes":[0]}`,
		`{"name":"${A}","supportedInterfaces":[{"url":"http://[::1]%zz"}],"securitySchemes":{"\u202e":{"type":"oauth2","flows":{"password":{"scopes":{"~/":1}}}}}}`,
	} {
		f.Add("card.json", []byte(data))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		results := Read(name, data)
		requireSound(t, results)
		require.Equal(t, results, Read(name, data))
	})
}
