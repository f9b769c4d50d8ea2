package views

import (
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// AgentOriginsPage says of each field of the draft where it came from.
type AgentOriginsPage struct {
	ID, Name     string
	File, Format string
	Digest       string
	At, Now      time.Time
	Fields       []AgentOrigin
	Ignored      []AgentOrigin
	Further      int
}

// originsShown is how many fields a page shows; a card of ordinary size has
// fewer than a hundred.
const originsShown = 500

// SplitOrigins parts what became the draft from what is in the file only, and
// says how many were left out because there are too many.
func SplitOrigins(all []AgentOrigin) (fields, ignored []AgentOrigin, further int) {
	for _, o := range all {
		if o.Field == "" || o.Status == models.FieldIgnored {
			ignored = append(ignored, o)
		} else {
			fields = append(fields, o)
		}
	}
	if n := len(fields) - originsShown; n > 0 {
		fields, further = fields[:originsShown], n
	}
	if n := len(ignored) - originsShown; n > 0 {
		ignored, further = ignored[:originsShown], further+n
	}
	return fields, ignored, further
}

// OriginStep is the section of the registration that a field of the file
// belongs to; "" for what the registration does not ask.
func OriginStep(field string) string {
	switch field {
	case "name", "description", "provider":
		return models.StepAbout
	case "version", "interfaces", "model", "promptDigest", "delegates":
		return models.StepMadeOf
	}
	if strings.HasPrefix(field, "interfaces[") && strings.HasSuffix(field, "].url") {
		return models.StepMadeOf
	}
	return ""
}

// OriginOpen says whether somebody has to look at the field.
func OriginOpen(status string) bool {
	return status == models.FieldMissing || status == models.FieldOdd || status == models.FieldPlaceholder
}

var originNames = map[string]string{
	"name": "Name", "description": "What it is for", "version": "Version of its code", "provider": "Provider", "providerURL": "Provider’s address",
	"documentationURL": "Documentation", "interfaces": "Where it is reached", "skills": "Suggested tasks", "inputModes": "Takes", "outputModes": "Gives",
	"tools": "Its tools", "model": "Model", "promptDigest": "Digest of its system prompt", "delegates": "Other agents it hands work to",
	"signatures": "Signatures", "capabilities": "Its connection", "extendedCard": "A longer card", "security": "How callers prove who they are",
	"extensions": "Extensions of the protocol", "security.schemes": "Ways to prove who calls",
	"title": "Title", "access": "What it offers", "network": "What it may reach", "website": "Website", "repository": "Repository",
}

var originParts = map[string]string{
	"id": "id", "name": "name", "description": "description", "tags": "tags", "examples": "examples", "url": "address", "protocol": "protocol",
	"protocolVersion": "version of the protocol", "tenant": "tenant", "uri": "address", "inputModes": "takes", "outputModes": "gives", "type": "type", "detail": "detail",
	"urls": "addresses", "scopes": "scopes", "requires": "asks of its callers", "required": "required",
	"registry": "registry", "identifier": "identifier", "transport": "transport", "version": "version",
}

var originGroups = map[string]string{"skills": "Suggested task", "interfaces": "Address", "extensions": "Extension", "delegates": "Other agent",
	"packages": "Program", "remotes": "Address", "operations": "Operation", "secrets": "Secret", "security.schemes": "Way to prove who calls", "security.requirements": "What callers need"}

// originName is a field of the draft as a person reads it.
func originName(field string) string {
	if name, ok := originNames[field]; ok {
		return name
	}
	group, rest, ok := strings.Cut(field, "[")
	if name, known := originGroups[group]; ok && known {
		no, part, _ := strings.Cut(rest, "]")
		text := name
		if n, err := strconv.Atoi(no); err == nil {
			text += " " + strconv.Itoa(n+1)
		}
		if part, _, _ = strings.Cut(strings.TrimPrefix(part, "."), "["); part != "" {
			text += ", " + or(originParts[part], part)
		}
		return text
	}
	return upperFirst(field)
}

// originStatus is a status as a tag: its word and tone.
func originStatus(status string) (word, tone string) {
	switch status {
	case models.FieldRead:
		return "read", ToneQuiet
	case models.FieldMissing:
		return "missing", ToneAmber
	case models.FieldOdd:
		return "odd", ToneAmber
	case models.FieldPlaceholder:
		return "placeholder", ToneAmber
	case models.FieldDefaulted:
		return "the standard’s default", ToneNeutral
	case models.FieldUnverified:
		return "not verified", ToneAmber
	case models.FieldIgnored:
		return "not used", ToneQuiet
	}
	return status, ToneNeutral
}

func originWord(status string) string { word, _ := originStatus(status); return word }
func originTone(status string) string { _, tone := originStatus(status); return tone }

// originWords is one open field as a sentence.
func originWords(o AgentOrigin) string {
	text := originName(o.Field) + ": "
	switch {
	case o.Note != "":
		return text + o.Note
	case o.Status == models.FieldPlaceholder:
		return text + "the file has a placeholder, “" + o.Value + "”."
	}
	return text + originWord(o.Status) + "."
}

func (o AgentOrigin) at() string {
	switch {
	case o.Pointer == "" && o.Line == 0:
		return "the whole file"
	case o.Pointer == "":
		return "line " + strconv.Itoa(o.Line)
	case o.Line > 0:
		return o.Pointer + ", line " + strconv.Itoa(o.Line)
	}
	return o.Pointer
}

// originFields are the draft's fields that the fields of a file become.
var originFields = map[string]string{"name": "name", "description": "purpose", "provider": "provider", "version": "code_version", "interfaces": "interfaces",
	"model": "model", "promptDigest": "prompt_digest", "delegates": "delegates"}

// OpenOrigins are, by section, the fields that the file left open and that
// nobody has filled in since; what was odd stays until the next import.
func OpenOrigins(draft models.Manifest, all []AgentOrigin) map[string][]AgentOrigin {
	open := map[string][]AgentOrigin{}
	for _, o := range all {
		step := OriginStep(o.Field)
		if step == "" || !OriginOpen(o.Status) {
			continue
		}
		group, _, _ := strings.Cut(o.Field, "[")
		if o.Status == models.FieldOdd || !answered(draft, originFields[group]) {
			open[step] = append(open[step], o)
		}
	}
	return open
}

// doubtful parts what needs a look from what was read as it stands.
func doubtful(fields []AgentOrigin) (look, fine []AgentOrigin) {
	for _, f := range fields {
		if f.Status == models.FieldRead || f.Status == models.FieldDefaulted {
			fine = append(fine, f)
		} else {
			look = append(look, f)
		}
	}
	return look, fine
}

// where is the place of a warning, with the line beside a pointer.
func where(w models.ImportWarning) string {
	if w.Line > 0 && !strings.HasPrefix(w.Where, "line ") {
		return w.Where + ", line " + strconv.Itoa(w.Line)
	}
	return w.Where
}
