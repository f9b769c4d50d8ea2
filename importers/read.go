// Package importers reads files that describe agents, and says for every field where it came
// from. Each format has a small file of its own behind one way in, Read, and is recognised by
// what a file holds and not by what it is called.
//
// What it reads was written by strangers: text is kept inert, made visible and bounded,
// placeholders and secrets are never taken as values, and nothing is fetched.
package importers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"countersign/models"
)

// MaxBytes is the largest file that is read (8 MiB). A caller that reads from a stream
// reads MaxBytes+1 bytes and passes them on: Read then says that the file is too large.
const MaxBytes = 8 << 20

// format is one kind of file that becomes drafts of agents, or systems.
type format struct {
	recognises func(root *node) bool
	read       func(f *file, root *node)
	joins      string // what files beside it know it as, with which it is read together: see file.beside
}

// formats are tried in order on each document of a file; the first that recognises it reads it.
var formats = []format{
	{recognises: looksLikeCard, read: one(readCard)},
	{recognises: looksLikeManifests, read: readManifests},
	{recognises: looksLikeToolList, read: one(readToolList)},
	{recognises: looksLikeGatewayServer, read: one(readGatewayServer)},
	{recognises: looksLikeClient, read: readClient},
	{recognises: looksLikeBedrockAgent, read: one(readBedrockAgent)},
	{recognises: looksLikeBedrockTemplate, read: readBedrockTemplate},
	{recognises: looksLikeFunctions, read: one(readFunctions)},
	{recognises: looksLikeOpenAPI, read: one(readOpenAPI)},
	{recognises: looksLikeDeclarativeAgent, read: readDeclarativeAgent, joins: "m365-agent"},
	{recognises: looksLikePlugin, read: one(readPlugin), joins: "m365-plugin"},
	{recognises: looksLikeSlack, read: one(readSlack)},
	{recognises: looksLikeKagent, read: readKagent},
	{recognises: looksLikeAutogen, read: readAutogen},
	{recognises: looksLikeFrameworkAgent, read: one(readFrameworkAgent)},
	{recognises: looksLikeLanggraph, read: readLanggraph},
	{recognises: looksLikeToolhive, read: one(readToolhive)},
	{recognises: looksLikeCrewAgents, read: readCrewAgents, joins: "crew-agents"},
	{recognises: looksLikeCrewTasks, read: readCrewTasks, joins: "crew-tasks"},
}

// one reads a document that is a single thing.
func one(read func(r *reading, root *node)) func(*file, *node) {
	return func(f *file, root *node) { read(f.thing(root), root) }
}

// Read says what the file called name holds. There is at least one result; a file that cannot
// be read gives one that is refused, with a warning that names the field or line.
// name is repeated in the results, and compared with the name of an agent that must be called
// like its file; no format is recognised by it. Read has no side effects, and the same bytes
// always give the same results. It never panics.
func Read(name string, data []byte) []models.Imported {
	return ReadAll([]File{{Name: name, Data: data}})
}

// notText says why data cannot be a text file of any known format, and where; "" when it can.
func notText(data []byte) (where, problem string) {
	switch {
	case len(data) > MaxBytes:
		return "line 1", "The file is larger than 8 MiB. A description of an agent has a few kilobytes: check that this is the right file."
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return "line 1", "The file is saved as UTF-16. Save it as UTF-8 and import it again."
	case !utf8.Valid(data):
		return at(data, firstInvalid(data)).where(), "The file holds bytes that are not UTF-8 text. Save it as UTF-8 and import it again."
	case strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff")) == "":
		return "line 1", "The file is empty. Choose the file that describes the agent or system."
	}
	return "", ""
}

// firstInvalid is the offset of the first byte of data that is not UTF-8.
func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		letter, size := utf8.DecodeRune(data[i:])
		if letter == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
