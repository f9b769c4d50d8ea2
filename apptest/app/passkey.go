package app

import (
	"encoding/json"
	"net/http"

	"countersign/ledger/passkey/soft"
)

// AddPasskey takes a key in software into use, as the page's script does.
func (c *Client) AddPasskey(name string) *soft.Key {
	c.t.Helper()
	page := c.Get("/me/passkeys", http.StatusOK)
	key := soft.New("localhost", c.app.URL)
	asked := c.ask("/me/passkeys/challenge", page, "#passkey-new", nil)
	answer, err := key.Enrol(asked.Options)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Submit(page, "#passkey-new", Values{"name": name, "challenge": asked.Challenge, "answer": answer}, http.StatusOK).Want("main", name)
	return key
}

// Sign sends a form that takes a passkey, with the key's answer.
func (c *Client) Sign(page *Page, selector string, values Values, key *soft.Key, want int) *Page {
	c.t.Helper()
	return c.Submit(page, selector, c.Answer(page, selector, values, key), want)
}

// Answer is the form's values with the key's answer to the question that the
// form's script would ask; for what is sent otherwise than a browser would.
func (c *Client) Answer(page *Page, selector string, values Values, key *soft.Key) Values {
	c.t.Helper()
	asked := c.ask(page.Find(selector).AttrOr("data-passkey", ""), page, selector, values)
	if asked.Says != "" {
		c.t.Fatalf("no passkey is asked for: %s", asked.Says)
	}
	answer, err := key.Sign(asked.Options)
	if err != nil {
		c.t.Fatal(err)
	}
	out := Values{"challenge": asked.Challenge, "answer": answer}
	for k, v := range values {
		out[k] = v
	}
	return out
}

// Question is what the server asks a passkey, or why it asks nothing.
type Question struct {
	Challenge string
	Options   json.RawMessage
	Says      string
}

// Ask is the question for a form, whatever comes.
func (c *Client) Ask(page *Page, selector string, values Values) Question {
	c.t.Helper()
	return c.ask(page.Find(selector).AttrOr("data-passkey", ""), page, selector, values)
}

func (c *Client) ask(href string, page *Page, selector string, values Values) (q Question) {
	c.t.Helper()
	filled := fields(page.Find(selector))
	values.into(filled)
	last := c.Last
	answer := c.Do(c.request(http.MethodPost, href, filled))
	c.Last = last
	if err := json.Unmarshal([]byte(answer.Body), &q); err != nil {
		c.t.Fatalf("%s answered %d and no question: %s", href, answer.Status, answer.Body)
	}
	return q
}
