package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// deliver takes the letter through one conversation with the server. The steps are
// taken one by one, so that it is known what the server refused: the mailbox, or
// everything.
func (m Mail) deliver(ctx context.Context, letter *gomail.Msg, from, to *mail.Address) error {
	raw := &bounded{ctx: ctx}
	defer func() { _ = raw.Close() }()
	client, err := m.client(raw)
	if err != nil {
		return failed("the mail server's settings are not usable")
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return m.refused(ctx, "", err)
	}
	if err := conversation.Mail(path(from)); err != nil {
		return m.refused(ctx, "the sender", err)
	}
	if err := conversation.Rcpt(path(to)); err != nil {
		f := m.refused(ctx, "the address "+to.Address, err)
		if mailbox(err) {
			f.class = permanent
		}
		return f
	}
	data, err := conversation.Data()
	if err == nil {
		_, err = letter.WriteTo(data)
	}
	if err == nil {
		err = data.Close()
	}
	if err != nil {
		f := m.refused(ctx, "the message for "+to.Address, err)
		if code := enhanced(err); strings.HasPrefix(code, "5.1.") || strings.HasPrefix(code, "5.2.") {
			f.class = permanent // some servers look for the mailbox only now
		}
		return f
	}
	// It was taken over: whether the parting is civil changes nothing.
	_ = conversation.Quit()
	return nil
}

// path is the address in angle brackets, its local part quoted where it has to be
// (RFC 5321 section 4.1.2).
func path(a *mail.Address) string { return (&mail.Address{Address: a.Address}).String() }

// client is set up anew for each message: the conversation belongs to one.
func (m Mail) client(raw *bounded) (*gomail.Client, error) {
	secure := &tls.Config{ServerName: m.Host, RootCAs: m.RootCAs, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{gomail.WithHELO(m.hello()), gomail.WithTLSConfig(secure), gomail.WithTimeout(m.timeout())}
	port := m.Port
	switch m.TLS {
	case MailTLS:
		port = cmp.Or(port, 465)
		options = append(options, gomail.WithSSL())
	case MailPlain:
		port = cmp.Or(port, 25)
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		port = cmp.Or(port, 587)
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.Username != "" {
		// Named rather than discovered: the library discovers as if in the clear where it did not dial itself.
		options = append(options, gomail.WithUsername(m.Username), gomail.WithPassword(m.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	options = append(options, gomail.WithPort(port), gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		return m.dial(ctx, raw, network, address, secure)
	}))
	return gomail.NewClient(m.Host, options...)
}

func (m Mail) timeout() time.Duration {
	if m.within != 0 {
		return m.within
	}
	return mailWithin
}

// dial connects, and keeps the connection where deliver closes it in every case:
// the library leaves it open when the greeting fails.
func (m Mail) dial(ctx context.Context, raw *bounded, network, address string, secure *tls.Config) (net.Conn, error) {
	conn, err := m.dialer().DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	raw.hold(conn)
	if m.TLS != MailTLS {
		return raw, nil
	}
	over := tls.Client(raw, secure)
	if err := over.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return over, nil
}

// dialer goes to this machine only where nothing protects the connection, wherever
// its name may lead.
func (m Mail) dialer() *net.Dialer {
	d := &net.Dialer{}
	if m.TLS == MailPlain {
		d.Control = onlyLoopback
	}
	return d
}

// bounded is a connection that ends with its context, whatever deadline the library
// sets on it later.
type bounded struct {
	net.Conn
	ctx    context.Context
	letGo  func() bool
	closed sync.Once
}

func (b *bounded) hold(conn net.Conn) {
	b.Conn = conn
	b.letGo = context.AfterFunc(b.ctx, func() { _ = conn.Close() })
	_ = b.SetDeadline(time.Time{})
}

func (b *bounded) SetDeadline(t time.Time) error {
	if last, ok := b.ctx.Deadline(); ok && (t.IsZero() || t.After(last)) {
		t = last
	}
	return b.Conn.SetDeadline(t)
}

func (b *bounded) Close() (err error) {
	b.closed.Do(func() {
		if b.Conn != nil {
			b.letGo()
			err = b.Conn.Close()
		}
	})
	return err
}

// refused puts in words what the server did not take: its own reply where it gave
// one, without any secret that it may repeat.
func (m Mail) refused(ctx context.Context, what string, err error) *failure {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		if ctx.Err() != nil {
			return network(m.Host, ctx.Err())
		}
		if strings.Contains(err.Error(), "does not support STARTTLS") {
			return failed("%s: the mail server does not offer STARTTLS, and nothing is sent without it", m.Host)
		}
		if strings.Contains(err.Error(), "AUTH") {
			return failed("%s: the mail server offers no way to sign in that is known here", m.Host)
		}
		return network(m.Host, err)
	}
	if what == "" {
		what = "to talk to us"
		if reply.Code == 535 || reply.Code == 534 || reply.Code == 530 || reply.Code == 538 {
			what = "the user name and password"
		}
	}
	said := excerpt(reply.Msg, m.Password)
	return failed("%s refuses %s: %s", m.Host, what, strings.TrimSpace(strconv.Itoa(reply.Code)+" "+said))
}

// mailbox says whether a refusal at RCPT is about this mailbox (RFC 5321 section
// 4.2.2: 550 to 553) and not about us, such as "relaying denied" (RFC 3463: 5.7.x).
func mailbox(err error) bool {
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code < 550 || reply.Code > 553 {
		return false
	}
	code := enhanced(err)
	return code == "" || strings.HasPrefix(code, "5.1.") || strings.HasPrefix(code, "5.2.")
}

// enhanced is the enhanced status code of the reply (RFC 3463), "" for none.
func enhanced(err error) string {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return ""
	}
	first, _, _ := strings.Cut(reply.Msg, " ")
	class, rest, ok := strings.Cut(first, ".")
	if !ok || len(class) != 1 || strings.Trim(rest, "0123456789.") != "" {
		return ""
	}
	return first
}
