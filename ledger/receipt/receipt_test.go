package receipt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/ledger"
	"countersign/ledger/passkey"
	"countersign/ledger/passkey/soft"
	"countersign/ledger/receipt"
	"countersign/models"
)

const at = models.Instant(1_800_000_000_000_000)

// good is a receipt of a sign-off with a passkey.
func good(t testing.TB) receipt.File {
	t.Helper()
	ada := models.Person{ID: "per_ada", Name: "Ada Lovelace", Email: "ada@example.org"}
	party, err := passkey.New("https://countersign.example")
	require.NoError(t, err)
	key := soft.New(party.ID(), party.Origin())
	asked, options, err := party.Enrol(ada, nil, at)
	require.NoError(t, err)
	answer, err := key.Enrol(options)
	require.NoError(t, err)
	k, err := party.Enrolled(asked, answer)
	require.NoError(t, err)
	k.ID, k.PersonID, k.Name, k.AddedAt, k.UsedAt, k.Rev = "pky_1", ada.ID, "The blue one", at-models.Day, at.Ref(), 2

	doc := models.Document{Format: "countersign/version/1", CapabilityID: "cap_1", No: 3, Tier: models.Critical, TierRules: "rul_1", Facts: []models.Fact{}, Secrets: []models.Secret{},
		Reasons: []models.Reason{{Tier: models.Critical, Text: "It pays out"}}, Task: models.Task{Title: "Pay <suppliers> & others"}}
	document, digest := canonical(t, doc)
	approval := models.Approval{Format: "countersign/approval/1", Decision: models.DecisionSignOff, CapabilityID: "cap_1", VersionID: "ver_1", Digest: digest,
		Round: 1, Tier: models.Critical, SignerID: ada.ID, PrincipalID: ada.ID, TeamID: "tea_1", Reason: "Read it"}
	asked, options, err = party.Sign(ada, []models.Passkey{k}, approval, at)
	require.NoError(t, err)
	answer, err = key.Sign(options)
	require.NoError(t, err)
	got, err := party.Signed(asked, []models.Passkey{k}, answer)
	require.NoError(t, err)
	k.SignCount = got.SignCount
	signature := models.Signature{ID: "sgn_1", PersonID: ada.ID, PasskeyID: k.ID, Decision: approval.Decision, VersionID: "ver_1", Digest: digest, Round: 1, PrincipalID: ada.ID,
		TeamID: "tea_1", Construction: models.Construction, Document: asked.Document, Nonce: asked.Nonce, RPID: got.RPID, Origin: got.Origin, CredentialID: got.CredentialID,
		PublicKey: k.PublicKey, ClientData: got.ClientData, AuthenticatorData: got.AuthenticatorData, Signature: got.Signature, SignedAt: at, Record: models.Record{Rev: 1}}
	sign := models.SignOff{ID: "sig_1", VersionID: "ver_1", Digest: digest, Round: 1, SignerID: ada.ID, PrincipalID: ada.ID, TeamID: "tea_1", Side: models.Checker,
		Method: models.MethodPasskey, Comment: "Read it", SignedAt: at, SignatureID: &signature.ID, Record: models.Record{Rev: 1}}

	details, _ := canonical(t, map[string]any{"digest": digest, "round": 1, "version": 3, "opened_at": int64(at - models.Minute), "opened": []string{"changes", "whole"}})
	f := receipt.File{Format: receipt.Format, Salt: "00ff", Details: json.RawMessage(details), Rows: []receipt.Row{},
		Version: &receipt.Version{ID: "ver_1", Digest: digest, Document: json.RawMessage(document)}, Passkey: &k,
		Told:  receipt.Told{At: "2027-01-15T08:00:00Z", By: "https://countersign.example", Act: "signed off version 3", People: map[string]string{ada.ID: ada.Name}, Teams: map[string]string{}, Changes: []string{"may now pay out"}},
		Entry: ledger.Entry{Seq: 42, At: int64(at), Act: "version.signed_off", ActID: "act_1", Actor: ada.ID, Principal: ada.ID, Subject: "ver_1", Body: ledger.Commit("00ff", details), Prev: strings.Repeat("0", 64)}}
	for _, row := range []models.Row{signature, sign} {
		text, sum := canonical(t, row)
		f.Rows = append(f.Rows, receipt.Row{Table: row.TableName(), Row: json.RawMessage(text)})
		f.Entry.Rows = append(f.Entry.Rows, ledger.Row{Table: row.TableName(), ID: row.Key(), Rev: row.Revision(), SHA256: sum})
	}
	_, sum := canonical(t, k)
	f.Entry.Rows = append(f.Entry.Rows, ledger.Row{Table: k.TableName(), ID: k.ID, Rev: k.Rev, SHA256: sum}, ledger.Row{Table: "duties", ID: "dty_1", Rev: 2, SHA256: strings.Repeat("ab", 32)})
	return rehash(t, f)
}

