package notify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryKindThatIsQueuedHasWords reads the sources of the rules for every kind
// that is given to notify or notifyOf, or put into a Notice, so that a new one without
// words fails here. Where a kind is put together of more than a constant, all that it
// can be is looked for; what cannot be told fails as well, and is to be taught here.
func TestEveryKindThatIsQueuedHasWords(t *testing.T) {
	src := readModels(t)
	queued := src.kinds(t)
	require.Greater(t, len(queued), 40)
	for _, kind := range []string{"version.approved", "version.revoked", "duty.sign", "duty.claim", "delegation.declined", "reminder", "escalation", "channel.test"} {
		require.Contains(t, queued, kind, "the reading of the sources finds what is certainly there")
	}
	for kind, where := range queued {
		require.True(t, Known(kind), "%s queues %q: give it words in compose_kinds.go or compose_duty.go", where, kind)
	}
	// And what a duty or the channels are called, whoever queues it.
	for name, value := range src.consts {
		switch {
		case strings.HasPrefix(name, "Duty") && !strings.Contains(value, " "):
			require.True(t, Known("duty."+value), "models.%s has no words", name)
			require.Contains(t, dueTitles, value, "models.%s has no words in a calendar", name)
		case strings.HasPrefix(name, "Notice"):
			require.True(t, Known(value), "models.%s has no words", name)
		}
	}
}

type sources struct {
	files  *token.FileSet
	funcs  []*ast.FuncDecl
	consts map[string]string // string constants
}

func readModels(t *testing.T) sources {
	t.Helper()
	s := sources{files: token.NewFileSet(), consts: map[string]string{}}
	paths, err := filepath.Glob("../models/*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		file, err := parser.ParseFile(s.files, path, text, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s.funcs = append(s.funcs, d)
			case *ast.GenDecl:
				if d.Tok == token.CONST {
					s.constants(d)
				}
			}
		}
	}
	return s
}

func (s sources) constants(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		for i, name := range v.Names {
			if i < len(v.Values) {
				if text, ok := literal(v.Values[i]); ok {
					s.consts[name.Name] = text
				}
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// kinds are all kinds that are queued, each with a place where.
func (s sources) kinds(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, f := range s.funcs {
		if f.Name.Name == "notify" || f.Name.Name == "notifyOf" {
			continue // they pass their callers' on
		}
		ast.Inspect(f, func(n ast.Node) bool {
			kind, ok := queues(n)
			if !ok {
				return true
			}
			where := s.files.Position(n.Pos()).String()
			values := s.values(f, kind)
			require.NotEmpty(t, values, "%s: what kind of notice this is cannot be told; teach this test", where)
			for _, v := range values {
				out[v] = where
			}
			return true
		})
	}
	return out
}

// queues says whether the node queues a notice, and the kind's expression.
func queues(n ast.Node) (ast.Expr, bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 0 && (f.Sel.Name == "notify" || f.Sel.Name == "notifyOf") {
			return n.Args[0], true
		}
	case *ast.CompositeLit:
		if name, ok := n.Type.(*ast.Ident); ok && name.Name == "Notice" {
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Kind" {
					return kv.Value, true
				}
			}
		}
	}
	return nil, false
}

// values are all that an expression in the function can be; none where that cannot
// be told.
func (s sources) values(f *ast.FuncDecl, e ast.Expr) []string {
	if text, ok := literal(e); ok {
		return []string{text}
	}
	switch e := e.(type) {
	case *ast.Ident:
		if text, ok := s.consts[e.Name]; ok {
			return []string{text}
		}
		if e.Name == "kind" { // of a duty that is opened
			return s.named("Duty")
		}
		return s.assigned(f, e.Name)
	case *ast.SelectorExpr:
		switch e.Sel.Name {
		case "act":
			return s.assigned(f, "act")
		case "Kind": // of a step of a duty's time line
			return []string{s.consts["StepReminder"], s.consts["StepEscalation"]}
		}
	case *ast.BinaryExpr:
		var out []string
		for _, a := range s.values(f, e.X) {
			for _, b := range s.values(f, e.Y) {
				out = append(out, a+b)
			}
		}
		return out
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "string" && len(e.Args) == 1 {
			if of, ok := e.Args[0].(*ast.Ident); ok && of.Name == "state" {
				return s.ends()
			}
		}
	}
	return nil
}

func (s sources) named(prefix string) (out []string) {
	for name, value := range s.consts {
		if strings.HasPrefix(name, prefix) && !strings.Contains(value, " ") {
			out = append(out, value)
		}
	}
	return out
}

// assigned are the literals that the function gives a variable, or an act by change.
func (s sources) assigned(f *ast.FuncDecl, name string) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				is := false
				switch l := left.(type) {
				case *ast.Ident:
					is = l.Name == name
				case *ast.SelectorExpr:
					is = l.Sel.Name == name
				}
				if is && i < len(n.Rhs) {
					if text, ok := literal(n.Rhs[i]); ok {
						out = append(out, text)
					}
				}
			}
		case *ast.CallExpr:
			if c, ok := n.Fun.(*ast.SelectorExpr); ok && name == "act" && c.Sel.Name == "change" && len(n.Args) > 0 {
				if text, ok := literal(n.Args[0]); ok {
					out = append(out, text)
				}
			}
		}
		return true
	})
	return out
}

// ends are the states that a version is ended in.
func (s sources) ends() (out []string) {
	for _, f := range s.funcs {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			if name, ok := call.Fun.(*ast.SelectorExpr); ok && (name.Sel.Name == "end" || name.Sel.Name == "endOfMerged") {
				if state, ok := call.Args[2].(*ast.Ident); ok {
					if text, ok := s.consts[state.Name]; ok && !slices.Contains(out, text) {
						out = append(out, text)
					}
				}
			}
			return true
		})
	}
	return out
}
