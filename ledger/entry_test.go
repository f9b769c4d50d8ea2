package ledger

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// chainOf is n entries that follow on each other, as bytes.
func chainOf(t require.TestingT, n int) []string {
	out, prev := []string{}, Genesis
	for i := range n {
		e := Entry{Seq: int64(i + 1), At: int64(1000 + i/2), Act: "person.added", ActID: "act", Actor: "system", Principal: "system", Subject: "per_1",
			Rows: []Row{{Table: "people", ID: "per_1", Rev: int64(i + 1), SHA256: Hash("row")}}, Body: Commit("salt", "{}"), Prev: prev}
		bytes, err := e.Bytes()
		require.NoError(t, err)
		out, prev = append(out, bytes), Hash(bytes)
	}
	return out
}

func follow(entries []string) error {
	c := NewChain()
	for _, e := range entries {
		if _, err := c.Next(e); err != nil {
			return err
		}
	}
	return nil
}

// The bytes and hashes are what every later program must still make of the same
// entry: RFC 8785, and SHA-256(0x00 ‖ bytes) as RFC 6962 has it.
func TestBytesAreFixed(t *testing.T) {
	e := Entry{Seq: 1, At: 1793610000000000, Act: "person.added", ActID: "abc", Actor: "system", Principal: "system", Subject: "per_é",
		Rows: []Row{{Table: "people", ID: "per_é", Rev: 1, SHA256: "00"}}, Body: "ff", Prev: Genesis}
	bytes, err := e.Bytes()
	require.NoError(t, err)
	require.Equal(t, `{"act":"person.added","act_id":"abc","actor":"system","at":1793610000000000,"body":"ff","prev":"`+Genesis+
		`","principal":"system","rows":[{"id":"per_é","rev":1,"sha256":"00","table":"people"}],"seq":1,"subject":"per_é"}`, bytes)
	require.Equal(t, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", Hash("\x00"), "SHA-256 of two zero bytes")
	require.Equal(t, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", Hash(""), "the leaf hash of nothing")
}

func TestCommitBindsSaltAndBody(t *testing.T) {
	require.NotEqual(t, Commit("a", "b"), Commit("a", "c"))
	require.NotEqual(t, Commit("a", "b"), Commit("c", "b"))
	require.NotEqual(t, Commit("ab", "c"), Commit("a", "bc"))
}

func TestAnEntryIsBounded(t *testing.T) {
	_, err := Entry{Subject: strings.Repeat("x", MaxEntry)}.Bytes()
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestChain(t *testing.T) {
	entries := chainOf(t, 6)
	c := NewChain()
	for i, bytes := range entries {
		e, err := c.Next(bytes)
		require.NoError(t, err)
		require.EqualValues(t, i+1, e.Seq)
	}
	require.EqualValues(t, 6, c.Seq())
	require.EqualValues(t, 1002, c.At())
	require.Equal(t, Hash(entries[5]), c.Hash())

	with := func(i int, old, by string) []string {
		out := append([]string{}, entries...)
		out[i] = strings.Replace(out[i], old, by, 1)
		require.NotEqual(t, entries[i], out[i])
		return out
	}
	for name, x := range map[string]struct {
		entries []string
		says    string
	}{
		"one changed":     {with(2, "per_1", "per_2"), "entry 4 does not follow from entry 3"},
		"a space":         {with(2, ",", ", "), "entry 3 is not in canonical form"},
		"a member more":   {with(2, `{"act"`, `{"aaa":1,"act"`), "entry 3 is not in canonical form"},
		"not JSON":        {with(2, "}", ""), "entry 3 is not JSON"},
		"one missing":     {append(append([]string{}, entries[:2]...), entries[3:]...), "entry 3 is missing: found 4 in its place"},
		"one twice":       {[]string{entries[0], entries[0]}, "entry 2 is missing: found 1 in its place"},
		"two swapped":     {[]string{entries[1], entries[0]}, "entry 1 is missing"},
		"the first gone":  {entries[1:], "entry 1 is missing"},
		"dated backwards": {with(3, `"at":1001`, `"at":999`), "entry 4 is dated before the one before it"},
		"another genesis": {with(0, Genesis, strings.Repeat("1", 64)), "entry 1 does not follow from entry 0"},
	} {
		require.ErrorContains(t, follow(x.entries), x.says, name)
	}
}

// Whatever byte of whatever entry is changed, the chain or the last hash says so.
func TestNoByteCanChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := chainOf(t, 5)
		i := rapid.IntRange(0, 4).Draw(t, "entry")
		at := rapid.IntRange(0, len(entries[i])-1).Draw(t, "byte")
		by := rapid.Byte().Draw(t, "by")
		if entries[i][at] == by {
			return
		}
		changed := append([]string{}, entries...)
		changed[i] = entries[i][:at] + string([]byte{by}) + entries[i][at+1:]
		if follow(changed) == nil {
			require.NotEqual(t, Hash(entries[4]), Hash(changed[4]), "only the last entry can change unseen by the chain, and the head has its hash")
			require.Equal(t, 4, i)
		}
	})
}
