package importers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

const (
	maxTools     = 500
	maxDelegates = 100

	takeAll = "Take it that the agent may reach anything, until the provisioner lists its tools."
)

// access collects what an agent reaches while its file is read. One entry that is open (a
// whole server, *, something worked out later) makes the whole unknown: what is named is then
// only the beginning of a list.
type access struct {
	r       *reading
	named   []string
	open    []string // why the list is not all
	digests map[string]string
}

func accessOf(r *reading) *access { return &access{r: r} }

// add takes one tool called name, which n describes. What cannot be its name leaves the list open.
func (a *access) add(n *node, name string) {
	name, _ = show(name, false)
	switch {
	case name == "":
		a.doubt(n, "An entry of the tools is empty.")
		return
	case name == "*":
		a.doubt(n, "The tools are given as *, which is all of them.")
		return
	case n.worksOut() || isPlaceholder(name):
		a.r.warn(n, fmt.Sprintf("Which tool %s is turns out only where the agent runs. %s", quote(name), takeAll))
		a.unsure("One of its tools turns out only where the agent runs.")
		return
	case strings.Contains(name, secretRemoved):
		a.doubt(n, "An entry of the tools held what looks like a secret.")
		return
	case len([]rune(name)) > 200:
		a.doubt(n, "The name of a tool is longer than 200 characters.")
		return
	case slices.Contains(a.named, name):
		return
	case len(a.named) == maxTools:
		if len(a.open) == 0 || !strings.Contains(a.open[len(a.open)-1], "more than") {
			a.doubt(n, fmt.Sprintf("The file lists more than %d tools.", maxTools))
		}
		return
	}
	a.named = append(a.named, name)
}

// also takes a tool that another part of the file lists, where the list itself leaves it out.
func (a *access) also(name string) {
	name, _ = show(name, false)
	if name = cut(name, 200); len(a.named) < maxTools && !isPlaceholder(name) && !strings.Contains(name, secretRemoved) && !slices.Contains(a.named, name) {
		a.named = append(a.named, name)
	}
}

// describe keeps the digest of what the file says about a listed tool.
func (a *access) describe(name string, description *node) {
	if digest := digestOf(description); digest != "" && slices.Contains(a.named, name) {
		if a.digests == nil {
			a.digests = map[string]string{}
		}
		a.digests[name] = digest
	}
}

// doubt says that the list is open, and warns at n.
func (a *access) doubt(n *node, why string) {
	a.r.warn(n, why+" "+takeAll)
	a.unsure(why)
}

// unsure says that the list is open, where nothing in the file is to be mended.
func (a *access) unsure(why string) {
	why = withoutGaps(why)
	if !slices.Contains(a.open, why) && len(a.open) < 20 {
		a.open = append(a.open, why)
	}
}

// end is what the agent reaches. in is the part of the file that says so, or should, and key
// its field.
func (a *access) end(in *node, key string) models.ImportedAccess {
	f := models.ImportedField{Field: "tools", Value: strings.Join(a.named, ", "), Pointer: in.child(key), Line: in.line, Status: models.FieldRead}
	if n := in.get(key); n != nil {
		f.Pointer, f.Line = n.pointer(), n.line
	}
	if len(a.named) == 0 && len(a.open) == 0 {
		a.unsure("The file names no tool, which does not mean that there is none.")
	}
	if len(a.open) == 0 {
		a.r.note(f)
		return models.ImportedAccess{Access: models.AccessListed, Listed: a.named, Digests: a.digests, Note: "The file lists " + plural(len(a.named), "tool") + "."}
	}
	f.Note = cut(strings.Join(a.open, " "), 1_000) + " " + takeAll
	f.Status = models.FieldOdd
	if len(a.named) == 0 {
		f.Status = models.FieldMissing
	}
	a.r.note(f)
	note := f.Note
	if len(a.named) > 0 {
		note += " The file names: " + cut(f.Value, 2_000) + "."
	}
	return models.ImportedAccess{Access: models.AccessUnknown, Note: note}
}

// delegates collects the agents to which one passes work on, each once.
type delegates struct {
	r    *reading
	list []models.ImportedDelegate
}

