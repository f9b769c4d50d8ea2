package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"countersign/importers"
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Bounds of one import by page. The command line has others.
const (
	maxImportFiles = 50
	maxImportBytes = 12 << 20 // of all files together
)

// ImportAsk asks for files: business owners and administrators. With "into" they
// are for an agent of the viewer's own.
func ImportAsk(r *Request) error {
	return r.drawImportAsk(http.StatusOK, views.ImportAskPage{}, r.Query("into"))
}

func (r *Request) drawImportAsk(status int, page views.ImportAskPage, into string) (err error) {
	if page.Into, err = r.importInto(into); err != nil {
		return err
	}
	lists, err := r.App.Store.ImportLists(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	for _, l := range lists {
		page.Waiting = append(page.Waiting, views.ImportWaiting{Href: "/imports/" + l.ID, Label: l.Label, Things: l.Total, At: r.Local(l.CreatedAt)})
	}
	page.Keys, page.Now = r.Keys(), r.Now()
	page.Agents, page.Systems = r.Viewer.Has(models.BusinessOwner), r.Viewer.Has(models.Administrator)
	head := r.Head("Import", "Agents")
	head.Failed = len(page.Errors) > 0
	return r.Render(status, views.ImportAsk(head, page))
}

// importInto is the viewer's own agent that an import is to update, nil for none.
func (r *Request) importInto(id string) (*views.ImportTarget, error) {
	if id == "" {
		return nil, nil
	}
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, id)
	if err != nil {
		return nil, err
	}
	if !r.ownsAgent(rec) || rec.Agent.State == models.AgentRetired {
		return nil, models.Refusal(models.Forbidden, "agent.owner", "Only the agent's business owner can import a file into it, while it is not retired.")
	}
	return &views.ImportTarget{ID: rec.Agent.ID, Name: rec.Agent.Name}, nil
}

// ImportRead reads the files that were chosen or pasted, keeps what they say as a
// list of the viewer's own, and leads to it. Nothing is saved by that.
func ImportRead(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	page := views.ImportAskPage{Pasted: r.Request().PostForm.Get("card"), Source: r.Form("source")}
	files, problem, err := r.sentFiles()
	if err != nil {
		return err
	}
	if problem != nil {
		page.Errors = views.Errors{*problem}
		return r.drawImportAsk(http.StatusUnprocessableEntity, page, r.Form("into"))
	}
	rows := models.ImportRows(importers.ReadAll(files))
	if !slices.ContainsFunc(rows, func(x models.ImportRow) bool { return !x.Refused() }) {
		page.Errors, page.Refused = views.Errors{{Field: importField(files), Message: refusedBecause(rows[0].Imported)}}, importRefusals(rows)
		return r.drawImportAsk(http.StatusUnprocessableEntity, page, r.Form("into"))
	}
	into, err := r.importInto(r.Form("into"))
	if err != nil {
		return err
	}
	list := store.ImportList{ID: importListID(act), PersonID: r.Viewer.Person.ID, Label: importLabel(files)}
	if into != nil {
		list.IntoID = into.ID
	}
	kept, err := r.firstLook(list, rows)
	if err != nil {
		return err
	}
	if err := r.App.Store.KeepImport(r.Ctx(), list, kept); err != nil {
		return err
	}
	return r.Redirect("/imports/" + list.ID)
}

// importListID is the same for the same form, so that sending it twice makes one list.
func importListID(act models.Act) string {
	sum := sha256.Sum256([]byte(act.Person + "\x00" + act.ID))
	return "iml_" + hex.EncodeToString(sum[:10])
}

func importLabel(files []importers.File) string {
	if len(files) == 1 {
		if name := []rune(files[0].Name); len(name) > 200 {
			return string(name[:200])
		}
		return files[0].Name
	}
	return fmt.Sprintf("%d files", len(files))
}

// pastedText is the name of what was pasted without saying where it is from.
const pastedText = "pasted text"

func importField(files []importers.File) string {
	if len(files) == 1 && files[0].Name == pastedText {
		return "card"
	}
	return "file"
}

func refusedBecause(i models.Imported) string {
	if len(i.Warnings) == 0 {
		return "This describes no agent and no system."
	}
	w := i.Warnings[0]
	return w.Message + " (At " + w.Where + ".)"
}

// importRefusals are why files were not read, as far as a page goes.
func importRefusals(rows []models.ImportRow) []views.ImportRefusal {
	var out []views.ImportRefusal
	for _, x := range rows[:min(len(rows), 20)] {
		out = append(out, views.ImportRefusal{File: x.File, Format: x.Format, Warnings: x.Warnings})
	}
	return out
}

