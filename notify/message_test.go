package notify

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"
)

func digest() Message {
	return Message{Key: "digest 17 February", Kind: "digest", At: approved().At, To: Recipient{Name: "Ann Lee", Email: "ann@example.com"},
		Title: "3 things wait for you in Countersign", Lead: "This is what came since yesterday.", Link: "https://countersign.example.com/",
		Action: "See everything", Items: []Item{
			{Title: "Sign-off asked: Payroll bot", Link: "https://countersign.example.com/versions/ver_1?a=1&b=2", Due: "due on 3 March 2027"},
			{Title: "Approved: a name that is so long that it has to be wrapped over more than one line of plain text", Link: "https://countersign.example.com/versions/ver_2"},
			{Title: "Somebody left", Link: "javascript:alert(1)"},
		}}
}

func TestMessagesRender(t *testing.T) {
	for name, m := range map[string]Message{"approved": approved(), "digest": digest()} {
		html, err := m.HTML()
		require.NoError(t, err)
		golden(t, name+".txt", m.Text())
		golden(t, name+".html", html)
		for _, line := range strings.Split(m.Text(), "\n") {
			require.True(t, utf8.RuneCountInString(line) <= 72 || strings.Contains(line, "https://"), line)
		}
	}
}

func TestWhatStrangersWroteIsInert(t *testing.T) {
	for in, want := range map[string]string{
		"  Invoice\tclerk \n": "Invoice clerk",
		"a\r\nBcc: x":         "a Bcc: x",
		"pay \u202eevil\u202c \u2066x\u2069 \ufeffy\u00adz\u200b": "pay evil x yz",
		"\x00\x1b[31mred\x7f\u0085":                               "[31mred",
		"می\u200cخواهم 👩\u200d💻":                                  "می\u200cخواهم 👩\u200d💻",
		"bad \xff bytes":                                          "bad bytes",
		"see https://evil.example/x?y now":                        "see (an address was left out here) now",
		"JaVaScRiPt://x www.evil.example mailto:a@b.example done": "(an address was left out here) (an address was left out here) (an address was left out here) done",
		"line\u2028two\u2029three":                                "line two three",
		"Ärger mit 5 < 6 & \"quotes\"":                            "Ärger mit 5 < 6 & \"quotes\"",
	} {
		require.Equal(t, want, inert(in, 200))
	}
	require.Equal(t, "abcd…", inert("abcd efgh", 6))
	require.Equal(t, "äöüäö", inert("äöüäö", 5))
	require.Equal(t, "äöüä…", inert("äöüäöü", 5))
	require.Empty(t, inert("\n\u202e\u200b", 10))
}

func TestSubjectsAreOneBoundedLine(t *testing.T) {
	require.Equal(t, 150, utf8.RuneCountInString(Message{Title: strings.Repeat("ü", 5000)}.Subject()))
	require.Equal(t, "Something waits for you in Countersign", Message{Title: " \r\n "}.Subject())
}

// TestHTMLHasNothingThatActs puts markup wherever a text goes.
func TestHTMLHasNothingThatActs(t *testing.T) {
	attack := `</p><script>alert(1)</script><img src=x onerror=alert(1)><a href="https://evil.example">click</a>{{.}}`
	m := Message{Key: attack, Kind: attack, To: Recipient{Name: attack}, Title: attack, Lead: attack, Lines: []string{attack}, Link: "https://ok.example/" + attack,
		Action: attack, Consequence: attack, Items: []Item{{Title: attack, Link: "javascript:alert(1)", Due: attack}, {Title: "b", Link: "data:text/html,x"}}}
	html, err := m.HTML()
	require.NoError(t, err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	require.NoError(t, err)
	require.Zero(t, doc.Find("script, img, link, iframe, form, object, [src], [background]").Length())
	require.Equal(t, 1, doc.Find("a").Length(), "the message's own link, and none of a stranger's")
	href, _ := doc.Find("a").Attr("href")
	require.True(t, strings.HasPrefix(href, "https://ok.example/"), href)
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
			require.NotContains(t, a.Val, "url(")
		}
	})
	require.Contains(t, doc.Find("h1").Text(), "<script>", "it is shown as what it is")
}

func TestALinkIsFollowedOnlyWhereItMayBe(t *testing.T) {
	for link, ok := range map[string]bool{
		"https://countersign.example.com/versions/1": true,
		"http://localhost:8080/x":                    true,
		"http://127.0.0.1:8080/x":                    true,
		"http://countersign.example.com/":            false,
		"http://localhost.evil.example/":             false,
		"https://user:pw@example.com/":               false,
		"/versions/1":                                false,
		"//example.com/":                             false,
		"javascript:alert(1)":                        false,
		"https:example.com":                          false,
		"":                                           false,
		"https://example.com/\r\nX: y":               false,
		"https://x/" + strings.Repeat("y", 2000):     false,
	} {
		require.Equal(t, ok, followable(link) != "", link)
	}
}

func TestMessagesAreBounded(t *testing.T) {
	long := strings.Repeat("word ", 10_000)
	m := Message{Title: long, Lead: long, Action: long, Consequence: long, To: Recipient{Name: long}}
	for range 500 {
		m.Lines = append(m.Lines, long)
		m.Items = append(m.Items, Item{Title: long, Due: long})
	}
	require.Less(t, len(m.Text()), 80_000)
	require.Contains(t, m.Text(), "and 400 more")
}

func TestIDsAreOfOneForm(t *testing.T) {
	require.Equal(t, "abc-DEF_123", Message{Key: "abc-DEF_123"}.ID())
	for _, key := range []string{"", "a.b", "a b", "a\r\nb", strings.Repeat("x", 65), "ä", "act\x00person/duty.sign/per_1/dty_2"} {
		require.Regexp(t, `^[0-9a-f]{64}$`, Message{Key: key}.ID())
	}
	require.NotEqual(t, Message{Key: "a.b"}.ID(), Message{Key: "a.c"}.ID())
}
