package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/views"
)

// AgentRevisions shows what was registered of an agent and how each revision
// differs from the one before: whoever may see the agent.
func AgentRevisions(r *Request) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	before, _ := strconv.Atoi(r.Query("before"))
	lines, more, err := r.App.Store.AgentRevisions(r.Ctx(), r.Viewer, rec.Agent.ID, before)
	if err != nil {
		return err
	}
	page := views.AgentRevisionsPage{AgentHead: r.agentHead(rec)}
	for i, l := range lines {
		is := l.Manifest()
		v := views.AgentRevision{No: l.No, Digest: l.Digest, Who: views.AgentPerson{Name: l.By.Name, Team: l.By.Team}, At: r.Local(l.CreatedAt), First: l.No == 1, ImportOdds: is.ImportedNotes}
		if i+1 < len(lines) {
			v.Changes = views.DiffLines(models.ManifestDifferences(lines[i+1].Manifest(), is))
		} else if more {
			break // there only to be compared with
		}
		page.Revisions = append(page.Revisions, v)
	}
	base := "/agents/" + rec.Agent.ID + "/revisions"
	if more {
		page.Older = base + "?before=" + strconv.Itoa(lines[len(lines)-2].No)
	}
	if before > 0 {
		page.Newest = base
	}
	head := r.Head("Revisions", rec.Agent.Name)
	return r.Render(http.StatusOK, views.AgentRevisions(head, page))
}

// AgentHistory shows what the ledger says of an agent: whoever may see the
// agent, without the acts on capabilities that they may not see.
func AgentHistory(r *Request) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	history, err := r.history(models.TouchAgent, rec.Agent.ID, "/agents/"+rec.Agent.ID+"/history")
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.AgentHistory(r.Head("History", rec.Agent.Name), views.AgentHistoryPage{AgentHead: r.agentHead(rec), History: history}))
}

// history is a page of the history of one thing, at an address that takes
// "before": what the viewer may not see is NotFound.
func (r *Request) history(kind, id, at string) (views.HistoryProps, error) {
	before, _ := strconv.ParseInt(r.Query("before"), 10, 64)
	entries, more, err := r.App.Store.History(r.Ctx(), r.Viewer, kind, id, before)
	if err != nil {
		return views.HistoryProps{}, err
	}
	h := views.HistoryProps{Entries: entries, Now: r.Now(), Of: kind}
	if more {
		h.Older = at + "?before=" + strconv.FormatInt(entries[len(entries)-1].Seq, 10)
	}
	if before > 0 {
		h.Newest = at
	}
	return h, nil
}
