package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// formErrors are the words and the status with which a form is drawn again after
// a refusal; ok is false for what another page has to say.
func formErrors(err error) (errs views.Errors, status int, ok bool) {
	var rule *models.Error
	if !errors.As(err, &rule) {
		return nil, 0, false
	}
	switch rule.Code {
	case models.Invalid:
		status = http.StatusUnprocessableEntity
	case models.Conflict:
		status = http.StatusConflict
	case models.Busy:
		status = http.StatusServiceUnavailable
	default:
		return nil, 0, false
	}
	for _, f := range rule.Fields {
		errs = append(errs, views.FieldError{Field: f.Field, Message: f.Message})
	}
	if len(errs) == 0 {
		errs = views.Errors{{Message: rule.Message}}
	}
	return errs, status, true
}

// shownRevision is the revision of the row that a form was drawn from; what is
// no number fits none.
func (r *Request) shownRevision() int64 {
	n, err := strconv.ParseInt(r.Form("revision"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// formLines are the lines of a text area, without empty ones.
func (r *Request) formLines(key string) []string {
	var lines []string
	for _, l := range strings.Split(r.Form(key), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// ownsAgent says whether the viewer may change the agent: its business owner.
func (r *Request) ownsAgent(rec store.AgentRecord) bool {
	return rec.Agent.OwnerID == r.Viewer.Person.ID && r.Viewer.Has(models.BusinessOwner)
}

// ownAgent is the agent of the address for a page that only its business owner
// may open, and only while it is not retired.
func (r *Request) ownAgent() (store.AgentRecord, error) {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	switch {
	case err != nil:
		return rec, err
	case !r.ownsAgent(rec):
		return rec, models.Refusal(models.Forbidden, "agent.owner", "Only the agent's business owner can do this.")
	case rec.Agent.State == models.AgentRetired:
		return rec, models.Refusal(models.Conflict, "agent.retired", "This agent is retired.")
	}
	return rec, nil
}

// agentPending says whether the draft holds something that is not registered.
func agentPending(rec store.AgentRecord) bool {
	return rec.Revision != nil && rec.Agent.Draft != rec.Revision.Document
}
