package views

import (
	"strconv"
	"strings"

	"countersign/models"
)

// How acts are said, in the order of historyWords; what several of them name comes last.

// with puts a detail between two texts; without the detail it says less.
func with(before, key, after, less string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		if v := e.Text(key); v != "" {
			return before + v + after
		}
		return less
	}
}

func savedStep(e models.HistoryEntry) string {
	if step := e.Text("step"); step != "" {
		return "saved “" + models.WordsOf(models.ManifestSteps, step) + "” of the registration"
	}
	return "saved a step of the registration"
}

func registeredRevision(e models.HistoryEntry) string {
	if n := e.Number("revision"); n > 0 {
		return "registered the agent’s revision " + strconv.Itoa(n)
	}
	return "registered a revision of the agent"
}

func said(text string) func(models.HistoryEntry) string {
	return func(models.HistoryEntry) string { return text }
}

func importedFile(e models.HistoryEntry) string {
	text := "imported the agent from a file"
	if file := e.Text("file"); file != "" {
		text = "imported the agent from “" + file + "”"
	}
	if via := e.Text("via"); via != "" {
		text += ", by " + via
	}
	switch n := e.Number("warnings"); {
	case n == 1:
		text += ", with 1 thing to look at"
	case n > 1:
		text += ", with " + strconv.Itoa(n) + " things to look at"
	}
	switch n := e.Number("found"); {
	case n == 1:
		text += "; it names something that nobody has registered"
	case n > 1:
		text += "; it names " + strconv.Itoa(n) + " agents or systems that nobody has registered"
	}
	return text
}

func seenWith(e models.HistoryEntry) string {
	text := "read again what “" + or(e.Text("file"), "the file") + "” names"
	switch n := e.Number("found"); {
	case n == 1:
		text += ", and found one more thing that nobody has registered"
	case n > 1:
		text += ", and found " + strconv.Itoa(n) + " more things that nobody has registered"
	}
	return text
}

func foundAsked(e models.HistoryEntry) string {
	return "found " + Counted(max(e.Number("found"), 1), "agent", "agents") + " that a gateway asked about and nobody has registered"
}

// broadStop says what a broad stop is on.
func broadStop(act string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return act + StoppedWords(e.Text("on"), e.Text("name")) }
}

// StoppedWords is the target of a broad stop in a sentence. name is the system's or the
// team's, or the issuer itself.
func StoppedWords(kind, name string) string {
	switch kind {
	case models.OnSystem:
		return strings.TrimSpace("the system " + name)
	case models.OnIssuer:
		return strings.TrimSpace("the identity issuer " + name)
	case models.OnTeam:
		return strings.TrimSpace("the team " + name)
	case models.OnAll:
		return "everything"
	}
	return "something broad"
}

// drafted: what is carried over for a new manifest says from where.
func drafted(e models.HistoryEntry) string {
	text := "started a draft of " + historyVersion(e)
	if from := e.Number("carried_from"); from > 0 {
		text += ", carried over from version " + strconv.Itoa(from) + " for revision " + strconv.Itoa(e.Number("revision")) + " of the agent"
	}
	return text
}

func saved(part string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return "saved the " + part + " of " + historyVersion(e) }
}

func submittedVersion(e models.HistoryEntry) string {
	text := "submitted " + historyVersion(e)
	if tier := e.Text("tier"); tier != "" {
		text += ", tier " + tier
	}
	return text
}

func onVersion(act string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return act + " " + historyVersion(e) }
}

func signedOff(e models.HistoryEntry) string {
	text := "signed off " + historyVersion(e)
	if team := e.Text("team"); team != "" {
		text += " for " + team
	}
	if e.Number("round") > 1 {
		text += ", round " + strconv.Itoa(e.Number("round"))
	}
	switch e.Text("method") {
	case models.MethodFresh:
		text += ", with a fresh sign-in"
	case models.MethodPasskey:
		text += ", with a passkey"
	}
	switch others := e.Number("together") - 1; {
	case others == 1:
		text += ", together with one other"
	case others > 1:
		text += ", together with " + NumberWord(others) + " others"
	}
	return text
}

func succeeded(e models.HistoryEntry) string {
	text := "took over as " + historyRole(e)
	if _, ok := e.People["former"]; ok {
		text += " from " + historyName(e, "former")
	}
	return text + " of " + historyVersion(e)
}

func commented(e models.HistoryEntry) string {
	what := "commented on the "
	if e.Text("answers") != "" {
		what = "answered a comment on the "
	}
	part := models.WordsOf(models.CommentParts, or(e.Text("part"), models.CommentOnWhole))
	if e.Text("part") == models.CommentOnWhole {
		return strings.TrimSuffix(what, "the ") + historyVersion(e) + " as a whole"
	}
	return what + part + " of " + historyVersion(e)
}

func aboutPerson(before, key, after string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return before + historyName(e, key) + after }
}

