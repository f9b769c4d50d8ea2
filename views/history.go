package views

import (
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// HistoryProps is a piece of a history, newest first. A page of a record draws
// it under its own head and tabs.
type HistoryProps struct {
	Entries []models.HistoryEntry
	Now     time.Time // its location is the reader's
	Of      string    // "agent" when the capability of each act is to be named
	Older   string    // the address of what came before, or ""
	Newest  string    // the address of the beginning, "" when this is it
}

// historyWhen is the moment of an act at the reader's place.
func (h HistoryProps) when(e models.HistoryEntry) time.Time {
	return e.At.Time().In(h.Now.Location())
}

func (h HistoryProps) pager() PagerProps {
	return PagerProps{Previous: h.Newest, Next: h.Older, Shown: len(h.Entries), Total: -1, Noun: "acts"}
}

// HistoryWho is the name of who acted: what no person did, Countersign did.
func HistoryWho(e models.HistoryEntry) string {
	switch {
	case e.ActorID == models.SystemActor:
		return "Countersign"
	case e.Actor.Name == "":
		return "Somebody"
	}
	return e.Actor.Name
}

// historyDigest is the digest that an act was about, or "".
func historyDigest(e models.HistoryEntry) string { return e.Text("digest") }

// historyOn leads over to the digest.
func historyOn(e models.HistoryEntry) string {
	if historyDigest(e) == "" {
		return ""
	}
	return ", on digest"
}

// historyThen is what followed from the act by itself.
func historyThen(e models.HistoryEntry) string {
	var then []string
	if e.Act == "version.signed_off" && e.Text("mandate") != "" {
		then = append(then, "Nothing more was needed: it is in force.")
	}
	if e.Text("emergency_ended") != "" && e.Act != "emergency.stopped" {
		then = append(then, "What ran under break glass ended with it.")
	}
	if held := e.Text("held"); held != "" {
		then = append(then, held)
	}
	return strings.Join(then, " ")
}

// historyReason is what the person said, in their own words.
func historyReason(e models.HistoryEntry) string {
	return or(e.Text("reason"), e.Text("cause"))
}

// historyState is the state that the act led to, where that is a state.
func historyState(e models.HistoryEntry) string {
	switch s := models.State(e.Outcome); s {
	case models.Proposed, models.InReview, models.Approved, models.Live, models.ChangesRequested,
		models.Rejected, models.Withdrawn, models.Superseded, models.Revoked, models.Expired:
		return s.Words()
	}
	if e.Outcome == "held" {
		return "held"
	}
	return ""
}

// HistoryWhat is an act as the rest of a sentence that begins with who did it.
// Of an act that it has no words for it says the ledger's own.
func HistoryWhat(e models.HistoryEntry) string {
	if words, ok := historyWords[e.Act]; ok {
		return words(e) + historyOnBehalf(e)
	}
	return "recorded “" + e.Act + "”"
}

// historyOnBehalf names the person whom the one who acted stood in for.
func historyOnBehalf(e models.HistoryEntry) string {
	if e.Text("on_behalf") == "" {
		return ""
	}
	return ", on behalf of " + historyName(e, "on_behalf")
}

func said(text string) func(models.HistoryEntry) string {
	return func(models.HistoryEntry) string { return text }
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

// with puts a detail between two texts; without the detail it says less.
func with(before, key, after, less string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string {
		if v := e.Text(key); v != "" {
			return before + v + after
		}
		return less
	}
}

func onVersion(act string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return act + " " + historyVersion(e) }
}

func historyVersion(e models.HistoryEntry) string {
	if n := e.Number("version"); n > 0 {
		return "version " + strconv.Itoa(n)
	}
	return "the version"
}

func saved(part string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return "saved the " + part + " of " + historyVersion(e) }
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

func aboutPerson(before, key, after string) func(models.HistoryEntry) string {
	return func(e models.HistoryEntry) string { return before + historyName(e, key) + after }
}

// historyWords has the words of every act that the rules know; a test looks for
// each of them in the rules' source.
var historyWords = map[string]func(models.HistoryEntry) string{
	"agent.drafted":    with("made a draft of the agent “", "name", "”", "made a draft of the agent"),
	"agent.saved":      savedStep,
	"agent.registered": registeredRevision,
	"agent.retired":    said("retired the agent for good"),
	"agent.imported":   importedFile,
	"agent.stopped":    said("stopped the whole agent"),
	"agent.seen_with":  seenWith,
	"found.claimed":    with("claimed the agent, which “", "file", "” names, and made a draft of it", "claimed the agent and made a draft of it"),
	"found.dismissed":  with("dismissed “", "name", "”, which was found: it is none of ours", "dismissed what was found: it is none of ours"),
	"found.reopened":   with("opened “", "name", "”, which was found, again", "opened what was found again"),

	"capability.drafted":      with("wrote the task “", "title", "” as a first draft", "wrote a task as a first draft"),
	"capability.stopped":      said("stopped the capability"),
	"broad_stop.placed":       broadStop("stopped "),
	"broad_stop.lifted":       broadStop("lifted the stop of "),
	"version.drafted":         drafted,
	"version.task_saved":      saved("task boundary"),
	"version.scope_saved":     saved("scope"),
	"version.oversight_saved": saved("oversight plan"),
	"version.submitted":       submittedVersion,
	"version.withdrawn":       onVersion("withdrew"),
	"version.signed_off":      signedOff,
	"version.sent_back":       onVersion("asked for changes in"),
	"version.refused":         onVersion("refused"),
	"version.went_live":       onVersion("put in force"),
	"version.lapsed":          func(e models.HistoryEntry) string { return "let the approval of " + historyVersion(e) + " lapse" },
	"version.revoked":         onVersion("revoked"),
	"role.nominated": func(e models.HistoryEntry) string {
		return "nominated " + historyName(e, "nominee") + " as " + historyRole(e)
	},
	"role.accepted": func(e models.HistoryEntry) string {
		return "accepted to be " + historyRole(e) + " of " + historyVersion(e)
	},
	"role.declined":     func(e models.HistoryEntry) string { return "declined to be " + historyRole(e) },
	"role.succeeded":    succeeded,
	"sign_off.recalled": func(e models.HistoryEntry) string { return "took their sign-off of " + historyVersion(e) + " back" },
	"comment.added":     commented,
	"successors.wanted": said("asked for a successor of somebody who has left"),
	"restart.asked":     onVersion("asked for a restart of"),
	"restart.refused":   said("refused the restart; the stop stands"),

	"person.added":                 with("added ", "name", "", "added a person"),
	"person.left":                  aboutPerson("deactivated ", "subject", ""),
	"person.bootstrapped":          said("made the first administrator, as the operator’s configuration says"),
	"delegation.given":             aboutPerson("asked ", "person", " to stand in for them"),
	"delegation.ended":             aboutPerson("took back that ", "person", " stands in for them"),
	"delegation.declined":          aboutPerson("declined to stand in for ", "person", ""),
	"passkeys.asked_for":           said("asked for new sign-offs, by passkeys: it was signed before they were asked for"),
	"passkey.added":                with("added the passkey ", "passkey", "", "added a passkey"),
	"passkey.renamed":              with("gave a passkey the name ", "passkey", "", "renamed a passkey"),
	"passkey.removed":              with("removed the passkey ", "passkey", "", "removed a passkey"),
	"channels.chosen":              said("chose by what they are told"),
	"channel.added":                with("added the hook ", "channel", "", "added a hook"),
	"channel.removed":              with("removed the hook ", "channel", "", "removed a hook"),
	"channel.gone":                 with("switched off the hook ", "channel", ", which answered that it is gone", "switched off a hook that is gone"),
	"channel.tested":               with("asked for a test by ", "channel", "", "asked for a test message"),
	"channel.organisation_added":   with("added the organisation’s hook ", "channel", "", "added a hook of the organisation"),
	"channel.organisation_removed": with("removed the organisation’s hook ", "channel", "", "removed a hook of the organisation"),
	"calendar.made":                said("gave their calendar an address"),
	"calendar.revoked":             said("switched the address of their calendar off"),
	"notice.retried":               said("had a notice that was given up sent again"),
	"person.time_zone_set":         with("set their time zone to ", "time_zone", "", "set their time zone"),
	"person.keys_switched":         with("switched keys on the keyboard ", "keys", "", "switched keys on the keyboard on or off"),
	"person.renamed":               renamed("the person "),
	"person.hours_set":             with("set their working hours to ", "hours", "", "set their working hours"),
	"person.manager_set":           managerSet,
	"team.head_set":                headSet,
	"owner.wanted":                 said("asked for a new owner: the owner has left"),
	"owner.nominated":              aboutPerson("asked ", "nominee", " to take over as the agent’s owner"),
	"owner.succeeded":              aboutPerson("took over as the agent’s owner from ", "former", ""),
	"owner.declined":               said("declined to be the agent’s owner"),
	"team.path_set":                pathSet,
	"team.renamed":                 renamed("the team "),
	"team.added":                   with("added the team ", "name", "", "added a team"),
	"team.joined": func(e models.HistoryEntry) string {
		return "put " + historyName(e, "subject") + " in the team " + or(e.Text("team"), "that was chosen")
	},
	"team.left": func(e models.HistoryEntry) string {
		return "took " + historyName(e, "subject") + " out of the team " + or(e.Text("team"), "that was chosen")
	},
	"grant.given":              granted("gave ", " the role "),
	"grant.ended":              granted("took from ", " the role "),
	"group.mapped":             mapped("set that members of the group “", "” get the role "),
	"group.unmapped":           mapped("ended that members of the group “", "” get the role "),
	"people.link_proposed":     aboutPerson("proposed that an account belongs to ", "person", ""),
	"people.linked":            aboutPerson("confirmed that an account belongs to ", "person", ""),
	"people.link_withdrawn":    aboutPerson("withdrew the proposal that an account belongs to ", "person", ""),
	"people.split_proposed":    aboutPerson("proposed that an account belongs to another person: ", "person", ""),
	"people.split":             aboutPerson("confirmed that an account belongs to another person: ", "person", ""),
	"people.split_withdrawn":   aboutPerson("withdrew the proposal that an account belongs to another person: ", "person", ""),
	"people.merge_proposed":    aboutPerson("proposed that ", "person", " and another are one person"),
	"people.merged":            aboutPerson("confirmed that ", "person", " and another are one person"),
	"people.merge_withdrawn":   aboutPerson("withdrew the proposal that ", "person", " and another are one person"),
	"rules.set":                rules("put tier rules", "in force"),
	"rules.proposed":           rules("proposed tier rules", "that loosen something; a second administrator has to confirm them"),
	"rules.confirmed":          rules("confirmed tier rules", ", which are now in force"),
	"rules.withdrawn":          rules("withdrew the proposed tier rules", ""),
	"gateway.made":             with("made a key for the gateway ", "name", "", "made a key for a gateway"),
	"gateway.revoked":          with("revoked the key of the gateway ", "name", "", "revoked a gateway’s key"),
	"forbid.proposed":          with("proposed the forbid “", "name", "”; a second administrator has to confirm it", "proposed a forbid; a second administrator has to confirm it"),
	"forbid.confirmed":         with("confirmed the forbid “", "name", "”, which is now in force", "confirmed a forbid, which is now in force"),
	"forbid.withdrawn":         with("withdrew the proposed forbid “", "name", "”", "withdrew a proposed forbid"),
	"forbid.end_proposed":      with("proposed to end the forbid “", "name", "”; a second administrator has to confirm it", "proposed to end a forbid; a second administrator has to confirm it"),
	"forbid.ended":             with("confirmed that the forbid “", "name", "” ends", "confirmed that a forbid ends"),
	"forbid.kept":              with("withdrew the proposal to end the forbid “", "name", "”", "withdrew the proposal to end a forbid"),
	"emergency_path.proposed":  said("proposed to switch the emergency path on; a second administrator has to confirm it"),
	"emergency_path.on":        said("confirmed that the emergency path is switched on"),
	"emergency_path.withdrawn": said("withdrew the proposal to switch the emergency path on"),
	"emergency_path.off":       said("switched the emergency path off"),
	"drill.asked":              aboutPerson("asked ", "person", ", unannounced, whether they answer for it"),
	"drill.missed":             aboutPerson("recorded that ", "person", " did not answer a drill in time"),
	"drill.answered":           said("answered a drill"),
	"drill.called_off":         aboutPerson("ended the drill of ", "person", ", who does not answer for it any more"),
	"kill_drill.planned":       with("planned a kill drill: “", "why", "”", "planned a kill drill"),
	"kill_drill.called_off":    with("called the kill drill off: “", "why", "”", "called the kill drill off"),
	"kill_drill.begun":         said("held it for a kill drill"),
	"kill_drill.done":          killDone,
	"kill_drill.failed":        said("ended a kill drill that did not see it stop; a stop stands in its place"),
	"emergency.opened":         brokeGlass,
	"emergency.stopped":        said("stopped what ran under break glass"),
	"emergency.reviewed":       reviewedEmergency,
	"duties.reminded":          said("told whom it leads to that something owed here was not done"),
	"renewal.wanted":           said("asked its owner to renew it, or let it end on its last day"),
	"reviews.opened":           said("opened its review: it is due to be looked at again"),
	"review.opened":            said("opened a small review: something changed beside what is signed"),
	"review.answered":          answeredReview,
	"review.closed":            closedReview,
	"review.missed":            said("held it: its review was not done in time"),
	"review.moot":              said("ended its review: what it was about is not in force any more"),
	"system.added":             with("added the system ", "name", " to the catalogue", "added a system to the catalogue"),
	"system.imported":          takenIn,
	"system.changed":           with("changed the system ", "name", " in the catalogue; what is signed is not moved by it", "changed a system in the catalogue"),
	"system.retired":           with("took the system ", "name", " out of the catalogue", "took a system out of the catalogue"),
	"operation.added":          with("added the operation ", "name", "", "added an operation"),
	"operation.changed":        with("changed the operation ", "name", "; what is signed is not moved by it", "changed an operation"),
	"operation.retired":        with("took the operation ", "name", " out of the catalogue", "took an operation out of the catalogue"),
	"secret.added":             with("added a reference to the secret ", "name", "", "added a reference to a secret"),
	"secret.retired":           with("took the reference to the secret ", "name", " out of the catalogue", "took a reference to a secret out of the catalogue"),
	"account.seen":             said("saw an account sign in that belongs to nobody yet"),
	"account.signed_in":        said("took over what the identity provider says of the account and its groups"),
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

// killDone is how long a kill drill took.
func killDone(e models.HistoryEntry) string {
	return "ended the kill drill: it said no after " + Count(e.Number("milliseconds")) + " ms, and was let go on"
}

func answeredReview(e models.HistoryEntry) string {
	says := " that it is right as it is"
	if e.Text("answer") == models.AnswerChange {
		says = " that something should change"
	}
	return "answered the review as " + or(models.Role(e.Text("role")).Words(), "one of the three") + ":" + says
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

func submittedVersion(e models.HistoryEntry) string {
	text := "submitted " + historyVersion(e)
	if tier := e.Text("tier"); tier != "" {
		text += ", tier " + tier
	}
	return text
}

// drafted: what is carried over for a new manifest says from where.
func drafted(e models.HistoryEntry) string {
	text := "started a draft of " + historyVersion(e)
	if from := e.Number("carried_from"); from > 0 {
		text += ", carried over from version " + strconv.Itoa(from) + " for revision " + strconv.Itoa(e.Number("revision")) + " of the agent"
	}
	return text
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

func succeeded(e models.HistoryEntry) string {
	text := "took over as " + historyRole(e)
	if _, ok := e.People["former"]; ok {
		text += " from " + historyName(e, "former")
	}
	return text + " of " + historyVersion(e)
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
