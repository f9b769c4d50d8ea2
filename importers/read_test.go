package importers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestCardOfVersion1IsReadWhole(t *testing.T) {
	i := readFixture(t, "card_1_0.json")
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "a2a-card/1.0", i.Format)
	require.Equal(t, models.ImportAgent, i.Kind)
	require.Equal(t, "Invoice Clerk", i.Name)
	require.Equal(t, &models.ImportedAgent{
		Name:             "Invoice Clerk",
		Description:      "Matches supplier invoices with orders.\nAsks a person before anything is paid.",
		Version:          "2.4.1",
		Provider:         "Harbour Tools",
		ProviderURL:      "https://harbourtools.eu",
		DocumentationURL: "https://harbourtools.eu/docs/invoice-clerk",
		Interfaces: []models.ImportedInterface{
			{URL: "https://agents.harbourtools.eu/clerk", Protocol: "JSONRPC", ProtocolVersion: "1.0", Tenant: "north"},
			{URL: "https://agents.harbourtools.eu/clerk", Protocol: "HTTP+JSON", ProtocolVersion: "1.0"},
		},
		Skills: []models.ImportedSkill{{
			ID: "match", Name: "Match an invoice", Description: "Finds the order that an invoice belongs to.",
			Tags: []string{"invoices", "orders"}, Examples: []string{"Which order is invoice 4711 for?"}, OutputModes: []string{"text/plain"},
			Requires: []models.ImportedRequirement{{Schemes: []models.ImportedSchemeUse{{Scheme: "staff", Scopes: []string{"openid"}}}}},
		}},
		InputModes:  []string{"application/json"},
		OutputModes: []string{"application/json", "text/plain"},
		Extensions:  []models.ImportedExtension{{URI: "https://harbourtools.eu/ext/receipts/v1", Required: true}},
		Security: models.ImportedSecurity{
			Stated: true,
			Schemes: []models.ImportedScheme{
				{Name: "staff", Type: "openIdConnect", URLs: []string{"https://login.harbourtools.eu/.well-known/openid-configuration"}},
				{Name: "machine", Type: "oauth2", Detail: "clientCredentials", URLs: []string{"https://login.harbourtools.eu/token"}, Scopes: []string{"invoices.read", "token"}},
				{Name: "key", Type: "apiKey", Detail: "header X-Clerk-Key"},
			},
			Requirements: []models.ImportedRequirement{
				{Schemes: []models.ImportedSchemeUse{{Scheme: "staff", Scopes: []string{"openid"}}}},
				{Schemes: []models.ImportedSchemeUse{{Scheme: "machine", Scopes: []string{"invoices.read"}}, {Scheme: "key"}}},
			},
		},
		Tools:  models.ImportedAccess{Access: models.AccessUnknown, Note: i.Agent.Tools.Note},
		Fields: i.Agent.Fields,
	}, i.Agent)
	require.Contains(t, i.Agent.Tools.Note, "may reach anything")

	require.Equal(t, models.ImportedField{
		Field: "skills[0].description", Value: "Finds the order that an invoice belongs to.",
		Pointer: "/skills/0/description", Line: 31, Status: models.FieldRead,
	}, field(t, i, "skills[0].description"))
	require.Equal(t, models.FieldMissing, field(t, i, "tools").Status)
}

func TestCardOfVersion03IsReadWhole(t *testing.T) {
	i := readFixture(t, "card_0_3.json")
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "a2a-card/0.3", i.Format)
	require.Equal(t, []models.ImportedInterface{
		{URL: "https://rota.wardworks.eu/a2a", Protocol: "GRPC", ProtocolVersion: "0.3.0"},
		{URL: "https://rota.wardworks.eu/json", Protocol: "HTTP+JSON", ProtocolVersion: "0.3.0"},
	}, i.Agent.Interfaces)
	require.Equal(t, []models.ImportedScheme{{Name: "bearer", Type: "http", Detail: "bearer JWT"}}, i.Agent.Security.Schemes)
	require.Equal(t, models.FieldIgnored, fieldAt(t, i, "/iconUrl").Status)
	requireOneFieldEach(t, i)
}

