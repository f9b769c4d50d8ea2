// Package policy says what a version allows, and answers requests from it. A version
// is compiled into the text of a Cedar policy, which is what people sign; at runtime
// the same is answered from a Snapshot. No I/O.
package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// Compile is the Cedar text that enforces a document: one permit for each operation
// with its resource patterns, the task's boundary and the scope's condition. It is part
// of what is signed. The text is parsed once here, so that what cannot be enforced
// cannot be submitted.
func Compile(d models.Document) (string, error) {
	if err := CheckCondition(d.Scope.When); err != nil {
		return "", err
	}
	windows, err := models.ParseWindows(d.Task.Windows)
	if err != nil {
		return "", fmt.Errorf("cannot compile the time window: %w", err)
	}
	bounds := boundary(d, windows)
	var b strings.Builder
	for i, f := range d.Facts {
		if i > 0 {
			b.WriteString("\n")
		}
		permit(&b, d, f, bounds)
	}
	text := b.String()
	if _, err := cedar.NewPolicySetFromBytes("version.cedar", []byte(text)); err != nil {
		return "", fmt.Errorf("cannot compile the policy: %w", err)
	}
	return text, nil
}

func permit(b *strings.Builder, d models.Document, f models.Fact, bounds string) {
	fmt.Fprintf(b, "@operation(%s)\npermit (\n  principal == Agent::%s,\n  action == Action::%s,\n  resource\n)\nwhen {\n  context.capability == %s &&\n  resource in System::%s",
		quote(f.OperationID), quote(d.AgentID), quote(f.Operation), quote(d.CapabilityID), quote(f.SystemID))
	if len(f.Resources) > 0 {
		patterns := slices.Clone(f.Resources)
		slices.Sort(patterns)
		var likes []string
		for _, p := range patterns {
			likes = append(likes, "resource.name like "+pattern(p))
		}
		fmt.Fprintf(b, " &&\n  (%s)", strings.Join(likes, " || "))
	}
	b.WriteString(bounds + "\n}")
	if d.Scope.When != "" {
		fmt.Fprintf(b, "\nwhen {\n  %s\n}", strings.ReplaceAll(d.Scope.When, "\n", "\n  "))
	}
	b.WriteString(";\n")
}

// boundary is what the task says of every action: the sensitivity of its data, how
// many actions a day, and when.
func boundary(d models.Document, windows models.Windows) string {
	var b strings.Builder
	if rank := sensitivity(d.Task.Sensitivity); rank >= 0 {
		fmt.Fprintf(&b, " &&\n  context.sensitivity <= %d", rank)
	}
	if d.Task.VolumeLimit > 0 {
		fmt.Fprintf(&b, " &&\n  context.used + context.volume <= %d", d.Task.VolumeLimit)
	}
	if len(windows) > 0 {
		var texts []string
		for _, w := range windows {
			texts = append(texts, quote(w.String()))
		}
		fmt.Fprintf(&b, " &&\n  [%s].containsAny(context.windows)", strings.Join(texts, ", "))
	}
	return b.String()
}

// sensitivity is the rank of a word of models.Sensitivities; -1 for none of them.
func sensitivity(word string) int {
	return slices.IndexFunc(models.Sensitivities, func(c models.Choice) bool { return c.Value == word })
}

// CheckCondition says what is wrong with a condition: one Cedar expression over
// principal, action, resource and context, without a policy around it. "" is none.
func CheckCondition(text string) error {
	if text == "" {
		return nil
	}
	ps, err := cedar.NewPolicySetFromBytes("condition.cedar", []byte(conditionPolicy(text)))
	if err != nil {
		return fmt.Errorf("this is no Cedar expression: %w", err)
	}
	n := 0
	for range ps.All() {
		n++
	}
	if n != 1 {
		return fmt.Errorf("this is more than one Cedar expression")
	}
	return nil
}

func conditionPolicy(text string) string {
	return "permit (principal, action, resource) when {\n" + text + "\n};"
}

// quote is a Cedar string literal. Everything but plain ASCII is written as
// \u{…}, so that no character can end the literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		default:
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// pattern is a Cedar like pattern: * stands for anything, as the scope's form says.
func pattern(s string) string { return quote(s) }