// rehash is the file with the hash of its entry, as who changes one would make it.
func rehash(t testing.TB, f receipt.File) receipt.File {
	t.Helper()
	entry, err := f.Entry.Bytes()
	require.NoError(t, err)
	f.Hash = ledger.Hash(entry)
	return f
}

func canonical(t testing.TB, v any) (text, sum string) {
	t.Helper()
	text, err := models.Canonical(v)
	require.NoError(t, err)
	return text, models.Digest(text)
}

func bytesOf(t testing.TB, f receipt.File) []byte {
	t.Helper()
	b, err := f.Bytes()
	require.NoError(t, err)
	return b
}

func says(lines []receipt.Line, v receipt.Verdict) (out []string) {
	for _, l := range lines {
		if l.Verdict == v {
			out = append(out, l.Says)
		}
	}
	return out
}

func TestAGoodFileFits(t *testing.T) {
	raw := bytesOf(t, good(t))
	f, err := receipt.Read(bytes.NewReader(raw))
	require.NoError(t, err)
	lines := f.Check()
	require.Empty(t, says(lines, receipt.Misfits))
	require.True(t, receipt.Sound(lines))
	require.Len(t, says(lines, receipt.Fits), 18, "%v", lines)
	require.Contains(t, strings.Join(says(lines, receipt.Unknown), "\n"), "compare entry 42")

	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, raw, "", "  "))
	f, err = receipt.Read(&pretty)
	require.NoError(t, err, "an editor's line ends are nothing")
	require.True(t, receipt.Sound(f.Check()))
}

// Everything in the file but what the server tells beside it is held against
// something: any one thing that is another is found, whatever it is.
func TestNothingInAFileCanBeChanged(t *testing.T) {
	raw := bytesOf(t, good(t))
	var tree any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	require.NoError(t, d.Decode(&tree))
	// A passkey is used again, so one of a later revision is no misfit.
	spared := []string{"/passkey/rev"}
	tried := 0
	walk(tree, "", func(path string) {
		tried++
		changed, err := json.Marshal(tree)
		require.NoError(t, err)
		require.NotEqual(t, string(raw), string(changed), path)
		f, err := receipt.Read(bytes.NewReader(changed))
		if strings.HasPrefix(path, "/told/") || slices.Contains(spared, path) {
			return
		}
		require.True(t, err != nil || !receipt.Sound(f.Check()), "%s was changed, and nobody noticed", path)
	})
	require.Greater(t, tried, 150)
	again, err := json.Marshal(tree)
	require.NoError(t, err)
	require.JSONEq(t, string(raw), string(again), "the walk puts back what it changes")
}

// walk changes each value in turn, takes each named thing out in turn where that
// is inside another, and puts it back.
func walk(tree any, path string, see func(path string)) {
	each := func(at string, v any, set func(any), remove func()) {
		if remove != nil && path != "" {
			remove()
			see(at + " taken out")
			set(v)
		}
		switch x := v.(type) {
		case string:
			if x == "" {
				set("x")
			} else {
				last := x[len(x)-1]
				set(x[:len(x)-1] + string(map[bool]byte{true: 'B', false: 'A'}[last == 'A']))
			}
		case json.Number:
			set(json.Number("1" + x.String()))
		case bool:
			set(!x)
		case nil:
			set("x")
		default:
			walk(v, at, see)
			return
		}
		see(at)
		set(v)
	}
	switch x := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			each(path+"/"+key, x[key], func(v any) { x[key] = v }, func() { delete(x, key) })
		}
	case []any:
		for i := range x {
			each(fmt.Sprint(path, "/", i), x[i], func(v any) { x[i] = v }, nil)
		}
	}
}

