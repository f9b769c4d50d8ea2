package views

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// FieldError belongs to the field with that id (its name, unless it says
// otherwise). Field "" is about the whole form.
type FieldError struct{ Field, Message string }

// Errors are the errors of one form.
type Errors []FieldError

// For is the first message of a field, "" when it has none.
func (e Errors) For(field string) string {
	for _, err := range e {
		if err.Field == field {
			return err.Message
		}
	}
	return ""
}

// FormKeys are the hidden fields. CSRF goes as "csrf", ActID as "act_id" (the
// same form twice gives the first one's receipt), Digest as "digest" (what the
// person was shown), Revision as "revision". Empty ones are left out. More are
// name and value.
type FormKeys struct {
	CSRF, ActID, Digest, Revision string
	More                          [][2]string
}

// FormProps is a form that posts. Attrs may hold hx-post, hx-target and so on.
type FormProps struct {
	Action string
	ID     string
	Keys   FormKeys
	Attrs  templ.Attributes
}

// Field is a text input or a text area. ID is Name unless set. A field that is
// not Required says "(optional)".
type Field struct {
	ID, Name, Label string
	Hint, Error     string
	Value           string
	Required        bool
	Type            string // text (when ""), email, url, number, password, search
	InputMode       string
	Autocomplete    string
	Width           string // "short", "medium", or "" for the full measure
	Prefix, Suffix  string // units, beside the input
	Max             int    // characters; said in the hint and set as a soft limit
	Rows            int    // of a text area; 0 is 5
	Quiet           bool   // label for screen readers only (filter bars)
	Spellcheck      bool
	Attrs           templ.Attributes
}

func (f Field) id() string { return or(f.ID, f.Name) }

func (f Field) describedBy() string {
	return describedBy(f.id(), f.Hint, f.Error, f.Max > 0)
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(f.Rows)
}

func (f Field) inputClass() string {
	class := "input cs-input"
	if f.Width != "" {
		class += " cs-input-" + f.Width
	}
	if f.Error != "" {
		class += " cs-input-error"
	}
	return class
}

// spellcheck keeps names, addresses and patterns from being underlined, and
// from being sent to a browser's spelling service.
func (f Field) spellcheck() string { return strconv.FormatBool(f.Spellcheck) }

// Option is one choice. A disabled one says why in Hint.
type Option struct {
	Value, Label, Hint string
	Disabled           bool
}

// Choices is a select, a set of radios (Value) or of checkboxes (Values). The
// first input carries the group's id, so that an error can link to it.
type Choices struct {
	ID, Name, Label string
	Hint, Error     string
	Value           string
	Values          []string
	Options         []Option
	Required        bool
	Blank           string // a select's first, empty choice; "" leaves it out
	Inline          bool   // radios and checkboxes in a line
	Quiet           bool   // label for screen readers only (filter bars)
	Attrs           templ.Attributes
}

func (c Choices) id() string { return or(c.ID, c.Name) }

func (c Choices) optionID(i int) string {
	if i == 0 {
		return c.id()
	}
	return c.id() + "-" + strconv.Itoa(i+1)
}

func (c Choices) describedBy() string { return describedBy(c.id(), c.Hint, c.Error, false) }

func (c Choices) chosen(value string) bool {
	if c.Value != "" && c.Value == value {
		return true
	}
	for _, v := range c.Values {
		if v == value {
			return true
		}
	}
	return false
}

// Decision asks for one of three answers. Chosen is only for redrawing what the
// person sent; it stays "" on the first sight.
type Decision struct {
	Legend      string // what is asked, in one sentence
	Name        string // "" is "decision"
	Choices     [3]Option
	Chosen      string
	Error       string
	ReasonLabel string // "" is "Why?"
	ReasonHint  string
	Reason      string // as typed
	ReasonError string
	ReasonMax   int
}

func (d Decision) name() string { return or(d.Name, "decision") }

func (d Decision) optionID(i int) string {
	if i == 0 {
		return d.name()
	}
	return d.name() + "-" + strconv.Itoa(i+1)
}

// Kinds of buttons. Secondary is the default; a page has one primary.
const (
	ButtonPrimary   = "primary"
	ButtonSecondary = "secondary"
	ButtonQuiet     = "quiet"
	ButtonDanger    = "danger"
)

// ButtonProps is a submit button, or a link that looks like one when Href is set.
type ButtonProps struct {
	Label       string
	Kind        string
	Href        string
	Name, Value string
	Small       bool
	Attrs       templ.Attributes
}

func (b ButtonProps) class() string {
	class := "btn cs-btn"
	switch b.Kind {
	case ButtonPrimary:
		class += " btn-primary"
	case ButtonQuiet:
		class += " cs-btn-quiet"
	case ButtonDanger:
		class += " btn-error"
	default:
		class += " cs-btn-secondary"
	}
	if b.Small {
		class += " btn-sm"
	}
	return class
}

// StopProps is the stop. With Href it leads to a page; else it opens a form
// that posts "reason" to Action. It is always the last thing of RecordHead.
type StopProps struct {
	Label  string // "" is "Stop"
	What   string // "Invoice agent": "Stop Invoice agent"
	Effect string // what happens at once, and how it starts again
	Href   string
	Action string
	Keys   FormKeys
	Target Choices // what is stopped, where there is a choice; none without options
	Reason string  // as typed, when redrawn
	Error  string  // of the reason; opens the form
}

func (s StopProps) label() string {
	label := or(s.Label, "Stop")
	if s.What == "" {
		return label
	}
	return label + " " + s.What
}

func describedBy(id, hint, message string, count bool) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if count {
		ids = append(ids, id+"-count")
	}
	if message != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}

func limitText(limit int) string {
	return fmt.Sprintf("Up to %s characters", Count(limit))
}
