package importers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestOldAndNewManifestGiveTheSameSystem(t *testing.T) {
	old, modern := readFixture(t, "mcp_server_old.json"), readFixture(t, "mcp_server_new.json")
	require.Equal(t, models.ImportClean, old.Outcome, old.Warnings)
	require.Equal(t, models.ImportClean, modern.Outcome, modern.Warnings)
	want := &models.ImportedSystem{
		Name:        "io.github.nordlys/ledger-mcp",
		Description: "Reads and posts entries of the ledger.",
		Version:     "2.1.0",
		Kind:        "mcp_server",
		Repository:  "https://github.com/nordlys/ledger-mcp",
		Access:      models.AccessUnknown,
		Remotes: []models.ImportedRemote{
			{Transport: "streamable-http", URL: "https://mcp.nordlys.eu/ledger"},
			{Transport: "sse", URL: "https://mcp.nordlys.eu/ledger/sse"},
		},
		Packages: []models.ImportedPackage{
			{Registry: "oci", Identifier: "docker.io/nordlys/ledger-mcp", Version: "2.1.0", Transport: "stdio"},
			{Registry: "npm", Identifier: "@nordlys/ledger-mcp", Version: "2.1.0", Transport: "stdio"},
		},
		Secrets: []models.ImportedSecret{
			{Name: "LEDGER_TOKEN", Required: true, Marked: true},
			{Name: "signing-key", Required: true, Marked: true},
			{Name: "Authorization", Required: true, Marked: true},
		},
	}
	for _, i := range []models.Imported{old, modern} {
		require.Equal(t, "mcp-server", i.Format)
		require.NotEmpty(t, i.System.Fields)
		i.System.Fields = nil // they say where in the file
		require.Equal(t, want, i.System)
	}
}

// What one change to a sound manifest leads to.
func TestManifestWarnings(t *testing.T) {
	const sound = `{"name":"io.github.nordlys/x","description":"A.","version":"1.0.0","repository":{"url":"https://github.com/Nordlys/x","source":"github"},
"packages":[{"registryType":"npm","identifier":"x","version":"1.0.0","transport":{"type":"stdio"},"environmentVariables":[{"name":"REGION"}]}],
"remotes":[{"type":"sse","url":"https://x.nordlys.eu/sse"}]}`
	require.Equal(t, models.ImportClean, readOne(t, sound).Outcome, readOne(t, sound).Warnings)
	tests := []struct {
		name, from, to string
		where, message string
		check          func(t *testing.T, s *models.ImportedSystem)
	}{
		{"placeholder as version", `"version":"1.0.0","repository"`, `"version":"${VERSION}","repository"`, "/version", "placeholder", func(t *testing.T, s *models.ImportedSystem) { require.Empty(t, s.Version) }},
		{"placeholder of a pipeline", `"version":"1.0.0","repository"`, `"version":"<<VERSION>>","repository"`, "/version", "placeholder", func(t *testing.T, s *models.ImportedSystem) { require.Empty(t, s.Version) }},
		{"placeholder in an image", `"npm","identifier":"x"`, `"oci","identifier":"ghcr.io/a/x:${VERSION}"`, "/packages/0/identifier", "placeholder", func(t *testing.T, s *models.ImportedSystem) { require.Empty(t, s.Packages[0].Identifier) }},
		{"placeholder in an address", `https://x.nordlys.eu/sse`, `https://{region}.nordlys.eu/sse`, "/remotes/0/url", "placeholder", func(t *testing.T, s *models.ImportedSystem) { require.Empty(t, s.Remotes[0].URL) }},
		{"somebody else's source", `github.com/Nordlys/`, `github.com/other/`, "/repository/url", "Confirm", nil},
		{"source on another host", `https://github.com/Nordlys/`, `https://gitlab.com/nordlys/`, "/repository/url", "Confirm", nil},
		{"source called otherwise", `"source":"github"`, `"source":"gitlab"`, "/repository/source", "gitlab", nil},
		{"required for isRequired", `"REGION"`, `"REGION","required":true`, "/packages/0/environmentVariables/0/required", "isRequired", nil},
		{"secret not marked", `"REGION"`, `"X_API_KEY"`, "/packages/0/environmentVariables/0", "does not mark", func(t *testing.T, s *models.ImportedSystem) {
			require.Equal(t, []models.ImportedSecret{{Name: "X_API_KEY"}}, s.Secrets)
		}},
		{"required secret", `"REGION"`, `"X_TOKEN","required":"true","isSecret":true`, "/packages/0/environmentVariables/0/required", "isRequired", func(t *testing.T, s *models.ImportedSystem) {
			require.Equal(t, []models.ImportedSecret{{Name: "X_TOKEN", Required: true, Marked: true}}, s.Secrets)
		}},
		{"secret with its value", `"REGION"`, `"X_TOKEN","isSecret":true,"default":"t0psecret"`, "/packages/0/environmentVariables/0/default", "not kept", nil},
		{"secret in an argument", `"environmentVariables":[{"name":"REGION"}]`, `"packageArguments":[{"type":"named","name":"--token","value":"--token t0psecret"}]`, "/packages/0/packageArguments/0/value", "not kept", nil},
		{"secret in a header", `"https://x.nordlys.eu/sse"`, `"https://x.nordlys.eu/sse","headers":[{"name":"Authorization","value":"Bearer t0psecret"}]`, "/remotes/0/headers/0/value", "not kept", nil},
		{"unclear mark of a secret", `"REGION"`, `"REGION","isSecret":1`, "/packages/0/environmentVariables/0/isSecret", "true or false", func(t *testing.T, s *models.ImportedSystem) { require.Len(t, s.Secrets, 1) }},
		{"no version of the program", `"x","version":"1.0.0","transport"`, `"x","transport"`, "/packages/0/version", "whatever is newest", nil},
		{"newest version", `"x","version":"1.0.0","transport"`, `"x","version":"latest","transport"`, "/packages/0/version", "whatever is newest", nil},
		{"any version", `"x","version":"1.0.0","transport"`, `"x","version":"^1.0.0","transport"`, "/packages/0/version", "whatever is newest", nil},
		{"unknown registry", `"npm"`, `"unknown"`, "/packages/0/registryType", "does not know", func(t *testing.T, s *models.ImportedSystem) { require.Empty(t, s.Packages[0].Registry) }},
		{"another registry", `"identifier"`, `"registryBaseUrl":"https://npm.rogue.eu","identifier"`, "/packages/0/registryBaseUrl", "not the usual place", nil},
		{"unknown transport", `"type":"sse"`, `"type":"pigeon"`, "/remotes/0/type", "pigeon", nil},
		{"neither program nor address", `"packages"`, `"packs"`, "/packs", "knows no field", nil},
		{"given up", `"version":"1.0.0","repository"`, `"status":"deprecated","version":"1.0.0","repository"`, "/status", "deprecated", nil},
		{"everything on the network", `"packages"`, `"_meta":{"p":{"q":{"permissions":{"network":{"outbound":{"insecure_allow_all":true}}},"tools":["read","*"]}}},"packages"`, "/_meta/p/q/permissions/network/outbound/insecure_allow_all", "every host", func(t *testing.T, s *models.ImportedSystem) {
			require.Equal(t, []string{"*"}, s.Network)
			require.Equal(t, models.AccessUnknown, s.Access)
			require.Len(t, s.Operations, 1)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := strings.Replace(sound, test.from, test.to, 1)
			require.NotEqual(t, sound, changed)
			i := readOne(t, changed)
			require.Equal(t, models.ImportWarned, i.Outcome)
			requireWarning(t, i, test.where, test.message)
			requireNowhere(t, i, "t0psecret")
			if test.check != nil {
				test.check(t, i.System)
			}
		})
	}
}