// Who changes a thing can make the hash of its entry again: what then does not
// fit is what the key signed, or what was decided on.
func TestAForgedEntryDoesNotFit(t *testing.T) {
	forged := map[string]func(*receipt.File){
		"decided on other contents than these": func(f *receipt.File) {
			var doc models.Document
			require.NoError(t, json.Unmarshal(f.Version.Document, &doc))
			doc.Task.Title = "Pay anybody"
			text, sum := canonical(t, doc)
			f.Version.Document, f.Version.Digest = json.RawMessage(text), sum
		},
		"signature of somebody else": func(f *receipt.File) { f.Entry.Actor = "per_eve" },
		"details are not those":      func(f *receipt.File) { f.Details = json.RawMessage(`{"opens":9}`) },
		"passkey's signature does not fit": func(f *receipt.File) {
			swap(t, f, func(s *models.Signature) { s.Nonce = s.Nonce[1:] + "A" })
		},
		"document that was signed is about something else": func(f *receipt.File) {
			swap(t, f, func(s *models.Signature) { s.Round = 2 })
		},
		"its signature is not in this file": func(f *receipt.File) { f.Rows = f.Rows[1:]; f.Passkey = nil },
		"the sign-off is not in this file":  func(f *receipt.File) { f.Rows = f.Rows[:1] },
		"is none that the entry left":       func(f *receipt.File) { f.Rows[0].Row = json.RawMessage(`{}`) },
		"is twice in this file":             func(f *receipt.File) { f.Rows = append(f.Rows, f.Rows[1]) },
		"nothing that it signed":            func(f *receipt.File) { f.Rows = f.Rows[1:] },
		"it enrolled another key":           func(f *receipt.File) { f.Passkey.AAGUID = "AAAA" },
		"does not say that this passkey was used": func(f *receipt.File) {
			f.Entry.Rows = slices.Delete(f.Entry.Rows, 2, 3)
		},
		"is not about this version": func(f *receipt.File) { f.Version.ID = "ver_2" },
	}
	for want, forge := range forged {
		if want == "is not about this version" {
			want = "and not about this version"
		}
		f := good(t)
		forge(&f)
		read, err := receipt.Read(bytes.NewReader(bytesOf(t, rehash(t, f))))
		require.NoError(t, err, want)
		lines := read.Check()
		require.False(t, receipt.Sound(lines), want)
		require.Contains(t, strings.Join(says(lines, receipt.Misfits), "\n"), want)
	}
}

// swap changes the signature's row, and what the entry says of it.
func swap(t testing.TB, f *receipt.File, change func(*models.Signature)) {
	t.Helper()
	var s models.Signature
	require.NoError(t, json.Unmarshal(f.Rows[0].Row, &s))
	change(&s)
	text, sum := canonical(t, s)
	f.Rows[0].Row, f.Entry.Rows[0].SHA256 = json.RawMessage(text), sum
}

