package web

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/notify"
)

// Config is what an installation decides. Zero times are replaced by the defaults.
type Config struct {
	Listen    string // host:port; port 0 takes a free one
	PublicURL string // how browsers reach it: scheme and host, no path
	OIDC      OIDC
	Channels  Channels

	// TrustedProxies are the addresses or networks (CIDR) whose X-Forwarded-For
	// is believed. Empty: nobody's, and the address is the connection's own.
	TrustedProxies []string

	IdleTimeout     time.Duration // a session ends after this long without a request
	AbsoluteTimeout time.Duration // and after this long in any case
}

// Channels is how people are told, as pages say it.
type Channels struct {
	MailHost, MailFrom string       // "" where no mail server is set up
	Allow              notify.Allow // what hooks may lead to besides the public internet
}

// OIDC is this application as the identity provider knows it.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	Scopes       []string // asked for besides openid, profile and email
	GroupsClaim  string   // where the groups are; "" is "groups"
}

// Defaults of a session's life.
const (
	DefaultIdleTimeout     = 30 * time.Minute
	DefaultAbsoluteTimeout = 12 * time.Hour
)

// Secure says whether cookies are for https only: always, but on a plain-http
// address of this very machine (Validate refuses any other plain http).
func (c Config) Secure() bool { return !strings.HasPrefix(c.PublicURL, "http://") }

func (c Config) withDefaults() Config {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.IdleTimeout == 0 {
		c.IdleTimeout = DefaultIdleTimeout
	}
	if c.AbsoluteTimeout == 0 {
		c.AbsoluteTimeout = DefaultAbsoluteTimeout
	}
	if c.OIDC.GroupsClaim == "" {
		c.OIDC.GroupsClaim = "groups"
	}
	return c
}

// Validate says what is missing or unsafe, a sentence each; nothing means that
// the server may start.
func (c Config) Validate() []string {
	var says []string
	says = append(says, listenProblem(c.Listen)...)
	says = append(says, originProblem(c.PublicURL)...)
	says = append(says, issuerProblem(c.OIDC.Issuer)...)
	if c.OIDC.ClientID == "" {
		says = append(says, "The client id at the identity provider is missing (COUNTERSIGN_OIDC_CLIENT_ID).")
	}
	if c.OIDC.ClientSecret == "" {
		says = append(says, "The client secret at the identity provider is missing (COUNTERSIGN_OIDC_CLIENT_SECRET, or a file named by COUNTERSIGN_OIDC_CLIENT_SECRET_FILE).")
	}
	for _, p := range c.TrustedProxies {
		if _, err := network(p); err != nil {
			says = append(says, fmt.Sprintf("The trusted proxy %q is neither an address nor a network such as 10.0.0.0/8.", p))
		}
	}
	if c.IdleTimeout < 0 || c.AbsoluteTimeout < 0 || (c.AbsoluteTimeout > 0 && c.IdleTimeout > c.AbsoluteTimeout) {
		says = append(says, "The session's idle timeout must not be longer than its absolute timeout, nor either be negative.")
	}
	return says
}

func listenProblem(listen string) []string {
	if listen == "" {
		return []string{"The address to listen on is missing (COUNTERSIGN_LISTEN, such as 127.0.0.1:8080)."}
	}
	_, port, err := net.SplitHostPort(listen)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		return []string{fmt.Sprintf("The address to listen on, %q, is not a host and a port such as 127.0.0.1:8080 (COUNTERSIGN_LISTEN).", listen)}
	}
	return nil
}

func originProblem(public string) []string {
	if public == "" {
		return []string{"The public URL is missing (COUNTERSIGN_PUBLIC_URL, such as https://countersign.example.com)."}
	}
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return []string{fmt.Sprintf("The public URL, %q, has to be a scheme and a host and nothing more, such as https://countersign.example.com (COUNTERSIGN_PUBLIC_URL).", public)}
	}
	if !safeScheme(u) {
		return []string{fmt.Sprintf("The public URL, %q, has to begin with https://; plain http is for this machine alone (COUNTERSIGN_PUBLIC_URL).", public)}
	}
	return nil
}

func issuerProblem(issuer string) []string {
	if issuer == "" {
		return []string{"The identity provider's issuer is missing (COUNTERSIGN_OIDC_ISSUER, such as https://login.example.com)."}
	}
	u, err := url.Parse(issuer)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return []string{fmt.Sprintf("The identity provider's issuer, %q, is not a URL such as https://login.example.com (COUNTERSIGN_OIDC_ISSUER).", issuer)}
	}
	if !safeScheme(u) {
		return []string{fmt.Sprintf("The identity provider's issuer, %q, has to begin with https://; plain http is for this machine alone (COUNTERSIGN_OIDC_ISSUER).", issuer)}
	}
	return nil
}

// safeScheme: https, or http that never leaves this machine.
func safeScheme(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && isLoopback(u.Hostname()))
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

// network reads an address or a network.
func network(s string) (*net.IPNet, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		s = netip.PrefixFrom(addr, addr.BitLen()).String()
	}
	_, n, err := net.ParseCIDR(s)
	return n, err
}
