package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"countersign/models"
)

// Thread is what was said about one part of a version.
type Thread struct {
	Part    string // of models.CommentParts
	Alone   bool   // it stands under its part: its head is one level lower
	Lines   []ThreadLine
	More    More // of the same part, elsewhere
	Earlier *EarlierComments
	Form    *CommentForm // nil for whoever may not comment
	Refused string       // why nothing was recorded, where no field is to blame
}

// EarlierComments are on the version that this one was drafted from.
type EarlierComments struct {
	No    int
	Lines []CommentLine
	More  int
}

func (e EarlierComments) title() string {
	return "On version " + strconv.Itoa(e.No) + ": " + plural(len(e.Lines)+e.More, "comment")
}

// ThreadLine is one comment with its answers.
type ThreadLine struct {
	CommentLine
	Answers []CommentLine
}

// CommentLine is one comment.
type CommentLine struct {
	ID, Who, Team, Href string
	You, New            bool // New: it was just added
	At                  time.Time
	Text                string
	Asked               string // what it answers, where that is not above it
	ReplyHref           string // where it is answered; "" where this person may not
	Reply               *CommentForm
}

func (c CommentLine) id() string { return "comment-" + c.ID }

// CommentForm adds a comment, or an answer where Answers is set.
type CommentForm struct {
	Action  string
	Keys    FormKeys
	Part    string
	View    string // where to come back to
	Answers string
	Text    string // as typed
	Error   string
	Open    bool
}

// ID is the id of its text.
func (f CommentForm) ID() string {
	if f.Answers != "" {
		return "answer-" + f.Answers
	}
	return "comment-on-" + f.Part
}

func (f CommentForm) label() string {
	if f.Answers != "" {
		return "Your answer"
	}
	return "Your comment on the " + partWords(f.Part)
}

func (f CommentForm) hidden() FormKeys {
	keys := f.Keys
	keys.More = append(keys.More[:len(keys.More):len(keys.More)], [2]string{"part", f.Part}, [2]string{"view", f.View})
	if f.Answers != "" {
		keys.More = append(keys.More, [2]string{"answers", f.Answers})
	}
	return keys
}

// attrs: where scripts run the thread alone is swapped, so that what is typed
// elsewhere on the page stays.
func (f CommentForm) attrs() templ.Attributes {
	return templ.Attributes{"hx-post": f.Action, "hx-target": "#thread-" + f.Part, "hx-swap": "outerHTML show:none"}
}

func (f CommentForm) fieldAttrs() templ.Attributes {
	if f.Error != "" || f.Answers != "" {
		return templ.Attributes{"data-focus": true}
	}
	return nil
}

func (t Thread) id() string { return "thread-" + t.Part }

func (t Thread) title() string {
	if t.Part == models.CommentOnWhole {
		return "Comments on it as a whole"
	}
	return "Comments on the " + partWords(t.Part)
}

func partWords(part string) string { return models.WordsOf(models.CommentParts, part) }

// swap is for a link that shows the form of an answer in place.
func (t Thread) swap(href string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-target": "#" + t.id(), "hx-select": "#" + t.id(), "hx-swap": "outerHTML show:none"}
}
