package jobs

import (
	"errors"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// post is a real mail server on this machine.
type post struct {
	address string
	server  *smtp.Server
	refuse  map[string]bool // mailboxes
	taken   chan string     // the Message-ID of each mail, before it is answered for

	mu   sync.Mutex
	got  map[string]int // mails by Message-ID
	said []string       // subjects
}

func startPost(t *testing.T, address string) *post {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	p := &post{address: listener.Addr().String(), refuse: map[string]bool{}, taken: make(chan string, 1000), got: map[string]int{}}
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.EnableSMTPUTF8, p.server.ErrorLog = "mail.test", true, log.New(io.Discard, "", 0)
	done := make(chan struct{})
	go func() { defer close(done); _ = p.server.Serve(listener) }()
	t.Cleanup(func() { _ = p.server.Close(); _ = listener.Close(); <-done })
	return p
}

func (p *post) port(t *testing.T) int {
	t.Helper()
	at, err := net.ResolveTCPAddr("tcp", p.address)
	require.NoError(t, err)
	return at.Port
}

func (p *post) mails() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for id, n := range p.got {
		out[id] = n
	}
	return out
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{p}, nil }

type session struct{ post *post }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.post.refuse[to] {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	id, _, ok := strings.Cut(strings.Trim(m.Header.Get("Message-Id"), "<>"), "@")
	if !ok {
		return errors.New("no Message-ID")
	}
	s.post.mu.Lock()
	s.post.got[id]++
	s.post.said = append(s.post.said, m.Header.Get("Subject"))
	s.post.mu.Unlock()
	s.post.taken <- id
	return nil
}
