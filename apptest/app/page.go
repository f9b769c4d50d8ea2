package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Page is an answer. Document is nil when it is not HTML.
type Page struct {
	*goquery.Document
	Status int
	URL    *url.URL
	Header http.Header
	Body   string

	t testing.TB
}

func newPage(t testing.TB, at *url.URL, res *http.Response, body string) *Page {
	t.Helper()
	p := &Page{Status: res.StatusCode, URL: at, Header: res.Header, Body: body, t: t}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		p.Document = doc
	}
	return p
}

// Find is what matches the selector; nothing where the answer is not HTML.
func (p *Page) Find(selector string) *goquery.Selection {
	if p.Document == nil {
		return &goquery.Selection{}
	}
	return p.Document.Find(selector)
}

// Text is the text of everything that matches, with single spaces.
func (p *Page) Text(selector string) string {
	var words []string
	p.Find(selector).Each(func(_ int, s *goquery.Selection) { words = append(words, strings.Fields(s.Text())...) })
	return strings.Join(words, " ")
}

// Has says whether something that matches contains the text.
func (p *Page) Has(selector, text string) bool {
	text = strings.Join(strings.Fields(text), " ")
	found := false
	p.Find(selector).Each(func(_ int, s *goquery.Selection) {
		found = found || strings.Contains(strings.Join(strings.Fields(s.Text()), " "), text)
	})
	return found
}

// Want fails the test unless something that matches contains the text.
func (p *Page) Want(selector, text string) *Page {
	p.t.Helper()
	if !p.Has(selector, text) {
		p.t.Fatalf("%s has no %q in %q; there is: %q\n%s", p.URL, text, selector, p.Text(selector), p.Body)
	}
	return p
}

// WantNot fails the test if something that matches contains the text.
func (p *Page) WantNot(selector, text string) *Page {
	p.t.Helper()
	if p.Has(selector, text) {
		p.t.Fatalf("%s has %q in %q, and should not: %q", p.URL, text, selector, p.Text(selector))
	}
	return p
}