func TestPlaceholdersAreFlaggedAndNeverTaken(t *testing.T) {
	i := readFixture(t, "card_template.json")
	require.Equal(t, models.ImportWarned, i.Outcome)
	for name, pointer := range map[string]string{
		"description": "/description", "version": "/version", "provider": "/provider/organization", "providerURL": "/provider/url",
		"interfaces[0].url": "/supportedInterfaces/0/url", "skills[0].id": "/skills/0/id", "skills[0].tags": "/skills/0/tags",
	} {
		f := field(t, i, name)
		require.Equal(t, models.FieldPlaceholder, f.Status, name)
		require.Equal(t, pointer, f.Pointer)
		require.NotEmpty(t, f.Value, "a page shows what the file says")
	}
	require.Empty(t, i.Agent.Description)
	require.Empty(t, i.Agent.Version)
	require.Empty(t, i.Agent.Provider)
	require.Empty(t, i.Agent.ProviderURL)
	require.Empty(t, i.Agent.Interfaces[0].URL)
	require.Empty(t, i.Agent.Skills[0].ID)
	require.Equal(t, []string{"parcels"}, i.Agent.Skills[0].Tags)
	requireWarning(t, i, "/skills/0/tags/0", "placeholder")
}

func TestCarelessCardIsReadWithAWarningForEachFault(t *testing.T) {
	i := readFixture(t, "card_careless.json")
	require.Equal(t, models.ImportWarned, i.Outcome)
	require.Equal(t, "a2a-card/0.2", i.Format)
	require.Equal(t, "Day Watch", i.Name, "the last one counts")
	requireWarning(t, i, "/name", "more than once")
	requireWarning(t, i, "/version", "as a number")
	requireWarning(t, i, "/url", "not encrypted")
	requireWarning(t, i, "/authentication/credentials", "secret")
	requireWarning(t, i, "/capabilities/extensions/0/params/api_key", "secret")
	requireWarning(t, i, "/defaultInputModes", "does not give")
	requireWarning(t, i, "/default_input_modes", "writes this field “defaultInputModes”")
	requireWarning(t, i, "/defaultOutputModes", "as a list")
	requireWarning(t, i, "/skills/0/tags", "empty list")
	requireWarning(t, i, "/skills/1/id", "same id")
	requireWarning(t, i, "/skills/1/colour", "knows no field")
	requireWarning(t, i, "/skills/2", "should be an object")
	requireWarning(t, i, "/skills/3", "left out")
	requireWarning(t, i, "/signatures/0", "proves nothing")
	requireWarning(t, i, "/signatures", "not checked")
	require.Equal(t, models.FieldOdd, field(t, i, "name").Status)
	require.Equal(t, models.FieldUnverified, field(t, i, "signatures").Status)
	require.Equal(t, models.FieldDefaulted, field(t, i, "interfaces[0].protocol").Status)
	require.Len(t, i.Agent.Skills, 2)
	requireOneFieldEach(t, i)
	requireNowhere(t, i, "hunter2")
	requireNowhere(t, i, "not-so-secret")
}