// renamed says what something was called, and is.
func renamed(what string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		if e.Text("was") == e.Text("name") {
			return "changed the e-mail of " + what + e.Text("name")
		}
		return "changed the name of " + what + or(e.Text("was"), "that was chosen") + " to " + or(e.Text("name"), "another")
	}
}

func managerSet(e models.HistoryEntry) string {
	if e.Text("manager") == "" {
		return "set that " + historyName(e, "subject") + " has no manager"
	}
	return "set that the manager of " + historyName(e, "subject") + " is " + historyName(e, "manager")
}

func headSet(e models.HistoryEntry) string {
	if e.Text("head") == "" {
		return "set that the team " + or(e.Text("team"), "that was chosen") + " has no head"
	}
	return "set that the head of the team " + or(e.Text("team"), "that was chosen") + " is " + historyName(e, "head")
}

// pathSet says the steps of a team's escalation path.
func pathSet(e models.HistoryEntry) string {
	text := "set the escalation path of the team " + or(e.Text("team"), "that was chosen")
	steps, _ := e.Details["path"].([]any)
	if len(steps) == 0 {
		return text + " back to the standard one"
	}
	for i, s := range steps {
		word, _ := s.(string)
		if i == 0 {
			text += ": " + word
		} else {
			text += ", " + word
		}
	}
	return text
}

func granted(before, between string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		return before + historyName(e, "subject") + between + historyRole(e)
	}
}

func mapped(before, after string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		return before + or(e.Text("group"), "that was named") + after + historyRole(e)
	}
}

func rules(before, after string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		text := before
		if n := e.Number("rules"); n > 0 {
			text += " " + strconv.Itoa(n)
		}
		if after == "" || strings.HasPrefix(after, ",") {
			return text + after
		}
		return text + " " + after
	}
}

// killDone is how long a kill drill took.
func killDone(e models.HistoryEntry) string {
	return "ended the kill drill: it said no after " + Count(e.Number("milliseconds")) + " ms, and was let go on"
}

func brokeGlass(e models.HistoryEntry) string {
	text := "broke the glass: let " + historyVersion(e) + " run for " + Counted(e.Number("minutes"), "minute", "minutes")
	if team := e.Text("team"); team != "" {
		text += ", for " + team
	}
	if e.Text("method") == models.MethodPasskey {
		text += ", with a passkey"
	}
	return text
}

func reviewedEmergency(e models.HistoryEntry) string {
	found := "justified"
	if e.Text("verdict") == models.NotJustified {
		found = "not justified"
	}
	return "reviewed what ran under break glass of " + historyVersion(e) + ", and found it " + found
}

func answeredReview(e models.HistoryEntry) string {
	says := "it is right as it is"
	if e.Text("answer") == models.AnswerChange {
		says = "something should change"
	}
	return "answered the review as " + or(models.Role(e.Text("role")).Words(), "one of the three") + ": " + says
}

func closedReview(e models.HistoryEntry) string {
	small := "the review"
	if e.Text("kind") == models.ReviewOfChange {
		small = "the review of a change"
	}
	switch e.Text("decision") {
	case models.ReviewKeep:
		return "closed " + small + ", and kept it"
	case models.ReviewNarrow:
		return "closed " + small + ": it is to be narrowed"
	case models.ReviewRevoke:
		return "closed " + small + ", and revoked it"
	}
	return "closed " + small
}

// takenIn is what an import, or a published catalogue, brought into the catalogue.
func takenIn(e models.HistoryEntry) string {
	text := "took " + or(e.Text("name"), "a system") + " into the catalogue as "
	if file := e.Text("file"); file != "" {
		text += "“" + file + "” describes it"
	} else {
		text += "a file describes it"
	}
	if n := e.Number("operations"); n > 0 {
		text += ", with " + Count(n) + noun(n, " new operation", " new operations")
	}
	if n := e.Number("raised_operations"); n > 0 {
		text += ", and " + Count(n) + noun(n, " operation", " operations") + " raised; what is signed is not moved by it"
	}
	return text
}

func historyVersion(e models.HistoryEntry) string {
	if n := e.Number("version"); n > 0 {
		return "version " + strconv.Itoa(n)
	}
	return "the version"
}

func historyRole(e models.HistoryEntry) string {
	if r := e.Text("role"); r != "" {
		return models.Role(r).Words()
	}
	return "one of the roles"
}

func historyName(e models.HistoryEntry, key string) string {
	p, ok := e.People[key]
	switch {
	case !ok:
		return "somebody"
	case p.Team == "":
		return p.Name
	}
	return p.Name + " (" + p.Team + ")"
}

// alertsRaised says of what, where one task alone was told of.
func alertsRaised(e models.HistoryEntry) string {
	told, _ := e.Details["told"].([]any)
	if len(told) == 1 {
		if one, _ := told[0].(map[string]any); one != nil {
			if of, _ := one["alert"].(string); of != "" {
				return "alerted whoever watches it: " + of
			}
		}
	}
	return "alerted whoever watches it of what came of it at runtime"
}
