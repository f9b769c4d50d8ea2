package web

import (
	"net/http"

	"countersign/handlers"
	"countersign/models"
	"countersign/static"
)

// Route is one address: who may come is said on its line.
type Route struct {
	Method  string // a GET answers HEAD as well
	Path    string
	Guard   Guard
	Handler handlers.Handler
	Body    int64 // the largest body in bytes; 0 is 2 MiB
}

// Routes is every address that the product answers.
func Routes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/healthz", machine, health, 0},
		{get, "/readyz", machine, ready, 0},
		{get, static.Prefix + "*", machine, files, 0},

		{get, "/sign-in", anyone, handlers.SignIn, 0},
		{get, "/sign-in/again", anyone, handlers.SignInAgain, 0},
		{get, "/sign-in/callback", anyone, handlers.SignInCallback, 0},
		{post, "/sign-out", anyone, handlers.SignOut, 0},
		{get, "/signed-out", anyone, handlers.SignedOut, 0},

		{get, "/agents", signedIn, handlers.AgentList, 0},
		{get, "/agents/new", role(models.BusinessOwner), handlers.AgentNew, 0},
		{post, "/agents/new", role(models.BusinessOwner), handlers.AgentCreate, 0},
		{get, "/agents/import", role(models.BusinessOwner), handlers.AgentImportAsk, 0},
		{post, "/agents/import", role(models.BusinessOwner), handlers.AgentImport, 12 << 20}, // a card of 8 MiB comes back from its preview in base64
		{get, "/agents/:id", signedIn, handlers.AgentShow, 0},
		{get, "/agents/:id/revisions", signedIn, handlers.AgentRevisions, 0},
		{get, "/agents/:id/history", signedIn, handlers.AgentHistory, 0},
		{get, "/agents/:id/import", signedIn, handlers.AgentOrigins, 0},
		{post, "/agents/:id/stop", signedIn, handlers.AgentStop, 0},
		{get, "/agents/:id/register", role(models.BusinessOwner), handlers.AgentRegistration, 0},
		{post, "/agents/:id/register", role(models.BusinessOwner), handlers.AgentRegister, 0},
		{get, "/agents/:id/register/check", role(models.BusinessOwner), handlers.AgentCheck, 0},
		{get, "/agents/:id/register/done", role(models.BusinessOwner), handlers.AgentRegistered, 0},
		{get, "/agents/:id/register/:step", role(models.BusinessOwner), handlers.AgentStepEdit, 0},
		{post, "/agents/:id/register/:step", role(models.BusinessOwner), handlers.AgentStepSave, 0},
		{get, "/agents/:id/retire", role(models.BusinessOwner), handlers.AgentRetireAsk, 0},
		{post, "/agents/:id/retire", role(models.BusinessOwner), handlers.AgentRetire, 0},

		{get, "/agents/:id/capabilities/new", role(models.BusinessOwner), handlers.CapabilityNew, 0},
		{post, "/agents/:id/capabilities/new", role(models.BusinessOwner), handlers.CapabilityCreate, 0},
		{get, "/versions/:id/draft", signedIn, handlers.DraftShow, 0},
		{get, "/versions/:id/task", signedIn, handlers.DraftTask, 0},
		{post, "/versions/:id/task", role(models.BusinessOwner), handlers.DraftTaskSave, 0},
		{post, "/versions/:id/task/assess", role(models.BusinessOwner), handlers.DraftTaskAssess, 0},
		{get, "/versions/:id/scope", signedIn, handlers.DraftScope, 0},
		{post, "/versions/:id/scope", role(models.Provisioner), handlers.DraftScopeSave, 0},
		{post, "/versions/:id/scope/assess", role(models.Provisioner), handlers.DraftScopeAssess, 0},
		{get, "/versions/:id/oversight", signedIn, handlers.DraftOversight, 0},
		{post, "/versions/:id/oversight", role(models.ControlOwner), handlers.DraftOversightSave, 0},
		{get, "/versions/:id/people", signedIn, handlers.Nominees, 0},
		{post, "/versions/:id/people", signedIn, handlers.NomineeName, 0},
		{get, "/versions/:id/submit", signedIn, handlers.DraftCheck, 0},
		{post, "/versions/:id/submit", role(models.BusinessOwner, models.Provisioner, models.ControlOwner), handlers.DraftSubmit, 0},
		{get, "/versions/:id/submitted", signedIn, handlers.DraftSubmitted, 0},
		{get, "/versions/:id/withdraw", role(models.BusinessOwner), handlers.DraftWithdraw, 0},
		{post, "/versions/:id/withdraw", role(models.BusinessOwner), handlers.DraftWithdrawSend, 0},
	}
}
