package views

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"
)

// everywhere fills every text in a page's props with what was typed, and makes
// every list two long and every part that may be missing be there.
func everywhere(v reflect.Value, typed string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(typed)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(now))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				everywhere(v.Field(i), typed)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		everywhere(v.Elem(), typed)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			everywhere(v.Index(i), typed)
		}
	case reflect.Array:
		for i := range v.Len() {
			everywhere(v.Index(i), typed)
		}
	}
}

// decisionPages are the pages of home, versions, roles and capabilities, empty
// and with a text everywhere.
func decisionPages(typed string) map[string]templ.Component {
	head := PageHead{Title: "A page", Person: "Xu Wei", CSRF: "token"}
	out := map[string]templ.Component{}
	add := func(name string, page func() templ.Component) { out[name] = page() }
	fill := func(props any) {
		if typed != "" {
			everywhere(reflect.ValueOf(props).Elem(), typed)
		}
	}
	var home HomePage
	var version VersionPage
	var changed VersionChanged
	var compare VersionCompare
	var role RolePage
	var capability CapabilityPage
	var versions CapabilityVersions
	var history CapabilityHistory
	var answered CapabilityAsOf
	var act CapabilityAct
	var receipt ReceiptProps
	for _, props := range []any{&home, &version, &changed, &compare, &role, &capability, &versions, &history, &answered, &act, &receipt} {
		fill(props)
	}
	for _, at := range []*time.Time{&home.Now, &version.Now, &changed.Now, &compare.Now, &role.Now, &capability.Now, &versions.Now, &history.Now, &answered.Now, &act.Now, &receipt.Now} {
		*at = now
	}
	add("home", func() templ.Component { return Home(head, home) })
	add("version", func() templ.Component { return Version(head, version) })
	add("moved", func() templ.Component { return VersionMoved(head, changed) })
	add("compare", func() templ.Component { return VersionDiff(head, compare) })
	add("role", func() templ.Component { return RoleOffer(head, role) })
	add("capability", func() templ.Component { return Capability(head, capability) })
	add("versions", func() templ.Component { return CapabilityVersionList(head, versions) })
	add("history", func() templ.Component { return CapabilityHistoryList(head, history) })
	add("answered", func() templ.Component { return CapabilityAnswered(head, answered) })
	add("act", func() templ.Component { return CapabilityDo(head, act) })
	add("receipt", func() templ.Component {
		return ReceiptPage(head, ReceiptFull{ReceiptProps: receipt, CameAbout: []string{typed}, How: []SummaryRow{{Key: "With the passkey", Value: typed}}, Signed: typed, Risk: &DraftTier{}, Changes: []DiffLine{{Was: typed}}, Since: typed})
	})
	return out
}

func TestDecisionPagesKeepTextText(t *testing.T) {
	for _, typed := range []string{hostile, "\u202ekcab", strings.Repeat("M", 4000), "", "é😀\u0000"} {
		for name, page := range decisionPages(typed) {
			html := render(t, page)
			require.NotContains(t, html, "<script>alert", name)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
			require.NoError(t, err)
			require.Equal(t, 1, doc.Find("h1").Length(), name)
			if typed != "" {
				require.Contains(t, doc.Find("main").Text(), strings.Trim(typed, "\u0000")[:min(4, len(typed))], name)
			}
		}
	}
}

// Every form of these pages carries the token and a number; the three choices
// come with none chosen; labels and descriptions lead to what is there.
func TestDecisionPagesAreWhole(t *testing.T) {
	for name, page := range decisionPages("a word") {
		doc := look(t, page)
		doc.Find("main form[method=post]").Each(func(_ int, f *goquery.Selection) {
			require.Equal(t, 1, f.Find("input[name=csrf]").Length(), name)
			require.Equal(t, 1, f.Find("input[name=act_id]").Length(), name)
		})
		doc.Find("label[for]").Each(func(_ int, l *goquery.Selection) {
			require.NotZero(t, doc.Find(`[id="`+l.AttrOr("for", "")+`"]`).Length(), "%s: %s", name, l.Text())
		})
	}
	page := VersionPage{Decide: &VersionDecide{Decision: Decision{Legend: "May it?", Choices: [3]Option{{Value: "sign", Label: "Sign off"}, {Value: "changes", Label: "Ask for changes"}, {Value: "refuse", Label: "Refuse"}}}}}
	require.Zero(t, look(t, Version(PageHead{}, page)).Find("#decide [checked]").Length())
}

func TestSentences(t *testing.T) {
	require.Equal(t, "one", NumberWord(1))
	require.Equal(t, "12", NumberWord(12))
	require.Equal(t, "a, b and c", And([]string{"a", "b", "c"}))
	require.Equal(t, "a and b", And([]string{"a", "b"}))
	require.Equal(t, "", And(nil))
}
