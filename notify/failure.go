package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// failure is why a message was not taken. Its words are for the register of what
// was sent and for whoever runs the installation: they name the host and never hold
// a secret, a URL's path or query, or anything of the message.
type failure struct {
	words string
	class class
	after time.Duration
	cause error
}

type class int

const (
	temporary class = iota
	permanent
	gone
)

func (f *failure) Error() string { return f.words }

// Unwrap gives only causes that say nothing of a URL or a secret: what our own
// code decided, and the context's end.
func (f *failure) Unwrap() error { return f.cause }

// Permanent says whether sending again cannot help: the mailbox refuses, or the
// address is none. What is wrong with a whole server is not: it gets mended.
func Permanent(err error) bool { return classOf(err) == permanent }

// Gone says whether the receiver asked never to be sent to again (HTTP 410): the
// endpoint is to be switched off.
func Gone(err error) bool { return classOf(err) == gone }

// After is how long the receiver asked to be left alone (HTTP Retry-After, at most
// a day), and whether it did.
func After(err error) (time.Duration, bool) {
	var f *failure
	if errors.As(err, &f) && f.after > 0 {
		return f.after, true
	}
	return 0, false
}

func classOf(err error) class {
	var f *failure
	if errors.As(err, &f) {
		return f.class
	}
	return temporary
}

func failed(format string, args ...any) *failure {
	return &failure{words: fmt.Sprintf(format, args...)}
}

// network is a failure of getting through to host at all, in words. Only kinds of
// error that are known are put in words: the text of another might repeat what it
// was given.
func network(host string, err error) *failure {
	var ours *failure
	if errors.As(err, &ours) {
		return ours
	}
	var refused *RefusedAddress
	if errors.As(err, &refused) {
		return &failure{words: refused.Error(), cause: refused}
	}
	return &failure{words: host + ": " + why(err), cause: endOf(err)}
}

func endOf(err error) error {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			return end
		}
	}
	return nil
}

func why(err error) string {
	var (
		dns     *net.DNSError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		alert   tls.AlertError
		record  tls.RecordHeaderError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "sending was interrupted"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host name"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &dns):
		return "the host name could not be looked up"
	case errors.As(err, &host):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate is not valid at this time"
	case errors.As(err, &invalid):
		return "its certificate is not valid"
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that is not known here"
	case errors.As(err, &alert):
		return "it broke off the TLS handshake"
	case errors.As(err, &record):
		return "it does not speak TLS there"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.EPIPE):
		return "it closed the connection"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "it cannot be reached from here"
	}
	return "the connection failed, or its answer could not be read"
}

// excerpt is the beginning of what a stranger's server said, for the register: one
// line of at most 200 printable characters, in which each secret is blotted out.
// A server may send back what it was sent.
func excerpt(said string, secrets ...string) string {
	said = strings.ToValidUTF8(said, "")
	for _, s := range secrets {
		if len(s) >= 4 {
			for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
				said = strings.ReplaceAll(said, form, "[…]")
			}
		}
	}
	var b strings.Builder
	for _, r := range said {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		}
	}
	return shorten(strings.Join(strings.Fields(b.String()), " "), 200)
}
