package notify

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Allow is the list of what whoever runs the installation opens to webhooks on
// purpose: networks that are not of the public internet, and hosts by name. To what
// is on it plain http may be sent as well. The zero value opens nothing.
type Allow struct {
	Networks []netip.Prefix
	Hosts    []string // lower case, without a dot at the end
}

// ParseAllow reads the list as a configuration has it: networks ("10.2.0.0/16"),
// addresses ("10.2.3.4") and host names ("hooks.internal"), between commas or white
// space. The error says which entry cannot be read.
func ParseAllow(text string) (Allow, error) {
	var a Allow
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n;", r) }) {
		if p, err := netip.ParsePrefix(entry); err == nil {
			if p != p.Masked() {
				return Allow{}, fmt.Errorf("the allow-list's %q is an address with a length; the network is written %s", entry, p.Masked())
			}
			a.Networks = append(a.Networks, p)
			continue
		}
		if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			addr = addr.WithZone("").Unmap()
			a.Networks = append(a.Networks, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		host := strings.ToLower(strings.TrimSuffix(entry, "."))
		if !hostName.MatchString(host) || numeric(host) {
			return Allow{}, fmt.Errorf("the allow-list's %q is not a network such as 10.2.0.0/16, an address or a host name", entry)
		}
		a.Hosts = append(a.Hosts, host)
	}
	return a, nil
}

var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

// numeric says whether a host's last part is a number, which some resolvers take
// for an address: 127.1, 2130706433, 0x7f000001 (WHATWG URL, "ends in a number").
func numeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	hex, is := strings.CutPrefix(last, "0x")
	return is && strings.Trim(hex, "0123456789abcdef") == ""
}

// host says whether the name is on the list; a URL's case and last dot do not count.
func (a Allow) host(name string) bool {
	return slices.Contains(a.Hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
}

// network says whether the address is in a network of the list.
func (a Allow) network(addr netip.Addr) bool {
	addr = addr.WithZone("").Unmap()
	return slices.ContainsFunc(a.Networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}