// What one change to a sound card leads to.
func TestWarnings(t *testing.T) {
	tests := []struct {
		name, from, to string
		where, message string
		check          func(t *testing.T, a *models.ImportedAgent)
	}{
		{"no description", `"description":"Sorts mail.",`, ``, "/description", "does not give", nil},
		{"null description", `"Sorts mail."`, `null`, "/description", "does not give", nil},
		{"empty description", `"Sorts mail."`, `" "`, "/description", "empty", nil},
		{"no skills", `[{"id":"sort","name":"Sort","description":"Sorts.","tags":["mail"]}]`, `[]`, "/skills", "empty list", nil},
		{"no capabilities", `"capabilities":{},`, ``, "/capabilities", "does not give", nil},
		{"no binding", `"protocolBinding":"JSONRPC",`, ``, "/supportedInterfaces/0/protocolBinding", "does not give", nil},
		{"unknown binding", `"JSONRPC"`, `"PIGEON"`, "/supportedInterfaces/0/protocolBinding", "“PIGEON”", nil},
		{"same interface twice", `"supportedInterfaces":[`, `"supportedInterfaces":[{"url":"https://post.nordlys.eu","protocolBinding":"JSONRPC","protocolVersion":"1.0"},`, "/supportedInterfaces/1", "twice", func(t *testing.T, a *models.ImportedAgent) { require.Len(t, a.Interfaces, 1) }},
		{"localhost", `https://post.nordlys.eu`, `http://127.0.0.1:9000`, "/supportedInterfaces/0/url", "nobody else", nil},
		{"login in the address", `https://post.`, `https://sorter:pa55word@post.`, "/supportedInterfaces/0/url", "secret", func(t *testing.T, a *models.ImportedAgent) {
			require.Equal(t, "https://post.nordlys.eu", a.Interfaces[0].URL)
		}},
		{"somebody before @", `https://post.`, `https://bank.eu@post.`, "/supportedInterfaces/0/url", "before @", nil},
		{"key in the address", `nordlys.eu"`, `nordlys.eu?api_key=abcdef123456"`, "/supportedInterfaces/0/url", "secret", nil},
		{"script as an address", `https://post.nordlys.eu`, `javascript:alert(1)`, "/supportedInterfaces/0/url", "not taken over", func(t *testing.T, a *models.ImportedAgent) { require.Empty(t, a.Interfaces[0].URL) }},
		{"script as documentation", `"capabilities"`, `"documentationUrl":"JavaScript:alert(1)","capabilities"`, "/documentationUrl", "not taken over", func(t *testing.T, a *models.ImportedAgent) { require.Empty(t, a.DocumentationURL) }},
		{"host and port", `https://post.nordlys.eu`, `post.nordlys.eu:443`, "/supportedInterfaces/0/url", "whether the connection is encrypted", nil},
		{"turned text", `Sorts mail.`, `Sorts \u202eliam.`, "/description", "U+202E", func(t *testing.T, a *models.ImportedAgent) { require.Equal(t, "Sorts liam.", a.Description) }},
		{"hidden text", `Sorts mail.`, "Sorts mail.\U000e0041\U000e0042", "/description", "U+E0041", func(t *testing.T, a *models.ImportedAgent) { require.Equal(t, "Sorts mail.", a.Description) }},
		{"escaped NUL", `Sorts mail.`, `Sorts\u0000 mail.`, "/description", "U+0000", func(t *testing.T, a *models.ImportedAgent) { require.Equal(t, "Sorts mail.", a.Description) }},
		{"half a surrogate", `Sorts mail.`, `Sorts \ud800.`, "/description", "could not be read", nil},
		{"long name", `Sorter`, strings.Repeat("å", 201), "/name", "longer than 200", func(t *testing.T, a *models.ImportedAgent) { require.Equal(t, strings.Repeat("å", 199)+"…", a.Name) }},
		{"long description", `Sorts mail.`, strings.Repeat("x", 4_001), "/description", "longer than 4000", nil},
		{"long address", `nordlys.eu`, strings.Repeat("x", 2_001), "/supportedInterfaces/0/url", "longer than 2000", func(t *testing.T, a *models.ImportedAgent) { require.Empty(t, a.Interfaces[0].URL) }},
		{"secret in a description", `Sorts mail.`, `Use AKIAABCDEFGHIJKLMNOP for it.`, "/description", "secret", func(t *testing.T, a *models.ImportedAgent) {
			require.Equal(t, "Use [secret removed] for it.", a.Description)
		}},
		{"secret behind an invisible character", `Sorts mail.`, `AKIA\u200bABCDEFGHIJKLMNOP`, "/description", "secret", func(t *testing.T, a *models.ImportedAgent) { require.Empty(t, a.Description) }},
		{"extended card", `"capabilities":{}`, `"capabilities":{"extendedAgentCard":true}`, "/capabilities/extendedAgentCard", "longer card", nil},
		{"anybody may call", `"capabilities"`, `"securityRequirements":[{}],"capabilities"`, "/securityRequirements/0", "anybody", nil},
		{"undefined scheme", `"capabilities"`, `"securityRequirements":[{"boss":[]}],"capabilities"`, "/securityRequirements", "“boss”", nil},
		{"unsafe flow", `"capabilities"`, `"securitySchemes":{"a":{"type":"oauth2","flows":{"implicit":{}}}},"capabilities"`, "/securitySchemes/a/flows/implicit", "RFC 9700", nil},
		{"unknown scheme", `"capabilities"`, `"securitySchemes":{"a/b":{"type":"magic"}},"capabilities"`, "/securitySchemes/a~1b", "no such way", nil},
		{"other protocol's field", `"capabilities"`, `"mcpServers":{},"capabilities"`, "/mcpServers", "knows no field", nil},
		{"number with an exponent as version", `"2"`, `1e99999`, "/version", "number", func(t *testing.T, a *models.ImportedAgent) { require.Equal(t, "1e99999", a.Version) }},
		{"list as name of a skill", `"name":"Sort"`, `"name":["Sort"]`, "/skills/0/name", "the file has a list", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := strings.Replace(soundCard, test.from, test.to, 1)
			require.NotEqual(t, soundCard, changed)
			i := readOne(t, changed)
			require.Equal(t, models.ImportWarned, i.Outcome)
			requireWarning(t, i, test.where, test.message)
			if test.check != nil {
				test.check(t, i.Agent)
			}
		})
	}
}

