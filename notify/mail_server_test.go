package notify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// post is a real SMTP server in the process, with what it was given.
type post struct {
	port  int
	roots *x509.CertPool
	mu    sync.Mutex
	got   []delivered

	refuse  map[string]error // by address, at RCPT
	atData  error            // at the end of DATA
	atMail  error            // at MAIL FROM
	hang    chan struct{}    // RCPT waits for it, where it is there
	account string           // user name and password, where they are asked for
}

type delivered struct {
	From, To string
	Body     []byte
	TLS      bool
	User     string
	Hello    string
}

// startPost starts the server on this machine. name is the host name of its
// certificate, "" for a server that offers no TLS; implicit speaks TLS at once.
func startPost(t *testing.T, name string, implicit bool) *post {
	t.Helper()
	p := &post{refuse: map[string]error{}}
	s := smtp.NewServer(p)
	s.Domain, s.AllowInsecureAuth, s.EnableSMTPUTF8 = "mail.test", true, true
	s.ErrorLog = quiet
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.port = listener.Addr().(*net.TCPAddr).Port
	if name != "" {
		var cert tls.Certificate
		cert, p.roots = certificate(t, name)
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		if implicit {
			listener = tls.NewListener(listener, s.TLSConfig)
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(listener) }()
	t.Cleanup(func() {
		if p.hang != nil {
			close(p.hang)
		}
		_ = s.Close()
		<-done
	})
	return p
}

func (p *post) all() []delivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]delivered(nil), p.got...)
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{post: p, conn: c}, nil }

type session struct {
	post *post
	conn *smtp.Conn
	one  delivered
}

func (s *session) AuthMechanisms() []string {
	if s.post.account == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user+" "+password != s.post.account {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "bad credentials: " + password}
		}
		s.one.User = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.post.account != "" && s.one.User == "" {
		return smtp.ErrAuthRequired
	}
	s.one.From = from
	return s.post.atMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.post.hang != nil {
		<-s.post.hang
		return errors.New("over")
	}
	s.one.To = to
	return s.post.refuse[to]
}

func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.atData != nil {
		return s.post.atData
	}
	s.one.Body = bytes.Clone(body)
	_, s.one.TLS = s.conn.TLSConnectionState()
	s.one.Hello = s.conn.Hostname()
	s.post.mu.Lock()
	s.post.got = append(s.post.got, s.one)
	s.post.mu.Unlock()
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// certificate is a fresh one for the host, signed by a fresh authority.
func certificate(t *testing.T, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	sign := func(template, parent *x509.Certificate, public *ecdsa.PrivateKey, by *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &public.PublicKey, by)
		require.NoError(t, err)
		cert, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		return cert
	}
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		return k
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	caKey, leafKey := key(), key()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca = sign(ca, ca, caKey, caKey)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	leaf = sign(leaf, ca, leafKey, caKey)
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: leafKey, Leaf: leaf}, roots
}
