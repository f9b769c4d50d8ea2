package importers

import (
	"regexp"
	"strings"
)

const (
	secretRemoved = "[secret removed]"
	secretHidden  = "It held what looks like a secret, which was removed."
	secretFound   = "This looks like a secret. It was not kept. Take it out of the file and change it where it is used: whoever could read the file has it."
)

var (
	// secretValue matches the shapes in which well-known issuers hand out their secrets, and
	// passwords inside addresses.
	secretValue = regexp.MustCompile(strings.Join([]string{
		`-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)`,
		`\bsk-[A-Za-z0-9_-]{20,}`,
		`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})`,
		`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
		`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`,
		`\bAIza[0-9A-Za-z_-]{35}`,
		`\bglpat-[A-Za-z0-9_-]{20,}`,
		`\bwhsec_[A-Za-z0-9+/=]{20,}`,
		`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`,
	}, "|"))
	secretLogin = regexp.MustCompile(`://[^/\s:@?#]*:[^/\s@?#]+@`)
	secretQuery = regexp.MustCompile(`(?i)([?&](?:access_token|api[_-]?key|auth|key|password|secret|sig|token)=)[^&\s#\[\]${}<>]{6,}`)
	// secretKey matches the names of fields whose value is a secret.
	secretKey = regexp.MustCompile(`(?i)^(api[_-]?key|(client|app|shared|webhook|signing)?[_-]?secret|(access|refresh|auth|bearer|api|id)?[_-]?token|password|passwd|private[_-]?key|credentials?|authorization)$`)
)

// secretMarks are parts of which every match of the expressions above holds one.
var secretMarks = []string{"-----BEGIN", "sk-", "gh", "KIA", "SIA", "xox", "AIza", "glpat-", "whsec_", "eyJ", "://", "?", "&"}

// withoutSecrets is s with what looks like a secret removed, and whether anything was.
func withoutSecrets(s string) (string, bool) {
	for _, mark := range secretMarks {
		if strings.Contains(s, mark) {
			clean := secretValue.ReplaceAllString(s, secretRemoved)
			clean = secretLogin.ReplaceAllString(clean, "://")
			clean = secretQuery.ReplaceAllString(clean, "${1}"+secretRemoved)
			return clean, clean != s
		}
	}
	return s, false
}

// hideSecrets removes secrets from every text under n, and warns of each. Nothing that is
// read afterwards can carry one into a draft, a page or a log.
func (r *reading) hideSecrets(n *node) {
	for _, key := range n.keys {
		r.hideSecrets(n.members[key])
	}
	for _, item := range n.items {
		r.hideSecrets(item)
	}
	if n.kind != text && n.kind != number {
		return
	}
	if n.odd == secretHidden { // by another reading of the same file
		r.warn(n, secretFound)
		return
	}
	shown, _ := show(n.text, true)
	clean, found := withoutSecrets(shown)
	if !found && holdsSecret(n, shown) {
		clean, found = secretRemoved, true
	}
	if found {
		n.text, n.odd = clean, secretHidden
		r.warn(n, secretFound)
	}
}

// holdsSecret goes by the name of the field. The names of OAuth scopes are no such fields.
func holdsSecret(n *node, shown string) bool {
	return n.parent != nil && n.parent.kind == object && n.parent.key != "scopes" &&
		secretKey.MatchString(n.key) && shown != "" && !strings.ContainsAny(shown, " \t\n") &&
		!strings.HasPrefix(shown, "https://") && !isPlaceholder(shown)
}
