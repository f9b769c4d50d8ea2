package handlers

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strconv"

	"countersign/importers"
	"countersign/models"
	"countersign/views"
)

// AgentImportAsk asks for an agent card: any business owner. With "into" it is
// for an agent of their own.
func AgentImportAsk(r *Request) error {
	target, err := r.importInto(r.Query("into"))
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.AgentImport(r.Head("Import an agent card", "Agents"), views.AgentImportPage{Keys: r.Keys(), Into: target}))
}

// importInto is the viewer's own agent that an import is to update, nil for none.
func (r *Request) importInto(id string) (*views.AgentImportTarget, error) {
	if id == "" || id == "new" {
		return nil, nil
	}
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, id)
	if err != nil {
		return nil, err
	}
	if !r.ownsAgent(rec) || rec.Agent.State == models.AgentRetired {
		return nil, models.Refusal(models.Forbidden, "agent.owner", "Only the agent's business owner can import a card into it, while it is not retired.")
	}
	t := views.AgentImportTarget{ID: rec.Agent.ID, Name: rec.Agent.Name, State: rec.Agent.State}
	if rec.Import != nil {
		t.ImportedAt = r.Local(rec.Import.CreatedAt)
	}
	return &t, nil
}

// cardFile is what was sent to be read, and under which name.
type cardFile struct {
	name   string
	data   []byte
	pasted bool
}

// AgentImport reads a card, shows what it says, and only when that is confirmed
// makes or updates a draft: any business owner, in agents of their own. Whatever
// comes with the confirmation, the file itself is read again.
func AgentImport(r *Request) error {
	file, problem, err := r.sentCard()
	if err != nil {
		return err
	}
	if problem != nil {
		return r.refuseCard(file, *problem, nil)
	}
	things := importers.Read(file.name, file.data)
	if !slices.ContainsFunc(things, readable) {
		return r.refuseCard(file, views.FieldError{Field: cardField(file), Message: refusedBecause(things[0])}, things)
	}
	pick := r.pickIn(things)
	if pick >= 0 && r.Form("confirm") == "yes" {
		return r.saveImport(file, things, pick)
	}
	page, err := r.preview(file, things, pick)
	if err != nil {
		return err
	}
	return r.drawPreview(http.StatusOK, page)
}

func readable(i models.Imported) bool { return !i.Refused() && i.Agent != nil }

func refusedBecause(i models.Imported) string {
	if len(i.Warnings) == 0 {
		return "This does not describe an agent. Import the agent's card."
	}
	w := i.Warnings[0]
	return w.Message + " (At " + w.Where + ".)"
}

func cardField(f cardFile) string {
	if f.pasted {
		return "card"
	}
	return "file"
}

// sentCard is the file of the form: carried from the preview, chosen, or pasted.
func (r *Request) sentCard() (cardFile, *views.FieldError, error) {
	if content := r.Form("content"); content != "" {
		data, err := base64.RawURLEncoding.DecodeString(content)
		if err != nil {
			return cardFile{}, &views.FieldError{Field: "file", Message: "The file did not come back whole. Choose it again."}, nil
		}
		return cardFile{name: r.Form("name"), data: data}, nil, nil
	}
	pasted := cardFile{name: r.Form("source"), data: []byte(r.Request().PostForm.Get("card")), pasted: true}
	if pasted.name == "" {
		pasted.name = "pasted text"
	}
	var chosen *cardFile
	if form := r.Request().MultipartForm; form != nil && len(form.File["file"]) > 0 && form.File["file"][0].Filename != "" {
		sent := form.File["file"][0]
		f, err := sent.Open()
		if err != nil {
			return cardFile{}, nil, err
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, importers.MaxBytes+1))
		if err != nil {
			return cardFile{}, nil, err
		}
		chosen = &cardFile{name: sent.Filename, data: data}
	}
	switch {
	case chosen != nil && r.Form("card") != "":
		return pasted, &views.FieldError{Field: "card", Message: "Choose a file or paste its text, not both."}, nil
	case chosen != nil:
		return *chosen, nil, nil
	case r.Form("card") == "":
		return pasted, &views.FieldError{Field: "file", Message: "Choose the file that holds the agent's card, or paste its text."}, nil
	}
	return pasted, nil, nil
}

// refuseCard asks for another file, says why, and keeps what was pasted.
func (r *Request) refuseCard(file cardFile, problem views.FieldError, things []models.Imported) error {
	page := views.AgentImportPage{Keys: r.Keys(), Errors: views.Errors{problem}}
	if file.pasted {
		page.Pasted, page.Source = string(file.data), r.Form("source")
	}
	for _, i := range things {
		page.Refused = append(page.Refused, views.AgentRefusal{File: i.File, Format: i.Format, Warnings: i.Warnings})
	}
	var err error
	if page.Into, err = r.importInto(r.Form("into")); err != nil {
		return err
	}
	head := r.Head("Import an agent card", "Agents")
	head.Failed = true
	return r.Render(http.StatusUnprocessableEntity, views.AgentImport(head, page))
}

