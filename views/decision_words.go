package views

import (
	"strings"

	"countersign/models"
)

// ruleWords is a rule of the runtime in words: why, what would make it a yes, and which of
// the four can do that.
type ruleWords struct {
	Says, Remedy string
	Who          []string // owner, provisioner, control owner
}

var decisionRules = map[string]ruleWords{
	"allow":                {Says: "It was signed off and in force."},
	"agent.unknown":        {Says: "No agent that has anything in force was found for what the request named.", Remedy: "Register the agent with this identity, and have a task of it signed off."},
	"task.unknown":         {Says: "The agent had no task in force with the id that the request named.", Remedy: "Name a task of this agent that is signed off."},
	"task.ambiguous":       {Says: "Several tasks of the agent cover the action, and the request named none.", Remedy: "Name the task in the request (context.capability)."},
	"gateway.scope":        {Says: "The gateway’s key is confined to the agents of a team, and this agent is of another one.", Remedy: "Ask with a key whose scope has the team. An administrator makes one."},
	"scope.operation":      {Says: "The operation was not in the scope of the task.", Remedy: "Have the operation added to the scope, and signed off.", Who: []string{"provisioner"}},
	"scope.resource":       {Says: "The operation was in the scope of the task, but not for this resource.", Remedy: "Have the resource added to the scope, and signed off.", Who: []string{"provisioner"}},
	"hold.stop":            {Says: "It was stopped.", Remedy: "The stop is lifted on its own terms: a stated cause and a new round of sign-offs, or for a broad stop an approver.", Who: []string{"owner", "control owner"}},
	"hold.incident":        {Says: "It was stopped because of an incident.", Remedy: "The hold is lifted on its own terms.", Who: []string{"owner", "control owner"}},
	"hold.recall":          {Says: "An approver had taken their sign-off back.", Remedy: "It is signed off again.", Who: []string{"owner", "control owner"}},
	"hold.missed_review":   {Says: "Its review was missed.", Remedy: "The review is answered and closed.", Who: []string{"owner", "control owner"}},
	"hold.missed_drill":    {Says: "A drill was missed.", Remedy: "Whoever was drilled answers.", Who: []string{"owner", "control owner"}},
	"hold.kill_drill":      {Says: "Its stop was being exercised.", Remedy: "Ask again: the exercise lifts its own hold.", Who: []string{"owner", "control owner"}},
	"hold.leaver":          {Says: "One of the people who answer for it had left.", Remedy: "A successor accepts the role.", Who: []string{"owner", "control owner"}},
	"mandate.until":        {Says: "The time for which it was signed was over.", Remedy: "Have it reviewed, or signed again.", Who: []string{"owner"}},
	"chain.agent":          {Says: "An agent of the chain had nothing in force, or nothing that the gateway’s key may learn of.", Remedy: "Every agent of a chain needs a task of its own that is signed off."},
	"chain.task":           {Says: "An agent of the chain had no such task in force.", Remedy: "Every agent of a chain needs a task of its own that is signed off."},
	"manifest.unsigned":    {Says: "What ran was not the manifest that was signed.", Remedy: "Run the manifest that was signed, or have the new one signed.", Who: []string{"owner"}},
	"manifest.unstated":    {Says: "At this tier the request has to say which manifest runs.", Remedy: "Send the digest of the agent’s revision (context.manifest)."},
	"boundary.sensitivity": {Says: "The data is more sensitive than the task’s boundary allows, or its sensitivity was not understood.", Remedy: "Say in the request how sensitive this data is (context.sensitivity), or have the task’s boundary widened.", Who: []string{"owner"}},
	"boundary.window":      {Says: "It was outside the time window of the task.", Remedy: "Ask again within the window.", Who: []string{"owner"}},
	"boundary.environment": {Says: "The manifest that was signed does not name this environment.", Remedy: "Have the environment added to the manifest, and signed.", Who: []string{"owner"}},
	"boundary.volume":      {Says: "The task’s actions of the day were used up, or this would have been more.", Remedy: "Ask again after midnight UTC, or have the task’s boundary widened.", Who: []string{"owner"}},
	"approval.required":    {Says: "At critical, an action with such effects is confirmed by a person each time.", Remedy: "A person has to confirm this one action.", Who: []string{"owner", "control owner"}},
	"condition.error":      {Says: "The scope’s condition could not be evaluated.", Remedy: "Send what the condition looks at, or have it mended and signed.", Who: []string{"provisioner"}},
	"condition.false":      {Says: "The scope’s condition was not met.", Remedy: "Meet the condition, or have it changed and signed.", Who: []string{"provisioner"}},
	"forbid.error":         {Says: "A policy of the organisation could not be evaluated, so the answer was no.", Remedy: "Administrators mend the policy."},
	"forbid":               {Says: "A policy of the organisation forbids it.", Remedy: "Two administrators can end or change the policy."},
}

// RuleWords says a rule that spoke in words. A rule that is not known is named as it is.
func RuleWords(rule string) (says, remedy string, who []string) {
	if w, known := decisionRules[rule]; known {
		return w.Says, w.Remedy, w.Who
	}
	if of, chain := strings.CutPrefix(rule, "chain."); chain {
		if w, known := decisionRules[of]; known {
			return "An agent of the chain was not allowed to act. " + w.Says, w.Remedy, nil
		}
	}
	return "The rule “" + rule + "” refused it.", "", nil
}

// ruleFamilies are what the list can be filtered by.
func ruleFamilies() []Option {
	return choiceOptions(models.RuleFamilies)
}

// RuleFamily is the family if there is one of this name.
func RuleFamily(value string) string {
	for _, o := range ruleFamilies() {
		if o.Value == value {
			return value
		}
	}
	return ""
}
