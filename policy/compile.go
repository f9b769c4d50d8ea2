// Package policy compiles a version into the text of a Cedar policy and, later,
// answers requests from it. No I/O.
package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// Compile is the Cedar text that enforces a document: one permit for each
// operation with its resource patterns, under the version's end. It is part of
// what is signed. The text is parsed once here, so that what cannot be enforced
// cannot be submitted.
func Compile(d models.Document) (string, error) {
	var b strings.Builder
	for i, f := range d.Facts {
		if i > 0 {
			b.WriteString("\n")
		}
		permit(&b, d, f)
	}
	text := b.String()
	if _, err := cedar.NewPolicySetFromBytes("version.cedar", []byte(text)); err != nil {
		return "", fmt.Errorf("cannot compile the policy: %w", err)
	}
	return text, nil
}

func permit(b *strings.Builder, d models.Document, f models.Fact) {
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
	b.WriteString("\n};\n")
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