func TestHostileFilesAreRefused(t *testing.T) {
	raw := string(bytesOf(t, good(t)))
	var wide strings.Builder
	for i := range receipt.MaxNames + 1 {
		fmt.Fprintf(&wide, `"%d":0,`, i)
	}
	deep := strings.Repeat(`[`, 100_000)
	for text, want := range map[string]string{
		"":                                     "empty",
		"nothing":                              "not JSON",
		"[]":                                   "no receipt",
		"42":                                   "not a JSON object",
		"{}":                                   "no receipt",
		"{" + wide.String() + `"x":0}`:         "more than 1000 things",
		"{":                                    "not JSON",
		raw + raw:                              "goes on after its end",
		raw[:len(raw)/2]:                       "not JSON",
		deep:                                   "nests deeper",
		`{"format":` + deep:                    "nests deeper",
		strings.Repeat(" ", receipt.MaxFile+1): "larger than 8 MiB",
		strings.Replace(raw, `"format":`, `"format":"countersign/receipt/1","format":`, 1):      "twice",
		strings.Replace(raw, `"actor":`, `"actor":"per_eve","actor":`, 1):                       "twice",
		strings.Replace(raw, `"actor":`, `"Actor":"per_eve","actor":`, 1):                       "something in it that no receipt has",
		strings.Replace(raw, `"format":`, `"extra":1,"format":`, 1):                             "unknown field",
		strings.Replace(raw, `"seq":42`, `"seq":"42"`, 1):                                       "no receipt",
		strings.Replace(raw, `"seq":42`, `"seq":42.5`, 1):                                       "no receipt",
		strings.Replace(raw, `"seq":42`, `"seq":1e400`, 1):                                      "no receipt",
		strings.Replace(raw, `"rows":[`, `"rows":[null,`, 1):                                    "no receipt",
		strings.Replace(raw, `"format":"countersign/receipt/1"`, `"format":"countersign/2"`, 1): "no receipt of the format",
		strings.Replace(raw, "Read it", "Read \xff it", 1):                                      "no receipt",
	} {
		_, err := receipt.Read(strings.NewReader(text))
		require.ErrorContains(t, err, want, "%.60q", text)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(bytesOf(f, good(f)))
	f.Add([]byte(`{"entry":{"rows":[{}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if file, err := receipt.Read(bytes.NewReader(raw)); err == nil {
			file.Check()
		}
	})
}

// What was given out once is read for ever: this file was, and its names stay.
func TestAnOldReceiptIsStillRead(t *testing.T) {
	raw, err := os.ReadFile("testdata/receipt-1.json")
	require.NoError(t, err)
	f, err := receipt.Read(bytes.NewReader(raw))
	require.NoError(t, err)
	lines := f.Check()
	require.True(t, receipt.Sound(lines), "%v", lines)
	require.Len(t, says(lines, receipt.Fits), 18)
}

// kept is a receipt of a review that was closed by keeping what it was about, at the tier
// and with the passkey of the sign-off.
func kept(t testing.TB, change func(*models.Review, *models.Approval)) receipt.File {
	t.Helper()
	f := good(t)
	ada := models.Person{ID: "per_ada", Name: "Ada Lovelace", Email: "ada@example.org"}
	by, team, side := ada.ID, "tea_1", models.Checker
	digest := f.Version.Digest
	approval := models.Approval{Format: "countersign/approval/1", Decision: models.DecisionKeep, CapabilityID: "cap_1", VersionID: "ver_1", Digest: digest,
		Round: 1, Tier: models.Critical, SignerID: ada.ID, PrincipalID: ada.ID, TeamID: team, Reason: "All is well", Review: "rvw_1"}
	review := models.Review{ID: "rvw_1", CapabilityID: "cap_1", VersionID: "ver_1", Digest: digest, MandateID: "man_1", Kind: models.ReviewPeriodic, About: "[]",
		OpenedAt: at - models.Day, DueAt: at, HoldAt: at, State: models.ReviewClosed, Outcome: models.ReviewKeep, ClosedBy: &by, Side: &side, TeamID: &team, ClosedAt: at.Ref(),
		Finding: "All is well", Method: models.MethodPasskey, Record: models.Record{Rev: 2}}
	if change != nil {
		change(&review, &approval)
	}
	party, err := passkey.New("https://countersign.example")
	require.NoError(t, err)
	key := soft.New(party.ID(), party.Origin())
	asked, options, err := party.Enrol(ada, nil, at)
	require.NoError(t, err)
	answer, err := key.Enrol(options)
	require.NoError(t, err)
	k, err := party.Enrolled(asked, answer)
	require.NoError(t, err)
	k.ID, k.PersonID, k.Name, k.AddedAt, k.UsedAt, k.Rev = "pky_1", ada.ID, "The blue one", at-models.Day, at.Ref(), 2
	asked, options, err = party.Sign(ada, []models.Passkey{k}, approval, at)
	require.NoError(t, err)
	answer, err = key.Sign(options)
	require.NoError(t, err)
	got, err := party.Signed(asked, []models.Passkey{k}, answer)
	require.NoError(t, err)
	k.SignCount = got.SignCount
	signature := models.Signature{ID: "sgn_1", PersonID: ada.ID, PasskeyID: k.ID, Decision: approval.Decision, VersionID: "ver_1", Digest: digest, Round: 1, PrincipalID: ada.ID,
		TeamID: team, Construction: models.Construction, Document: asked.Document, Nonce: asked.Nonce, RPID: got.RPID, Origin: got.Origin, CredentialID: got.CredentialID,
		PublicKey: k.PublicKey, ClientData: got.ClientData, AuthenticatorData: got.AuthenticatorData, Signature: got.Signature, SignedAt: at, Record: models.Record{Rev: 1}}
	review.SignatureID = &signature.ID
	details, _ := canonical(t, map[string]any{"digest": digest, "decision": models.ReviewKeep, "version": 3})
	f.Details, f.Passkey, f.Rows = json.RawMessage(details), &k, nil
	f.Entry.Act, f.Entry.Subject, f.Entry.Body, f.Entry.Rows = "review.closed", "rvw_1", ledger.Commit("00ff", details), nil
	for _, row := range []models.Row{signature, review, k} {
		text, sum := canonical(t, row)
		if row.TableName() != k.TableName() {
			f.Rows = append(f.Rows, receipt.Row{Table: row.TableName(), Row: json.RawMessage(text)})
		}
		f.Entry.Rows = append(f.Entry.Rows, ledger.Row{Table: row.TableName(), ID: row.Key(), Rev: row.Revision(), SHA256: sum})
	}
	return rehash(t, f)
}

// Of a review that was kept the file says who kept what, and that the key signed just
// that; whoever writes another entry of it is found out by what the key signed.
func TestAKeptReviewFits(t *testing.T) {
	check := func(f receipt.File) []receipt.Line {
		read, err := receipt.Read(bytes.NewReader(bytesOf(t, rehash(t, f))))
		require.NoError(t, err)
		return read.Check()
	}
	lines := check(kept(t, nil))
	require.Empty(t, says(lines, receipt.Misfits))
	require.Contains(t, strings.Join(says(lines, receipt.Fits), "\n"), "at that time: it was kept.")
	require.Contains(t, says(lines, receipt.Fits), "It is on keeping what this review was about, for this team, with these words.")
	require.Contains(t, says(lines, receipt.Fits), "The entry is about this version.")
	for want, change := range map[string]func(*models.Review, *models.Approval){
		"or the signature is not on keeping it": func(r *models.Review, _ *models.Approval) { r.Outcome = models.ReviewNarrow },
		"person, version, team and words":       func(r *models.Review, _ *models.Approval) { r.Finding = "Look away" },
		"not of the same person":                func(_ *models.Review, a *models.Approval) { a.Review = "rvw_2" },
		"closed by somebody else":               func(r *models.Review, _ *models.Approval) { eve := "per_eve"; r.ClosedBy = &eve },
		"at another time":                       func(r *models.Review, _ *models.Approval) { r.ClosedAt = (at + 1).Ref() },
		"on other contents":                     func(r *models.Review, _ *models.Approval) { r.Digest = strings.Repeat("ab", 32) },
		"and not about this version":            func(r *models.Review, _ *models.Approval) { r.VersionID = "ver_2" },
	} {
		lines := check(kept(t, change))
		require.Contains(t, strings.Join(says(lines, receipt.Misfits), "\n"), want)
	}
	for want, forge := range map[string]func(*receipt.File){
		"the review is not in this file":    func(f *receipt.File) { f.Rows = f.Rows[:1] },
		"its signature is not in this file": func(f *receipt.File) { f.Rows, f.Passkey = f.Rows[1:], nil },
		"signature of somebody else":        func(f *receipt.File) { f.Entry.Act, f.Entry.Subject = "version.opened", "ver_1" },
	} {
		f := kept(t, nil)
		forge(&f)
		require.Contains(t, strings.Join(says(check(f), receipt.Misfits), "\n"), want)
	}
}
