package views

import (
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

// when is the moment of an act at the reader's place.
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

// historyOn leads over to the digest.
func historyOn(e models.HistoryEntry) string {
	if historyDigest(e) == "" {
		return ""
	}
	return ", on digest"
}

// historyDigest is the digest that an act was about, or "".
func historyDigest(e models.HistoryEntry) string { return e.Text("digest") }

// historyReason is what the person said, in their own words.
func historyReason(e models.HistoryEntry) string {
	return or(e.Text("reason"), e.Text("cause"))
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
	"found.asked":      foundAsked,
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
	"decisions.sealed":         said("sealed a part of the log of decisions"),
	"alerts.raised":            alertsRaised,
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
