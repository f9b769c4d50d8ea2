package models

import (
	"encoding/json"
	"strings"
)

// Urgent says whether a notice is sent at once whatever its recipient chose: it is
// not kept for the digest, and mail of it is sent to who wants no other mail. What
// stops, what is escalated, what is due today and what is asked unannounced is.
func (n OutboxRow) Urgent() bool {
	return urgent[n.Kind] || n.Kind == StepReminder && n.Says("days") == "0"
}

var urgent = map[string]bool{
	StepEscalation:                true,
	"stop.placed":                 true,
	"broad_stop.placed":           true,
	"hold.placed":                 true,
	"review.missed":               true,
	"review.held":                 true,
	"drill.missed":                true,
	"drill.held":                  true,
	"kill_drill.planned":          true, // it may be a quarter of an hour away
	"kill_drill.begun":            true,
	"kill_drill.failed":           true,
	"duty." + DutyDrill:           true,
	"duty." + DutyReviewEmergency: true,
	"duty." + DutyLift:            true,
	"emergency.opened":            true,
	"emergency.ended":             true,
	"person.left":                 true,
	NoticeAlert:                   true,
	NoticeAlerts:                  true,
	NoticeTest:                    true,
	NoticeHookGone:                true,
	NoticeHookChanged:             true,
}

// Kinds of notice that are about the channels themselves.
const (
	NoticeTest        = "channel.test"
	NoticeHookGone    = "channel.gone"
	NoticeHookChanged = "channel.organisation_changed"
	NoticeDrill       = "drill.asked"
	NoticeDigest      = "digest" // everything that was kept for a person's day, in one message
)

// Personal says whether a notice concerns nobody but its recipient, so that no hook
// of the organisation repeats it. Of a drill nobody is warned.
func (n OutboxRow) Personal() bool {
	if n.Kind == NoticeDigest || n.Kind == NoticeDrill || n.Kind == "comment.added" || n.Kind == "duty."+DutyDrill {
		return true
	}
	for _, own := range []string{"passkey.", "delegation.", "channel."} {
		if strings.HasPrefix(n.Kind, own) {
			return true
		}
	}
	return false
}

// Says is a value of the notice's detail; "" for none.
func (n OutboxRow) Says(key string) string { return n.Details()[key] }

// Details is what else the notice says of the moment.
func (n OutboxRow) Details() map[string]string {
	out := map[string]string{}
	if n.Detail != "" {
		// It was written by us; what does not parse says nothing.
		_ = json.Unmarshal([]byte(n.Detail), &out)
	}
	return out
}
