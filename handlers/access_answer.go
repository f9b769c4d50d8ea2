package handlers

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// answerRoom is room for an answer, used again.
var answerRoom = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// answered sends one answer as it is.
func (r *Request) answered(a accessAnswer) error {
	room := answerRoom.Get().(*[]byte) //nolint:forcetypeassert // nothing else is put in
	defer answerRoom.Put(room)
	*room = a.append((*room)[:0])
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, *room) // which copies it
}

// answeredAll sends those of a batch.
func (r *Request) answeredAll(all []accessAnswer) error {
	b := append(make([]byte, 0, 64+400*len(all)), `{"evaluations":[`...)
	for i, a := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.append(b)
	}
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(b, "]}"...))
}

// append writes the answer as JSON: by hand, since every decision pays for it.
func (a accessAnswer) append(b []byte) []byte {
	b = strconv.AppendBool(append(b, `{"decision":`...), a.Decision)
	c := a.Context
	if c == nil {
		return append(b, '}')
	}
	b = append(b, `,"context":{`...)
	from := len(b)
	member := func(name string) {
		if len(b) > from {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":`...)
	}
	text := func(name, value string) {
		if value != "" {
			member(name)
			b = quoted(b, value)
		}
	}
	text("id", c.ID)
	text("rule", c.Rule)
	if c.Says != "" {
		member("reason_user")
		b = append(quoted(append(b, `{"en":`...), c.Says), '}')
		member("reason_admin")
		b = append(quoted(append(b, `{"en":`...), c.Says+" "+c.Remedy), '}')
	}
	text("remedy", c.Remedy)
	if len(c.Who) > 0 {
		member("who")
		for i, who := range c.Who {
			b = quoted(append(b, "[,"[min(i, 1)]), who)
		}
		b = append(b, ']')
	}
	text("capability", c.CapabilityID)
	text("version", c.VersionID)
	text("digest", c.Digest)
	if c.Error != nil {
		member("error")
		b = strconv.AppendInt(append(b, `{"status":`...), int64(c.Error.Status), 10)
		b = append(quoted(append(b, `,"message":`...), c.Error.Message), '}')
	}
	return append(b, "}}"...)
}

// quoted appends a JSON string. What is not UTF-8 does not come here from a request; if it
// does, it is replaced.
func quoted(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