func TestNamesWithGapsNameNothing(t *testing.T) {
	const sound = `{"name":"io.github.nordlys/x","description":"A.","version":"1.0.0","packages":[{"registryType":"npm","identifier":"x","version":"1.0.0"}]}`
	require.Equal(t, models.ImportClean, readOne(t, sound).Outcome)
	i := readOne(t, strings.Replace(sound, "io.github.nordlys/x", "io.github.<owner>/<server>", 1))
	require.True(t, i.Refused())
	require.Equal(t, "/name", i.Warnings[0].Where)
	i = readOne(t, strings.Replace(sound, `"identifier":"x"`, `"identifier":"@{owner}/x"`, 1))
	require.Empty(t, i.System.Packages[0].Identifier)
	requireWarning(t, i, "/packages/0/identifier", "placeholder")
	i = readOne(t, strings.Replace(sound, `"version":"1.0.0","packages"`, `"version":"0.0.1-<build>","packages"`, 1))
	require.Empty(t, i.System.Version)
}

func TestRegistryListIsReadOneByOne(t *testing.T) {
	const good = `{"name":"io.github.nordlys/x","description":"A.","version":"1","remotes":[{"type":"sse","url":"https://x.nordlys.eu/sse"}]}`
	for name, list := range map[string]string{
		"bare":      `[%s,{"name":"","description":"","version_detail":{"version":""}},7]`,
		"an answer": `{"servers":[{"server":%s,"_meta":{}},{"server":{"name":""}},7],"metadata":{"nextCursor":"n"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			results := Read("list.json", fmt.Appendf(nil, list, good))
			requireSound(t, results)
			require.Len(t, results, 3)
			require.Equal(t, "io.github.nordlys/x", results[0].Name)
			require.False(t, results[0].Refused(), results[0].Warnings)
			require.True(t, results[1].Refused())
			require.Contains(t, results[1].Warnings[0].Where, "/name")
			require.True(t, results[2].Refused())
		})
	}
	answer := Read("list.json", fmt.Appendf(nil, `{"servers":[{"server":%s}],"metadata":{"nextCursor":"n"}}`, good))
	requireWarning(t, answer[0], "/metadata/nextCursor", "there are more")
	single := Read("one.json", fmt.Appendf(nil, `{"server":%s,"_meta":{"io.modelcontextprotocol.registry/official":{"status":"deleted","isLatest":false}}}`, good))
	require.Len(t, single, 1)
	requireWarning(t, single[0], "/_meta/io.modelcontextprotocol.registry~1official/status", "deleted")
	requireWarning(t, single[0], "/_meta/io.modelcontextprotocol.registry~1official/isLatest", "newer version")
}
