package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

var noon = time.Date(2027, 2, 17, 12, 0, 0, 0, time.UTC)

func approved() Message {
	return Message{Key: "0123456789abcdef0123456789abcdef", Kind: "version.approved", At: models.At(noon),
		To: Recipient{Name: "Zoë Åström-李", Email: "zoe@example.com"}, Title: "Approved: Invoice clerk – “Zahlungen prüfen”",
		Lead: "Ann Lee gave the last sign-off that version 3 needed.", Lines: []string{"It goes live on its start date.", "Said with it: fine by me."},
		Link: "https://countersign.example.com/versions/ver_1", Action: "Look at version 3",
		Consequence: "If nothing happens by 3 March 2027, the approval ends."}
}

func (p *post) mail(how string) Mail {
	return Mail{Host: "127.0.0.1", Port: p.port, TLS: how, From: "Countersign <countersign@example.org>", RootCAs: p.roots, Now: func() time.Time { return noon }}
}

// letter is a mail as a reader's program takes it apart.
type letter struct {
	header     mail.Header
	text, html string
}

func read(t *testing.T, raw []byte) letter {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	out := letter{header: m.Header}
	parts := multipart.NewReader(m.Body, params["boundary"])
	var order []string
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, "quoted-printable", p.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		require.NoError(t, err)
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, "utf-8", strings.ToLower(params["charset"]))
		order = append(order, kind)
		if s := strings.ReplaceAll(string(body), "\r\n", "\n"); kind == "text/plain" {
			out.text = s
		} else {
			out.html = s
		}
	}
	require.Equal(t, []string{"text/plain", "text/html"}, order, "the best last (RFC 2046 section 5.1.4)")
	return out
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(header)
	require.NoError(t, err)
	return s
}

func TestMailArrivesAsItWasWritten(t *testing.T) {
	for name, how := range map[string]string{"STARTTLS": MailStartTLS, "TLS from the first byte": MailTLS} {
		t.Run(name, func(t *testing.T) {
			p := startPost(t, "127.0.0.1", how == MailTLS)
			m := approved()
			require.NoError(t, p.mail(how).Send(t.Context(), m))
			require.NoError(t, p.mail(how).Send(t.Context(), m), "a second try")
			got := p.all()
			require.Len(t, got, 2)
			require.True(t, got[0].TLS)
			require.Equal(t, "countersign@example.org", got[0].From)
			require.Equal(t, "zoe@example.com", got[0].To)
			require.Equal(t, "example.org", got[0].Hello)

			l := read(t, got[0].Body)
			require.Equal(t, "<0123456789abcdef0123456789abcdef@example.org>", l.header.Get("Message-Id"))
			require.Equal(t, l.header.Get("Message-Id"), read(t, got[1].Body).header.Get("Message-Id"), "the same on every try")
			require.Equal(t, "Wed, 17 Feb 2027 12:00:00 +0000", l.header.Get("Date"))
			require.Equal(t, "auto-generated", l.header.Get("Auto-Submitted"))
			require.NotContains(t, l.header, "List-Unsubscribe")
			require.NotContains(t, l.header, "Importance")
			require.NotContains(t, l.header, "User-Agent")
			require.Equal(t, m.Title, decoded(t, l.header.Get("Subject")))
			to, err := l.header.AddressList("To")
			require.NoError(t, err)
			require.Equal(t, []*mail.Address{{Name: m.To.Name, Address: m.To.Email}}, to)
			require.Equal(t, m.Text(), l.text)
			html, err := m.HTML()
			require.NoError(t, err)
			require.Equal(t, html, l.html)
		})
	}
}

func TestUrgentMailSaysSo(t *testing.T) {
	p := startPost(t, "127.0.0.1", false)
	m := approved()
	m.Urgent = true
	require.NoError(t, p.mail("").Send(t.Context(), m))
	require.Equal(t, "high", read(t, p.all()[0].Body).header.Get("Importance"))
}

