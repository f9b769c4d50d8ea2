package importers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

var (
	// secretName matches the names of variables, headers and arguments that hold a secret.
	secretName = regexp.MustCompile(`(?i)(key|token|secret|passw(or)?d|passphrase|(^|[_-])pass|(^|[_-])pwd|(^|[_-])pat|credentials?|authorization|(^|[_-])auth|cookie|connection[_-]?string|(^|[_-])dsn|api[_-]?hash|(^|[_-])sks?)$`)
	// openName matches those that look like it and are none.
	openName = regexp.MustCompile(`(?i)(public[_-]?key|(sort|partition|primary|cache|object|max|total|num)[_-]?(key|token))$`)
	// variable is a part of a value that is filled in when the system is started.
	variable = regexp.MustCompile(`\$?\{[^}]*\}|\$[A-Za-z_]\w*|<[^<>]+>|%\w+%`)
	// sample is a value that stands for another: your-token, xxxx, ...
	sample = regexp.MustCompile(`(?i)^["']?(your|my|some|enter|insert|example)[ _-]|[ _-]here["']?$|^[x*.]{3,}["']?$|\.\.\.$`)
)

// namesSecret reports whether a variable of that name holds a secret.
func namesSecret(name string) bool {
	name = name[max(0, len(name)-200):] // its end says what it is
	return secretName.MatchString(name) && !openName.MatchString(name)
}

// wantSecret adds the name of a secret that a system wants to s; n is where the file says so.
// Where only the name gives it away, the file is to be mended.
func (r *reading) wantSecret(s *models.ImportedSystem, n *node, name string, required, marked bool) {
	if r.noteSecret(s, n, name, required, marked) && !marked {
		r.warn(n, fmt.Sprintf("By its name %s is a secret, and the file does not mark it as one. It was taken as a secret.", quote(name)))
	}
}

// noteSecret adds the name of a secret to s and reports whether it was new.
func (r *reading) noteSecret(s *models.ImportedSystem, n *node, name string, required, marked bool) bool {
	name, _ = show(name, false)
	if name, _ = withoutSecrets(name); name == "" || strings.Contains(name, secretRemoved) || isAddressPlaceholder(name) {
		return false
	}
	name = cut(name, 200)
	for i, have := range s.Secrets {
		if have.Name == name {
			s.Secrets[i].Required, s.Secrets[i].Marked = have.Required || required, have.Marked || marked
			return false
		}
	}
	if len(s.Secrets) == maxSecrets {
		r.warn(n, fmt.Sprintf("The file names more than %d secrets. The others were not read.", maxSecrets))
		return false
	}
	status := models.FieldRead
	if !marked {
		status = models.FieldOdd
	}
	r.note(models.ImportedField{Field: fmt.Sprintf("secrets[%d]", len(s.Secrets)), Value: name, Pointer: n.pointer(), Line: n.line, Status: status})
	s.Secrets = append(s.Secrets, models.ImportedSecret{Name: name, Required: required, Marked: marked})
	return true
}

// isGap reports whether a value is only a place for one: {token}, Bearer ${TOKEN}, your-key.
func isGap(s string) bool {
	if len(s) > 4_000 {
		return false
	}
	rest := strings.TrimSpace(variable.ReplaceAllString(s, ""))
	if scheme, key, two := strings.Cut(rest, " "); two && bearing(scheme) {
		rest = strings.TrimSpace(key)
	}
	return rest == "" || bearing(rest) || sample.MatchString(rest) || isPlaceholder(s)
}

func bearing(s string) bool {
	return slices.Contains([]string{"bearer", "basic", "token"}, strings.ToLower(s))
}

// hideValue removes the value of a secret from the file, with a warning.
func (r *reading) hideValue(n *node) {
	if n == nil || n.kind != text && n.kind != number || n.odd != "" || isGap(n.text) {
		return
	}
	n.text, n.odd = secretRemoved, "It held a secret, which was removed."
	r.warn(n, "The value of a secret stands here. It was not kept. Take it out of the file and change it where it is used: whoever could read the file has it.")
}
