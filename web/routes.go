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
		{get, "/agents/found", role(models.BusinessOwner, models.Auditor, models.Administrator), handlers.FoundList, 0},
		{get, "/agents/found/:id", role(models.BusinessOwner, models.Auditor, models.Administrator), handlers.FoundShow, 0},
		{post, "/agents/found/:id/claim", role(models.BusinessOwner), handlers.FoundClaim, 0},
		{get, "/agents/found/:id/dismiss", role(models.BusinessOwner, models.Administrator), handlers.FoundDismissAsk, 0},
		{post, "/agents/found/:id/dismiss", role(models.BusinessOwner, models.Administrator), handlers.FoundDismiss, 0},
		{post, "/agents/found/:id/reopen", role(models.BusinessOwner, models.Administrator), handlers.FoundReopen, 0},
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
		{get, "/versions/:id/withdraw", role(models.BusinessOwner, models.Provisioner, models.ControlOwner), handlers.DraftWithdraw, 0},
		{post, "/versions/:id/withdraw", role(models.BusinessOwner, models.Provisioner, models.ControlOwner), handlers.DraftWithdrawSend, 0},

		{get, "/", signedIn, handlers.Home, 0},
		{get, "/receipts/:seq", signedIn, handlers.ReceiptShow, 0},
		{get, "/versions/:id", signedIn, handlers.VersionShow, 0},
		{get, "/versions/:id/compare", signedIn, handlers.VersionCompare, 0},
		{post, "/versions/:id/decide", signedIn, handlers.VersionDecide, 0},
		{post, "/versions/:id/go-live", signedIn, handlers.VersionGoLive, 0},
		{get, "/versions/:id/roles/:role", signedIn, handlers.RoleShow, 0},
		{post, "/versions/:id/roles/:role/accept", signedIn, handlers.RoleAccept, 0},
		{post, "/versions/:id/roles/:role/decline", signedIn, handlers.RoleDecline, 0},
		{get, "/sign-offs/:id/recall", signedIn, handlers.SignOffRecallAsk, 0},
		{post, "/sign-offs/:id/recall", signedIn, handlers.SignOffRecall, 0},
		{get, "/capabilities/:id", signedIn, handlers.CapabilityShow, 0},
		{get, "/capabilities/:id/versions", signedIn, handlers.CapabilityVersions, 0},
		{post, "/capabilities/:id/versions", role(models.BusinessOwner), handlers.CapabilityDraft, 0},
		{get, "/capabilities/:id/versions/new", role(models.BusinessOwner), handlers.CapabilityDraftNew, 0},
		{get, "/capabilities/:id/history", signedIn, handlers.CapabilityHistory, 0},
		{get, "/capabilities/:id/as-of", signedIn, handlers.CapabilityAsOf, 0},
		{get, "/capabilities/:id/stop", signedIn, handlers.CapabilityStopAsk, 0},
		{post, "/capabilities/:id/stop", signedIn, handlers.CapabilityStop, 0},
		{get, "/capabilities/:id/restart", signedIn, handlers.CapabilityRestartAsk, 0},
		{post, "/capabilities/:id/restart", signedIn, handlers.CapabilityRestart, 0},
		{get, "/capabilities/:id/succession", signedIn, handlers.CapabilitySuccession, 0},
		{get, "/capabilities/:id/revoke", signedIn, handlers.CapabilityRevokeAsk, 0},
		{post, "/capabilities/:id/revoke", signedIn, handlers.CapabilityRevoke, 0},

		{get, "/matrix", signedIn, handlers.MatrixShow, 0},
		{get, "/matrix.csv", signedIn, handlers.MatrixExport, 0},
		{get, "/ledger", role(models.Auditor), handlers.LedgerList, 0},

		{get, "/systems", signedIn, handlers.SystemList, 0},
		{post, "/systems", role(models.Administrator), handlers.SystemAdd, 0},
		{get, "/systems/new", role(models.Administrator), handlers.SystemNew, 0},
		{get, "/systems/:id", signedIn, handlers.SystemShow, 0},
		{post, "/systems/:id", role(models.Administrator), handlers.SystemSave, 0},
		{get, "/systems/:id/history", signedIn, handlers.SystemHistory, 0},
		{get, "/systems/:id/change", role(models.Administrator), handlers.SystemChange, 0},
		{get, "/systems/:id/retire", role(models.Administrator), handlers.SystemRetireAsk, 0},
		{post, "/systems/:id/retire", role(models.Administrator), handlers.SystemRetire, 0},
		{post, "/systems/:id/operations", role(models.Administrator), handlers.OperationAdd, 0},
		{get, "/systems/:id/operations/new", role(models.Administrator), handlers.OperationNew, 0},
		{get, "/systems/:id/operations/:operation", role(models.Administrator), handlers.OperationChange, 0},
		{post, "/systems/:id/operations/:operation", role(models.Administrator), handlers.OperationSave, 0},
		{get, "/systems/:id/operations/:operation/retire", role(models.Administrator), handlers.OperationRetireAsk, 0},
		{post, "/systems/:id/operations/:operation/retire", role(models.Administrator), handlers.OperationRetire, 0},
		{post, "/systems/:id/secrets", role(models.Administrator), handlers.SecretAdd, 0},
		{get, "/systems/:id/secrets/new", role(models.Administrator), handlers.SecretNew, 0},
		{get, "/systems/:id/secrets/:secret/retire", role(models.Administrator), handlers.SecretRetireAsk, 0},
		{post, "/systems/:id/secrets/:secret/retire", role(models.Administrator), handlers.SecretRetire, 0},

		{get, "/people/:id", signedIn, handlers.PersonShow, 0},
		{get, "/me", signedIn, handlers.MeShow, 0},
		{get, "/me/history", signedIn, handlers.MeHistory, 0},
		{post, "/me/time-zone", signedIn, handlers.MeTimeZone, 0},
		{get, "/me/views", signedIn, handlers.MeViews, 0},
		{post, "/me/views", signedIn, handlers.MeViewSave, 0},
		{get, "/me/views/new", signedIn, handlers.MeViewNew, 0},
		{post, "/me/views/forget", signedIn, handlers.MeViewForget, 0},

		{get, "/admin", role(models.Administrator, models.Auditor), handlers.AdminOverview, 0},
		{get, "/admin/people", role(models.Administrator, models.Auditor), handlers.AdminPeopleList, 0},
		{post, "/admin/people", role(models.Administrator), handlers.AdminPersonAdd, 0},
		{get, "/admin/people/new", role(models.Administrator), handlers.AdminPersonNew, 0},
		{get, "/admin/people/:id", role(models.Administrator, models.Auditor), handlers.AdminPersonShow, 0},
		{get, "/admin/people/:id/history", role(models.Administrator, models.Auditor), handlers.AdminPersonHistory, 0},
		{post, "/admin/people/:id/grants", role(models.Administrator), handlers.AdminRoleGive, 0},
		{post, "/admin/people/:id/grants/:grant/end", role(models.Administrator), handlers.AdminRoleEnd, 0},
		{post, "/admin/people/:id/teams", role(models.Administrator), handlers.AdminTeamJoin, 0},
		{post, "/admin/people/:id/teams/:team/leave", role(models.Administrator), handlers.AdminTeamLeave, 0},
		{get, "/admin/people/:id/leave", role(models.Administrator), handlers.AdminPersonLeaveAsk, 0},
		{post, "/admin/people/:id/leave", role(models.Administrator), handlers.AdminPersonLeave, 0},
		{get, "/admin/people/:id/merge", role(models.Administrator), handlers.AdminPersonMergeAsk, 0},
		{post, "/admin/people/:id/merge", role(models.Administrator), handlers.AdminPersonMerge, 0},
		{get, "/admin/accounts", role(models.Administrator, models.Auditor), handlers.AdminAccountList, 0},
		{get, "/admin/accounts/:id", role(models.Administrator, models.Auditor), handlers.AdminAccountShow, 0},
		{post, "/admin/accounts/:id/link", role(models.Administrator), handlers.AdminAccountLink, 0},
		{post, "/admin/accounts/:id/split", role(models.Administrator), handlers.AdminAccountSplit, 0},
		{get, "/admin/links/:id", role(models.Administrator, models.Auditor), handlers.AdminLinkShow, 0},
		{post, "/admin/links/:id/confirm", role(models.Administrator), handlers.AdminLinkConfirm, 0},
		{post, "/admin/links/:id/withdraw", role(models.Administrator), handlers.AdminLinkWithdraw, 0},
		{get, "/admin/teams", role(models.Administrator, models.Auditor), handlers.AdminTeamList, 0},
		{post, "/admin/teams", role(models.Administrator), handlers.AdminTeamAdd, 0},
		{get, "/admin/teams/:id", role(models.Administrator, models.Auditor), handlers.AdminTeamShow, 0},
		{get, "/admin/groups", role(models.Administrator, models.Auditor), handlers.AdminGroupList, 0},
		{post, "/admin/groups", role(models.Administrator), handlers.AdminGroupMap, 0},
		{post, "/admin/groups/:id/end", role(models.Administrator), handlers.AdminGroupEnd, 0},
		{get, "/admin/tier-rules", role(models.Administrator, models.Auditor), handlers.AdminRulesShow, 0},
		{post, "/admin/tier-rules", role(models.Administrator), handlers.AdminRulesPropose, 0},
		{get, "/admin/tier-rules/change", role(models.Administrator), handlers.AdminRulesChange, 0},
		{post, "/admin/tier-rules/check", role(models.Administrator), handlers.AdminRulesCheck, 0},
		{get, "/admin/tier-rules/:no", role(models.Administrator, models.Auditor), handlers.AdminRulesVersion, 0},
		{post, "/admin/tier-rules/:id/confirm", role(models.Administrator), handlers.AdminRulesConfirm, 0},
		{post, "/admin/tier-rules/:id/withdraw", role(models.Administrator), handlers.AdminRulesWithdraw, 0},
	}
}