// add takes the agent called name, how in plain words. The agent is seen as well, unless how is
// "": then the file describes it.
func (d *delegates) add(n *node, name, url, how string) {
	name, _ = show(name, false)
	switch {
	case name == "" || strings.Contains(name, secretRemoved):
		return
	case n.worksOut() || isPlaceholder(name):
		d.r.warn(n, fmt.Sprintf("To which agent work goes at %s turns out only where it runs. Ask the agent's maker.", quote(name)))
		return
	}
	name = cut(name, 200)
	if slices.ContainsFunc(d.list, func(have models.ImportedDelegate) bool { return have.Name == name && have.URL == url }) {
		return
	}
	if len(d.list) == maxDelegates {
		d.r.warn(n, fmt.Sprintf("The file names more than %d agents to which work is passed on. The others were not read.", maxDelegates))
		return
	}
	d.list = append(d.list, models.ImportedDelegate{Name: name, URL: url, Pointer: n.pointer()})
	d.r.note(models.ImportedField{Field: fmt.Sprintf("delegates[%d]", len(d.list)-1), Value: name, Pointer: n.pointer(), Line: n.line, Status: models.FieldRead})
	if how != "" {
		d.r.see(n, models.ImportAgent, name, url, how)
	}
}

// words is the entries of a list that stands as a list of texts or as one text with commas.
// A comma inside parentheses is no end. Entries that are no text are left to bad.
func (n *node) words(bad func(item *node)) []word {
	var all []word
	switch {
	case n == nil:
	case n.kind == text:
		depth, start := 0, 0
		for i, c := range n.text {
			switch {
			case c == '(':
				depth++
			case c == ')':
				depth--
			case c == ',' && depth <= 0:
				all = append(all, word{n, n.text[start:i]})
				start = i + 1
			}
		}
		all = append(all, word{n, n.text[start:]})
		all = slices.DeleteFunc(all, func(w word) bool { return strings.TrimSpace(w.text) == "" })
	case n.kind == array:
		for _, item := range n.items {
			if item.kind != text {
				bad(item)
				continue
			}
			all = append(all, word{item, item.text})
		}
	default:
		bad(n)
	}
	for i := range all {
		all[i].text = strings.TrimSpace(all[i].text)
	}
	return all
}

// word is one entry of a list, and where it stands.
type word struct {
	at   *node
	text string
}

// prompt notes the digest of the system prompt parts, SHA-256 in hex over their bytes with a
// zero byte between two; "" when they say nothing. n is where the prompt stands.
func (r *reading) prompt(n *node, line int, parts ...string) string {
	joined := strings.Join(parts, "\x00")
	if strings.Trim(joined, "\x00 \t\r\n") == "" {
		r.note(models.ImportedField{Field: "promptDigest", Pointer: n.pointer(), Line: line, Status: models.FieldMissing, Note: "The file holds no system prompt."})
		return ""
	}
	sum := sha256.Sum256([]byte(joined))
	digest := hex.EncodeToString(sum[:])
	r.note(models.ImportedField{Field: "promptDigest", Value: digest, Pointer: n.pointer(), Line: line, Status: models.FieldRead,
		Note: "Only this digest is kept of the prompt, never its text."})
	return digest
}

// model reads which model an agent runs on; left is what leaving it out means.
func (r *reading) model(in *node, key, left string) string {
	n := in.get(key)
	if n == nil || n.kind == null {
		r.note(models.ImportedField{Field: "model", Pointer: in.child(key), Line: in.line, Status: models.FieldMissing, Note: left})
		return ""
	}
	return r.text(in, key, want{field: "model", noun: "the model", most: 200, whole: true, check: checkExpression})
}

// checkExpression knows values that a program works out: Power Fx (=Env.MODEL) and the like.
func checkExpression(w want, s string) (kept, problem string) {
	if strings.HasPrefix(s, "=") || isAddressPlaceholder(s) {
		return "", fmt.Sprintf("Here %s is worked out where the agent runs: %s. It was not taken over: enter the real value here.", w.noun, quote(s))
	}
	return s, ""
}
