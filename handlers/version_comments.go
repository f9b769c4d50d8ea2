package handlers

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// threadsIn are the parts whose comments a view shows: those that stand in it, and
// in what is compared the comments on the whole.
var threadsIn = map[string][]string{
	models.LookChanges: {models.CommentOnWhole}, models.LookMine: {models.CommentOnWhole},
	models.LookWhole:    {string(models.TaskPart), string(models.ScopePart), string(models.OversightPart), models.CommentOnWhole},
	models.LookAgent:    {models.CommentOnAgent},
	models.LookComments: {models.CommentOnWhole, string(models.TaskPart), string(models.ScopePart), string(models.OversightPart), models.CommentOnAgent},
}

func threadIn(view, part string) bool { return slices.Contains(threadsIn[view], part) }

// threads adds what was said to the view.
func (v viewing) threads(talk store.Comments, back said, to *views.VersionView) {
	for _, part := range threadsIn[v.name] {
		to.Threads = append(to.Threads, v.thread(part, talk, back))
	}
	if v.name == models.LookComments {
		return
	}
	var elsewhere []string
	for _, p := range models.CommentParts {
		if n := talk.On[p.Value]; n > 0 && !threadIn(v.name, p.Value) {
			elsewhere = append(elsewhere, strconv.Itoa(n)+" on the "+p.Words)
		}
	}
	if n := len(talk.Earlier) + talk.More; n > 0 {
		elsewhere = append(elsewhere, strconv.Itoa(n)+" on version "+strconv.Itoa(talk.Before))
	}
	to.Talk, to.TalkAt = views.And(elsewhere), v.href(models.LookComments)
}

// thread is what was said about a part, as far as this page of comments goes.
func (v viewing) thread(part string, talk store.Comments, back said) views.Thread {
	t := views.Thread{Part: part, Alone: v.name == models.LookWhole && part != models.CommentOnWhole}
	at := map[string]int{}
	shown := 0
	for _, l := range talk.Lines {
		if l.Part != part {
			continue
		}
		shown++
		line := v.line(l, back.added)
		if l.Answers == nil {
			at[l.ID] = len(t.Lines)
			v.answering(l, back, &line)
			t.Lines = append(t.Lines, views.ThreadLine{CommentLine: line})
			continue
		}
		if i, here := at[*l.Answers]; here {
			t.Lines[i].Answers = append(t.Lines[i].Answers, line)
			continue
		}
		asked := talk.Asked[*l.Answers]
		line.Asked = asked.Who.Name + ": “" + beginning(asked.Text) + "”"
		t.Lines = append(t.Lines, views.ThreadLine{CommentLine: line})
	}
	if n := talk.On[part] - shown; n > 0 {
		t.More = v.olderComments(talk, n)
	}
	v.earlierOn(part, talk, &t)
	if v.c.MayComment(*v.c.Asked) == nil {
		t.Form = v.commentForm(part, "", back)
	}
	if back.part == part {
		t.Refused = back.refused
	}
	return t
}

// olderComments leads on: from a part to all comments, from these to older ones.
func (v viewing) olderComments(talk store.Comments, n int) views.More {
	href := v.href(models.LookComments)
	if talk.Older != "" && (v.name == models.LookComments || v.name == "") {
		href += "&before=" + talk.Older
	}
	return views.More{N: n, Noun: "on earlier pages, or later ones", Href: href}
}

func (v viewing) earlierOn(part string, talk store.Comments, t *views.Thread) {
	var lines []views.CommentLine
	for _, l := range talk.Earlier {
		if l.Part == part {
			line := v.line(l, "")
			if l.Answers != nil {
				line.Asked = "the one above"
				for _, x := range talk.Earlier {
					if x.ID == *l.Answers {
						line.Asked = x.Who.Name + ": “" + beginning(x.Text) + "”"
					}
				}
			}
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		t.Earlier = &views.EarlierComments{No: talk.Before, Lines: lines, More: 0}
		if v.name == models.LookComments && part == models.CommentOnWhole {
			t.Earlier.More = talk.More
		}
	}
}

func (v viewing) line(l store.CommentLine, added string) views.CommentLine {
	who := l.Who
	if who.Name == "" {
		who.Name = "Somebody"
	}
	return views.CommentLine{ID: l.ID, Who: who.Name, Team: who.Team, Href: "/people/" + l.PersonID, You: l.PersonID == v.Viewer.Person.ID,
		New: l.ID == added, At: v.Local(l.CreatedAt), Text: l.Text}
}

// answering adds the form of an answer, where it is asked for, or the way to it.
func (v viewing) answering(l store.CommentLine, back said, line *views.CommentLine) {
	if v.c.MayComment(*v.c.Asked) != nil {
		return
	}
	if (v.Query("answer") == l.ID && back.added == "") || (back.failed != 0 && back.answers == l.ID) {
		line.Reply = v.commentForm(l.Part, l.ID, back)
		return
	}
	view := v.name
	if view == "" || !threadIn(view, l.Part) {
		view = models.LookComments
	}
	line.ReplyHref = "/versions/" + v.c.Asked.Version.ID + "?view=" + view + "&answer=" + l.ID
	if before := v.Query("before"); before != "" && view == models.LookComments {
		line.ReplyHref += "&before=" + before
	}
}

// commentForm is the form of a part or of an answer; what was sent back is in the
// one that it was sent from.
func (v viewing) commentForm(part, answers string, back said) *views.CommentForm {
	f := &views.CommentForm{Action: "/versions/" + v.c.Asked.Version.ID + "/comments", Keys: v.newKeys(), Part: part, View: v.name, Answers: answers}
	if back.failed != 0 && back.part == part && back.answers == answers {
		f.Keys, f.Text, f.Error, f.Open = v.Keys(), back.text, back.problems.For(f.ID()), true
		if f.Error == "" {
			f.Error = back.problems.For("text")
		}
	}
	return f
}

// beginning is enough of a text to know it again.
func beginning(text string) string {
	const most = 120
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