// pickIn is the one of several things that was chosen; -1 while none is.
func (r *Request) pickIn(things []models.Imported) int {
	if len(things) == 1 {
		return 0
	}
	n, err := strconv.Atoi(r.Form("pick"))
	if err != nil || n < 0 || n >= len(things) || !readable(things[n]) {
		return -1
	}
	return n
}

// preview is what the file says, before anything is saved.
func (r *Request) preview(file cardFile, things []models.Imported, pick int) (views.AgentPreviewPage, error) {
	page := views.AgentPreviewPage{Keys: r.Keys(), Content: base64.RawURLEncoding.EncodeToString(file.data), File: things[0].File, Format: things[0].Format,
		Digest: things[0].Digest, Now: r.Now(), Pick: pick, Into: r.Form("into")}
	if len(things) > 1 {
		for no, i := range things {
			one := views.AgentInFile{No: no, Name: i.Name, Kind: i.Kind, Warnings: len(i.Warnings)}
			if !readable(i) {
				one.Refused = refusedBecause(i)
			}
			page.Several = append(page.Several, one)
		}
	}
	if pick < 0 {
		return page, nil
	}
	in := things[pick]
	page.Name, page.Format, page.Warnings = in.Name, in.Format, in.Warnings
	var fields []views.AgentOrigin
	for _, f := range in.Agent.Fields {
		fields = append(fields, views.AgentOrigin{Field: f.Field, Value: f.Value, Pointer: f.Pointer, Line: f.Line, Status: f.Status, Note: f.Note})
	}
	page.Fields, page.Ignored, page.Further = views.SplitOrigins(fields)
	for no, s := range in.Agent.Skills {
		page.Skills = append(page.Skills, views.AgentSuggestion{No: no, Name: s.Name, Description: s.Description})
	}
	return page, r.importTargets(in, &page)
}

// importTargets are the viewer's agents that this file may be meant for.
func (r *Request) importTargets(in models.Imported, page *views.AgentPreviewPage) error {
	plans, err := r.App.Store.ImportPlans(r.Ctx(), r.Viewer, models.ImportRows([]models.Imported{in}), []string{""})
	if err != nil {
		return err
	}
	for _, m := range plans[0].Matches {
		t := views.AgentImportTarget{ID: m.ID, Name: m.Name, State: m.State, SameFile: m.SameFile}
		if m.ImportedAt != 0 {
			t.ImportedAt = r.Local(m.ImportedAt)
		}
		page.Targets = append(page.Targets, t)
	}
	known := slices.ContainsFunc(page.Targets, func(t views.AgentImportTarget) bool { return t.ID == page.Into })
	if page.Into == "" || page.Into == "new" || known {
		return nil
	}
	asked, err := r.importInto(page.Into)
	if err == nil {
		page.Targets = append([]views.AgentImportTarget{*asked}, page.Targets...)
	}
	return err
}

func (r *Request) drawPreview(status int, page views.AgentPreviewPage) error {
	head := r.Head("What the file says", "Import an agent card")
	head.Failed = len(page.Errors) > 0
	return r.Render(status, views.AgentPreview(head, page))
}

// saveImport makes the draft, or updates the one that was chosen.
func (r *Request) saveImport(file cardFile, things []models.Imported, pick int) error {
	page, err := r.preview(file, things, pick)
	if err != nil {
		return err
	}
	if len(page.Targets) > 0 && page.Into == "" {
		page.Errors = views.Errors{{Field: "into", Message: "Choose where it should go."}}
		return r.drawPreview(http.StatusUnprocessableEntity, page)
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	into, in := page.Into, things[pick]
	receipt, err := r.App.Store.DecideImport(r.Ctx(), act, models.ImportRows(things)[pick], into)
	if errs, status, ok := formErrors(err); ok {
		page.Errors = errs
		return r.drawPreview(status, page)
	}
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "“"+in.Name+"” is saved as a draft. Fill in what the file does not say, then register it.")
	return r.Redirect("/agents/" + receipt.Subject + "/register")
}

// AgentOrigins says where each field of the newest import came from: whoever may
// see the agent.
func AgentOrigins(r *Request) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if rec.Import == nil {
		return models.Refusal(models.NotFound, "not_found", "This agent was not imported from a file.")
	}
	page := views.AgentOriginsPage{ID: rec.Agent.ID, Name: rec.Agent.Name, File: rec.Import.File, Format: rec.Import.Format, Digest: rec.Import.SHA256,
		At: r.Local(rec.Import.CreatedAt), Now: r.Now()}
	page.Fields, page.Ignored, page.Further = views.SplitOrigins(r.origins(rec))
	return r.Render(http.StatusOK, views.AgentOrigins(r.Head("Where each field came from", rec.Agent.Name), page))
}
