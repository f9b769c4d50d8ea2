package journeys_test

import (
	"time"

	"countersign/apptest/app"
)

// card is an A2A agent card as one comes across them: good enough to begin with,
// and with something to look at.
const card = `{
  "protocolVersion": "1.0",
  "name": "Reply helper",
  "description": "Answers employees' questions in the HR desk from the staff handbook.",
  "version": "0.4.0",
  "provider": {"organization": "Meridian", "url": "https://meridian.example"},
  "supportedInterfaces": [{"url": "https://agents.meridian.example/replies", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}],
  "capabilities": {},
  "defaultInputModes": ["text/plain"],
  "defaultOutputModes": ["text/plain"],
  "skills": [
    {"id": "answer", "name": "Answer a ticket", "description": "Drafts the answer to a ticket from the handbook.", "tags": ["hr"]},
    {"id": "sort", "name": "Sort tickets", "description": "Puts tickets into the right queue.", "tags": ["hr"]}
  ]
}`

// What the people of the journey write.
var (
	lastDay = time.Now().AddDate(1, 0, -7)

	madeOf = app.Values{"model": "claude-haiku-5", "code_version": "v0.4.0", "tool_access": "listed", "tools": "call_operation"}
	known  = app.Values{"issuer": "https://issuer.meridian.example", "subject": "spiffe://meridian.example/agent/reply-helper", "audience": "countersign"}

	boundary = app.Values{
		"title":      "Answer tickets from the handbook",
		"task":       "Reads a ticket in the HR desk, looks the answer up in the staff handbook, and replies with the page that says so.",
		"acceptable": "An answer that cites a page of the handbook, or a hand-over to a person.",
		"forbidden":  "An answer about one employee to another; advice that the handbook does not give.",
		"windows":    "Mon-Fri 07:00-19:00 Europe/Zurich", "volume_limit": "200",
		"sensitivity": "internal", "autonomy": "asks",
	}
	plan = app.Values{
		"signals": "Answers that people mark as wrong; more than 200 replies a day.", "alert_route": "Security Operations on-call",
		"escalation": "Control owner on duty\nHead of Security Operations",
		"stop_how":   "Press Stop on this page, then disable the service account.", "stop_by": "Any of the four; on-call at night", "stop_within_minutes": "10",
	}
)

// date is a date as the three fields of a form.
func date(into app.Values, name string, at time.Time) app.Values {
	for part, layout := range map[string]string{"day": "2", "month": "1", "year": "2006"} {
		into[name+"-"+part] = at.Format(layout)
	}
	return into
}

// with is values and more of them.
func with(values app.Values, more app.Values) app.Values {
	out := app.Values{}
	for _, from := range []app.Values{values, more} {
		for k, v := range from {
			out[k] = v
		}
	}
	return out
}
