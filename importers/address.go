package importers

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

const maxAddress = 2_000 // runes

// webAddress wants an address that a browser may open: http or https, or nothing is kept.
func webAddress(field, noun, ask string) want {
	return want{field: field, noun: noun, ask: ask, most: maxAddress, whole: true, check: checkWeb}
}

// agentAddress wants the address of a service. Other protocols than HTTP are kept.
func agentAddress(field, noun, ask string) want {
	return want{field: field, noun: noun, ask: ask, most: maxAddress, whole: true, check: checkService}
}

func checkWeb(w want, s string) (kept, problem string) {
	if isAddressPlaceholder(s) {
		return "", addressGapFound(w, s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Sprintf("Here %s should be a web address that starts with https://, and is %s. It was not taken over.", w.noun, quote(s))
	}
	return s, doubtHost(w, u)
}

// harmful are schemes that run or disclose something where they are opened.
var harmful = []string{"javascript", "data", "vbscript", "file", "blob", "about", "view-source"}

func checkService(w want, s string) (kept, problem string) {
	if isAddressPlaceholder(s) {
		return "", addressGapFound(w, s)
	}
	u, err := url.Parse(s)
	if err == nil && slices.Contains(harmful, u.Scheme) {
		return "", fmt.Sprintf("Here %s is %s, which is no address of a service. It was not taken over.", w.noun, quote(s))
	}
	if err != nil || u.Host == "" {
		if host, port, err := net.SplitHostPort(s); err == nil && host != "" && port != "" && !strings.ContainsAny(s, "/ ") {
			return s, fmt.Sprintf("The address %s does not say whether the connection is encrypted. Ask its maker.", quote(s))
		}
		return "", fmt.Sprintf("Here %s should be a whole address such as https://agents.company.com/billing, and is %s. It was not taken over.", w.noun, quote(s))
	}
	return s, doubtHost(w, u)
}

func addressGapFound(w want, s string) string {
	return fmt.Sprintf("In %s there is a placeholder that nobody has filled in: %s. It was not taken over: fill it in, or enter the real value here.", w.noun, quote(s))
}

// doubtHost says what is odd about a well-formed address; "" when nothing is.
func doubtHost(w want, u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case u.User != nil:
		return fmt.Sprintf("In %s, the part before @ is not the address: it leads to %s. Ask its maker for the plain address.", w.noun, quote(u.Host))
	case isOwnMachine(host):
		return fmt.Sprintf("In %s, %s points to the computer on which it is opened: nobody else reaches it there. Enter the address where it really runs.", w.noun, quote(u.Host))
	case isExample(host):
		return fmt.Sprintf("In %s, %s is an address from an example and belongs to nobody. Enter the real one.", w.noun, quote(u.Host))
	case u.Scheme == "http" || u.Scheme == "ws" || u.Scheme == "grpc":
		return fmt.Sprintf("In %s, %s is not encrypted (%s): others can read and change what is sent. Ask its maker for an https address.", w.noun, quote(u.Host), u.Scheme)
	}
	return ""
}

func isOwnMachine(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "host.docker.internal" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// isExample knows the names that RFC 2606 and RFC 6761 keep for examples and tests.
func isExample(host string) bool {
	for _, name := range []string{"example.com", "example.net", "example.org", "example", "test", "invalid"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	return false
}
