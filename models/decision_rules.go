package models

import "strings"

// RuleFamilies are why a request is refused at runtime, in few words: the first part of a
// rule's id.
var RuleFamilies = []Choice{
	{"agent", "No agent known"}, {"task", "No task, or more than one"}, {"gateway", "Not for this gateway"},
	{"scope", "Not in the scope"}, {"boundary", "Outside the task’s boundary"}, {"manifest", "Another manifest"},
	{"hold", "Stopped or held"}, {"mandate", "Its time was over"}, {"chain", "Something in the chain"},
	{"condition", "The scope’s condition"}, {"forbid", "Forbidden by the organisation"}, {"approval", "A person has to confirm"},
}

// RuleFamily is a rule's family in words.
func RuleFamily(rule string) string {
	family, _, _ := strings.Cut(rule, ".")
	return WordsOf(RuleFamilies, family)
}