func TestSoundCardHasNoWarnings(t *testing.T) {
	require.Equal(t, models.ImportClean, readOne(t, soundCard).Outcome)
}

func TestMoreThanTheDraftHoldsIsCutWithAWarning(t *testing.T) {
	skill := `{"id":"sort","name":"Sort","description":"Sorts.","tags":["mail"]}`
	i := readOne(t, strings.Replace(soundCard, skill, skill+strings.Repeat(","+skill, 300), 1))
	require.Len(t, i.Agent.Skills, 200)
	requireWarning(t, i, "/skills", "Only the first 200")
	require.Len(t, i.Warnings, maxWarnings)
}

func TestWarningsThemselvesAreBounded(t *testing.T) {
	i := readOne(t, strings.Replace(soundCard, `"mail"`, `"mail",`+strings.Repeat(`"${A}",`, 49)+`"x"`, 1))
	require.Less(t, len(i.Warnings), maxWarnings)
	i = readOne(t, strings.Replace(soundCard, `"capabilities"`, strings.Repeat(`"name":"Sorter",`, 500)+`"capabilities"`, 1))
	require.Len(t, i.Warnings, maxWarnings+1)
	require.Contains(t, i.Warnings[maxWarnings].Message, "300 more")
}

func TestEveryFieldIsAccountedForOnce(t *testing.T) {
	for _, name := range []string{"card_1_0.json", "card_0_3.json", "card_template.json", "card_careless.json"} {
		requireOneFieldEach(t, readFixture(t, name))
	}
}

func TestCardForCallersOfBothVersions(t *testing.T) {
	i := readOne(t, strings.Replace(soundCard, `"capabilities"`, `"url":"https://post.nordlys.eu","capabilities"`, 1))
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "a2a-card/1.0", i.Format)
	require.Len(t, i.Agent.Interfaces, 1)
}

func TestMarkOfByteOrderIsAccepted(t *testing.T) {
	require.Equal(t, models.ImportClean, readOne(t, "\ufeff"+soundCard).Outcome)
}

const soundCard = `{"name":"Sorter","description":"Sorts mail.","version":"2",
"supportedInterfaces":[{"url":"https://post.nordlys.eu","protocolBinding":"JSONRPC","protocolVersion":"1.0"}],
"capabilities":{},"defaultInputModes":["text/plain"],"defaultOutputModes":["text/plain"],
"skills":[{"id":"sort","name":"Sort","description":"Sorts.","tags":["mail"]}]}`

func readFixture(t *testing.T, name string) models.Imported {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return readOne(t, string(data))
}

func readOne(t *testing.T, data string) models.Imported {
	t.Helper()
	results := Read("card.json", []byte(data))
	requireSound(t, results)
	require.Len(t, results, 1)
	require.Equal(t, "card.json", results[0].File)
	return results[0]
}

func field(t *testing.T, i models.Imported, name string) models.ImportedField {
	t.Helper()
	for _, f := range i.Agent.Fields {
		if f.Field == name {
			return f
		}
	}
	require.Fail(t, "no field "+name)
	return models.ImportedField{}
}

func fieldAt(t *testing.T, i models.Imported, pointer string) models.ImportedField {
	t.Helper()
	for _, f := range i.Agent.Fields {
		if f.Pointer == pointer {
			return f
		}
	}
	require.Fail(t, "no field from "+pointer)
	return models.ImportedField{}
}

func requireWarning(t *testing.T, i models.Imported, where, part string) {
	t.Helper()
	for _, w := range i.Warnings {
		if w.Where == where && strings.Contains(w.Message, part) {
			return
		}
	}
	require.Failf(t, "no such warning", "%s … %s in %v", where, part, i.Warnings)
}

func requireOneFieldEach(t *testing.T, i models.Imported) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range i.Agent.Fields {
		require.False(t, f.Field != "" && seen[f.Field], f.Field)
		seen[f.Field] = true
	}
}