func TestNoHeaderCanBeAdded(t *testing.T) {
	p := startPost(t, "127.0.0.1", false)
	attack := "x\r\nBcc: everybody@example.com\r\n\r\nwhole new body\n.\r\nMAIL FROM:<evil@example.com>\x00\u2028y"
	m := approved()
	m.Title, m.Lead, m.Action, m.Consequence, m.To.Name, m.Key = attack, attack, attack, attack, attack, attack
	m.Lines, m.Items = []string{attack}, []Item{{Title: attack, Due: attack}}
	require.NoError(t, p.mail("").Send(t.Context(), m))
	got := p.all()
	require.Len(t, got, 1)
	l := read(t, got[0].Body)
	require.NotContains(t, l.header, "Bcc")
	require.NotContains(t, strings.Trim(decoded(t, l.header.Get("Subject")), "\r\n"), "\n")
	require.Regexp(t, `^<[0-9a-f]{64}@example\.org>$`, l.header.Get("Message-Id"))
	to, err := l.header.AddressList("To")
	require.NoError(t, err)
	require.Len(t, to, 1)
	require.Equal(t, "zoe@example.com", to[0].Address)

	for _, address := range []string{"", "zoe", "a@b>\r\nRCPT TO:<c@d", "zoe@example.com\r\nBcc: x@example.com", "Zoe <zoe@example.com>", "a@x.com, b@x.com", "<zoe@example.com>"} {
		m := approved()
		m.To.Email = address
		err := p.mail("").Send(t.Context(), m)
		require.Error(t, err, address)
		require.True(t, Permanent(err), address)
	}
	require.Len(t, p.all(), 1)
}

func TestWhatTheMailServerRefuses(t *testing.T) {
	p := startPost(t, "127.0.0.1", false)
	reply := func(code int, a, b, c int, words string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: words}
	}
	p.refuse = map[string]error{
		"gone@example.com":   reply(550, 5, 1, 1, "no such user here"),
		"off@example.com":    reply(550, 5, 2, 1, "mailbox disabled"),
		"bare@example.com":   &smtp.SMTPError{Code: 550, EnhancedCode: smtp.NoEnhancedCode, Message: "no"},
		"full@example.com":   reply(452, 4, 2, 2, "mailbox full"),
		"later@example.com":  reply(450, 4, 2, 0, "greylisted, come back"),
		"slow@example.com":   &smtp.SMTPError{Code: 451, EnhancedCode: smtp.NoEnhancedCode, Message: "try later"},
		"deny@example.com":   &smtp.SMTPError{Code: 554, EnhancedCode: smtp.NoEnhancedCode, Message: "relay access denied"},
		"auth@example.com":   &smtp.SMTPError{Code: 530, EnhancedCode: smtp.NoEnhancedCode, Message: "sign in first"},
		"relay@example.com":  reply(550, 5, 7, 1, "relaying denied"),
		"policy@example.com": reply(554, 5, 7, 1, "access denied"),
	}
	for address, want := range map[string]struct {
		permanent bool
		says      string
	}{
		"gone@example.com":   {true, "127.0.0.1 refuses the address gone@example.com: 550 5.1.1 no such user here"},
		"off@example.com":    {true, "550 5.2.1 mailbox disabled"},
		"bare@example.com":   {true, "550 no"},
		"full@example.com":   {false, "452 4.2.2 mailbox full"},
		"later@example.com":  {false, "450 4.2.0 greylisted, come back"},
		"slow@example.com":   {false, "451 try later"},
		"deny@example.com":   {false, "554 relay access denied"},
		"auth@example.com":   {false, "530 sign in first"},
		"relay@example.com":  {false, "550 5.7.1 relaying denied"},
		"policy@example.com": {false, "554 5.7.1 access denied"},
	} {
		m := approved()
		m.To.Email = address
		err := p.mail("").Send(t.Context(), m)
		require.ErrorContains(t, err, want.says)
		require.Equal(t, want.permanent, Permanent(err), address)
		require.False(t, Gone(err))
	}
	require.Empty(t, p.all())

	p.atData = reply(550, 5, 1, 1, "found out late that nobody lives here")
	err := p.mail("").Send(t.Context(), approved())
	require.ErrorContains(t, err, "found out late")
	require.True(t, Permanent(err))
	p.atData = reply(554, 5, 6, 0, "we do not like this mail")
	require.False(t, Permanent(p.mail("").Send(t.Context(), approved())))
	p.atData, p.atMail = nil, reply(550, 5, 1, 8, "who are you")
	err = p.mail("").Send(t.Context(), approved())
	require.ErrorContains(t, err, "refuses the sender: 550 5.1.8 who are you")
	require.False(t, Permanent(err), "that is the whole server's")
}

func TestMailSignsIn(t *testing.T) {
	for name, how := range map[string]string{"STARTTLS": MailStartTLS, "TLS from the first byte": MailTLS} {
		t.Run(name, func(t *testing.T) {
			p := startPost(t, "127.0.0.1", how == MailTLS)
			p.account = "courier secret-of-the-courier"
			m := p.mail(how)
			m.Username, m.Password = "courier", "secret-of-the-courier"
			require.NoError(t, m.Send(t.Context(), approved()))
			require.Equal(t, "courier", p.all()[0].User)

			m.Password = "wrong-secret-of-the-courier"
			err := m.Send(t.Context(), approved())
			require.ErrorContains(t, err, "refuses the user name and password: 535")
			require.NotContains(t, err.Error(), "wrong-secret", "the server says the password back")
			require.False(t, Permanent(err))

			m.Username, m.Password = "", ""
			err = m.Send(t.Context(), approved())
			require.Error(t, err)
			require.False(t, Permanent(err))
			require.Len(t, p.all(), 1)
		})
	}
}

