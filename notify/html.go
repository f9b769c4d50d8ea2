package notify

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed message.html
var page string

var asHTML = template.Must(template.New("message").Parse(page))

// HTML is the message as one HTML document. It loads nothing from anywhere: no
// image, no style sheet, no script and nothing that tells whether it was read.
// html/template escapes every text where it stands.
func (m Message) HTML() (string, error) {
	var b strings.Builder
	err := asHTML.Execute(&b, struct {
		Message
		Foot string
	}{m.inert(mailed), foot})
	return b.String(), err
}
