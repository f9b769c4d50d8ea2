package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Mail is the installation's mail server (RFC 5321). The operator configured it, so
// it may stand in a private network.
type Mail struct {
	Host      string
	Port      int    // 0: 587 for STARTTLS, 465 for TLS, 25 for none
	TLS       string // MailStartTLS (also ""), MailTLS or MailPlain
	Username  string // "" for a server that asks for none
	Password  string
	From      string // "Countersign <countersign@example.com>", or the address alone
	HelloName string // how we name ourselves in EHLO; "" for From's domain
	RootCAs   *x509.CertPool
	Now       func() time.Time // nil for the system's clock

	within time.Duration // tests
}

// How the connection to the mail server is protected. Each checks the certificate
// against the host's name; none falls back to another.
const (
	MailStartTLS = "starttls" // RFC 3207, and it must be offered
	MailTLS      = "tls"      // from the first byte (RFC 8314)
	MailPlain    = "none"     // only to this machine
)

// mailWithin is how long one message may take from the look-up of the name to the
// server's last word.
const mailWithin = 60 * time.Second

// Check says what is wrong with the settings, for whoever starts the server; nil
// for nothing.
func (m Mail) Check() error {
	switch {
	case m.Host == "" || strings.ContainsAny(m.Host, " \t\r\n/@"):
		return errors.New("the mail server's host is missing or not a host name")
	case m.Port < 0 || m.Port > 65535:
		return fmt.Errorf("the mail server's port is %d; it is between 1 and 65535", m.Port)
	case m.TLS != "" && m.TLS != MailStartTLS && m.TLS != MailTLS && m.TLS != MailPlain:
		return fmt.Errorf("the mail server's TLS is %q; choose %s, %s or %s", m.TLS, MailStartTLS, MailTLS, MailPlain)
	case m.TLS == MailPlain && !thisMachine(m.Host):
		return fmt.Errorf("mail without TLS is only for a server on this machine, and %s is not: choose %s or %s", m.Host, MailStartTLS, MailTLS)
	case m.Username == "" && m.Password != "":
		return errors.New("the mail server's password is set, but not the user name")
	case m.HelloName != "" && strings.ContainsAny(m.HelloName, " \t\r\n"):
		return errors.New("the name for EHLO is not a host name")
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return errors.New("the address that mail comes from is missing or not an address, such as Countersign <countersign@example.com>")
	}
	return nil
}

// Send gives one message to the mail server; nil once the server has taken it over
// (its 250 after the last line, RFC 5321 section 4.2.5). The error is Permanent when the
// mailbox refuses; everything else is worth another try. Send takes at most a minute, or
// as long as ctx allows.
func (m Mail) Send(ctx context.Context, msg Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	to, err := recipient(msg.To)
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return failed("the address that mail comes from is not an address")
	}
	letter, err := m.letter(msg, from, to)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout())
	defer cancel()
	return m.deliver(ctx, letter, from, to)
}

// recipient is the address in its parsed form. One that does not parse is refused
// for good: there is no mailbox behind it.
func recipient(r Recipient) (*mail.Address, error) {
	const none = "there is no e-mail address that mail could be sent to"
	if r.Email == "" || strings.ContainsAny(r.Email, "<>\r\n\x00") {
		return nil, &failure{words: none, class: permanent}
	}
	a, err := mail.ParseAddress(r.Email)
	if err != nil || a.Name != "" || a.Address != r.Email {
		return nil, &failure{words: none, class: permanent}
	}
	return &mail.Address{Name: inert(r.Name, maxName), Address: a.Address}, nil
}

// letter is the message as mail (RFC 5322): text and HTML of one content (RFC 2046
// multipart/alternative), marked as sent by a machine, so that no holiday notice
// answers it (RFC 3834). Nobody unsubscribes from what they answer for, so there is no
// List-Unsubscribe; where and when it arrives is chosen on the person's own page.
func (m Mail) letter(msg Message, from, to *mail.Address) (*gomail.Msg, error) {
	html, err := msg.HTML()
	if err != nil {
		return nil, failed("the message could not be put into HTML")
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(from)
	out.ToMailAddress(to)
	out.Subject(msg.Subject())
	out.SetMessageIDWithValue(msg.ID() + "@" + domainOf(from))
	out.SetDateWithValue(m.now())
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetGenHeader("X-Auto-Response-Suppress", "All")
	if msg.Urgent {
		out.SetImportance(gomail.ImportanceHigh)
	}
	out.SetBodyString(gomail.TypeTextPlain, msg.Text())
	out.AddAlternativeString(gomail.TypeTextHTML, html)
	return out, nil
}

func (m Mail) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

func domainOf(a *mail.Address) string { return a.Address[strings.LastIndexByte(a.Address, '@')+1:] }

// hello is how we name ourselves: a host name, as RFC 5321 section 4.1.1.1 asks.
func (m Mail) hello() string {
	if m.HelloName != "" {
		return m.HelloName
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return "localhost"
	}
	return domainOf(from)
}
