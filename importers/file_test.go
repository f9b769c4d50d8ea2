package importers

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestReadAllKeepsTheOrderAndSaysSomethingOfEach(t *testing.T) {
	files := []File{
		{Name: "crew/tasks.yaml", Data: fixture(t, "crew/tasks.yaml").Data},
		{Name: "other/card.json", Data: []byte(soundCard)},
		{Name: "crew/broken.json", Data: []byte("{")},
		{Name: "crew/agents.yaml", Data: fixture(t, "crew/agents.yaml").Data},
		{Name: "crew/empty", Data: nil},
	}
	results := ReadAll(files)
	requireSound(t, results)
	var names []string
	for _, i := range results {
		names = append(names, i.File)
	}
	require.Equal(t, []string{"crew/tasks.yaml", "other/card.json", "crew/broken.json", "crew/agents.yaml", "crew/agents.yaml", "crew/empty"}, names)
	require.Equal(t, results, ReadAll(files))
	require.Empty(t, ReadAll(nil))
}

func TestOtherDocumentsOfAFileAreNamed(t *testing.T) {
	i := Read("a.yaml", []byte(soundCard[:len(soundCard)-1]+"}\n")) // JSON stays JSON
	require.Len(t, i, 1)
	stream := "name: a\nurl: https://a.eu\nskills: []\ndefaultInputModes: []\n---\nopenapi: 3.1.0\n---\n- 1\n"
	i = Read("a.yaml", []byte(stream))
	requireSound(t, i)
	require.False(t, i[0].Refused())
}

func TestMoreThingsThanAFileMayHold(t *testing.T) {
	results := Read("a.yaml", []byte(strings.Repeat("---\nbuyer: {role: Buyer, goal: Buys., backstory: b}\n", maxThings+7)))
	require.Len(t, results, maxThings)
	require.Contains(t, results[0].Warnings[len(results[0].Warnings)-1].Message, "5000 things")
}

// Whatever its size or shape, a file ends in a clear error, and memory stays in proportion.
func TestBombs(t *testing.T) {
	page := func(header string) string { return "---\nname: a\ndescription: b\n" + header + "\n---\nc" }
	tests := []struct {
		name, data, message string
		most                uint64
	}{
		{"100 MB", strings.Repeat("x", 100<<20), "larger than 8 MiB", 1 << 20},
		{"JSON inside each other", strings.Repeat("[", MaxBytes), "more than 64 deep", 16 << 20},
		{"JSON objects inside each other", strings.Repeat(`{"a":`, 1_000_000), "more than 64 deep", 16 << 20},
		{"JSON values", "[" + strings.Repeat("0,", MaxBytes/2-8) + "0]", "200,000 values", 16 << 20},
		{"a long line of text", strings.Repeat("word ", MaxBytes/5), "plain text", 300 << 20},
		{"a long line of colons", strings.Repeat("a: ", MaxBytes/3), "middle of a text", 300 << 20},
		{"dashes for pages", strings.Repeat("---\n", MaxBytes/4), "Markdown page", 64 << 20},
		{"laughter in a header", page("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]"), "every reference", 300 << 20},
		{"tools in a header", page("tools: [" + strings.Repeat("a,", 150_000) + "a]"), "", 600 << 20},
		{"delegates in a header", page("tools: Task(" + strings.Repeat("a,", 1_000_000) + ")"), "", 600 << 20},
		{"a wide object", "a:" + strings.Repeat("\n  "+strings.Repeat("k", 10)+": {role: a, goal: b}", 1), "no kind", 16 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := []byte(test.data)
			var results []models.Imported
			used := allocated(func() { results = Read("a.md", data) })
			t.Logf("%d MiB: %s", used>>20, results[0].Outcome)
			require.LessOrEqual(t, used, test.most)
			requireSound(t, results)
			if test.message != "" {
				require.Equal(t, models.ImportRefused, results[0].Outcome)
				require.Contains(t, results[0].Warnings[0].Message, test.message)
			}
		})
	}
}

// A caller that reads a stream reads no more than is needed to know that it is too large.
func TestStreamThatIsTooLarge(t *testing.T) {
	data, err := io.ReadAll(io.LimitReader(endless{}, MaxBytes+1))
	require.NoError(t, err)
	require.Contains(t, Read("-", data)[0].Warnings[0].Message, "larger than 8 MiB")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func fixture(t testing.TB, name string) File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return File{Name: name, Data: data}
}