func TestNothingIsSentWithoutTheTLSThatWasChosen(t *testing.T) {
	bare := startPost(t, "", false)
	err := bare.mail(MailStartTLS).Send(t.Context(), approved())
	require.ErrorContains(t, err, "does not offer STARTTLS, and nothing is sent without it")
	require.False(t, Permanent(err))
	m := bare.mail(MailTLS)
	require.ErrorContains(t, m.Send(t.Context(), approved()), "it does not speak TLS there")

	other := startPost(t, "elsewhere.example.com", false)
	require.ErrorContains(t, other.mail("").Send(t.Context(), approved()), "its certificate is for another name")

	unknown := startPost(t, "127.0.0.1", true)
	m = unknown.mail(MailTLS)
	m.RootCAs = other.roots
	require.ErrorContains(t, m.Send(t.Context(), approved()), "signed by an authority that is not known here")
	require.Empty(t, append(append(bare.all(), other.all()...), unknown.all()...))

	require.NoError(t, bare.mail(MailPlain).Send(t.Context(), approved()), "to this machine it may be in the clear")
	require.False(t, bare.all()[0].TLS)
	m = bare.mail(MailPlain)
	m.Host = "mail.example.com"
	require.ErrorContains(t, m.Send(t.Context(), approved()), "only for a server on this machine")
	m.Host = "localhost"
	require.NoError(t, m.Send(t.Context(), approved()))

	control := m.dialer().Control
	require.NoError(t, control("tcp4", "127.0.0.1:25", nil))
	require.NoError(t, control("tcp6", "[::1]:25", nil))
	for _, elsewhere := range []string{"93.184.216.34:25", "10.0.0.1:25", "[fe80::1]:25", "0.0.0.0:25", "nonsense"} {
		require.ErrorContains(t, control("tcp", elsewhere, nil), "not on this machine", "wherever the name leads")
	}
	require.Nil(t, bare.mail(MailTLS).dialer().Control, "whoever runs the installation chose the server")
}

func TestAMailServerThatIsDownOrHangs(t *testing.T) {
	down, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m := Mail{Host: "127.0.0.1", Port: down.Addr().(*net.TCPAddr).Port, From: "countersign@example.org"}

	// It accepts and never greets.
	m.within = 100 * time.Millisecond
	err = m.Send(t.Context(), approved())
	require.EqualError(t, err, "127.0.0.1: no answer in time")
	require.False(t, Permanent(err))
	m.within = 0

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := down.Accept() // the one from before
		if err == nil {
			c.Close()
		}
		if c, err = down.Accept(); err == nil {
			defer c.Close()
			cancel()
			_, _ = io.Copy(io.Discard, c)
		}
	}()
	require.EqualError(t, m.Send(ctx, approved()), "127.0.0.1: sending was interrupted")

	down.Close()
	require.EqualError(t, m.Send(t.Context(), approved()), "127.0.0.1: the connection was refused")

	p := startPost(t, "127.0.0.1", false)
	p.hang = make(chan struct{})
	slow := p.mail("")
	slow.within = 500 * time.Millisecond
	require.EqualError(t, slow.Send(t.Context(), approved()), "127.0.0.1: no answer in time")
}

func TestMailSettingsThatCannotBeUsed(t *testing.T) {
	good := Mail{Host: "mail.example.com", From: "a@example.com"}
	require.NoError(t, good.Check())
	for want, change := range map[string]func(*Mail){
		"host is missing":     func(m *Mail) { m.Host = "" },
		"not a host name":     func(m *Mail) { m.Host = "smtp://mail.example.com" },
		"between 1 and 65535": func(m *Mail) { m.Port = 70000 },
		"choose starttls":     func(m *Mail) { m.TLS = "opportunistic" },
		"on this machine":     func(m *Mail) { m.TLS = MailPlain },
		"not the user name":   func(m *Mail) { m.Password = "x" },
		"EHLO":                func(m *Mail) { m.HelloName = "a b" },
		"mail comes from":     func(m *Mail) { m.From = "nobody" },
	} {
		m := good
		change(&m)
		require.ErrorContains(t, m.Check(), want)
		require.ErrorContains(t, m.Send(t.Context(), approved()), want)
	}
}