// sentFiles are the files of the form, and what was pasted as one more of them.
func (r *Request) sentFiles() (files []importers.File, problem *views.FieldError, err error) {
	refuse := func(field, message string) ([]importers.File, *views.FieldError, error) {
		return nil, &views.FieldError{Field: field, Message: message}, nil
	}
	total := 0
	if form := r.Request().MultipartForm; form != nil {
		sent := slices.DeleteFunc(slices.Clone(form.File["file"]), func(f *multipart.FileHeader) bool { return f.Filename == "" })
		if len(sent) > maxImportFiles {
			return refuse("file", fmt.Sprintf("You chose %d files. Choose at most %d at once, or use countersign import for a whole folder.", len(sent), maxImportFiles))
		}
		for _, f := range sent {
			data, err := readSent(f)
			if err != nil {
				return nil, nil, err
			}
			if total += len(data); total > maxImportBytes {
				return refuse("file", "The files are larger than 12 MiB together. Choose fewer at once.")
			}
			files = append(files, importers.File{Name: f.Filename, Data: data})
		}
	}
	if r.Form("card") != "" {
		text := r.Request().PostForm.Get("card")
		if total+len(text) > maxImportBytes {
			return refuse("card", "The text and the files are larger than 12 MiB together. Send them one after the other.")
		}
		name := r.Form("source")
		if name == "" {
			name = pastedText
		}
		if len([]rune(name)) > models.MaxLine {
			return refuse("source", fmt.Sprintf("Say in at most %d characters where the text is from.", models.MaxLine))
		}
		files = append(files, importers.File{Name: name, Data: []byte(text)})
	}
	if len(files) == 0 {
		return refuse("file", "Choose the files that describe agents or systems, or paste the text of one.")
	}
	return files, nil, nil
}

// readSent reads one byte more than a file may have, for the reader to say so.
func readSent(sent *multipart.FileHeader) ([]byte, error) {
	f, err := sent.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, importers.MaxBytes+1))
}

// firstLook says of each row what taking it in would do, and chooses those that
// need no answer: read without a warning, and new or a draft of the viewer's that
// was made from the same thing.
func (r *Request) firstLook(list store.ImportList, rows []models.ImportRow) ([]store.ImportListRow, error) {
	kept, into := make([]store.ImportListRow, len(rows)), make([]string, len(rows))
	only := onlyAgent(rows)
	for i := range rows {
		if list.IntoID != "" && i == only {
			into[i] = list.IntoID
		}
	}
	plans, err := r.App.Store.ImportPlans(r.Ctx(), r.Viewer, rows, into)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		k := store.ImportListRow{Outcome: row.Outcome, Plan: r.planOf(row, plans[i]), Target: into[i], Row: row}
		k.Chosen = row.Outcome == models.ImportClean && (k.Plan == store.PlanNew || k.Plan == store.PlanDraft)
		kept[i] = k
	}
	return kept, nil
}

// onlyAgent is the one row that is an agent; -1 where there are several or none.
func onlyAgent(rows []models.ImportRow) int {
	only := -1
	for i, row := range rows {
		if row.Agent != nil {
			if only >= 0 {
				return -1
			}
			only = i
		}
	}
	return only
}

// planOf is a row's plan for the viewer.
func (r *Request) planOf(row models.ImportRow, p store.ImportPlan) string {
	switch {
	case r.cannotTake(row) != "":
		return store.PlanNone
	case p.Problem != "":
		return store.PlanChoose
	case p.Same:
		return store.PlanSame
	case row.System != nil && p.System.System != nil:
		return store.PlanRegistered
	case row.System != nil, p.Agent == nil:
		return store.PlanNew
	case p.Agent.State == models.AgentDraft:
		return store.PlanDraft
	}
	return store.PlanRegistered
}

// cannotTake is why the viewer cannot take a row in, "" where they can.
func (r *Request) cannotTake(row models.ImportRow) string {
	switch {
	case row.Refused() && len(row.Warnings) > 0:
		return row.Warnings[0].Message
	case row.Agent != nil && !r.Viewer.Has(models.BusinessOwner):
		return "A business owner has to take in agents: it becomes theirs to register."
	case row.System != nil && !r.Viewer.Has(models.Administrator):
		return "An administrator has to take in systems."
	case row.Agent == nil && row.System == nil:
		return "Nothing by itself: what it says is part of the files that it belongs to."
	}
	return ""
}
