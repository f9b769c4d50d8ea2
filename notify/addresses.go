package notify

import (
	"fmt"
	"net/netip"
	"syscall"
)

// RefusedAddress is the refusal to connect to an address that is not of the public
// internet and that no allow-list opened.
type RefusedAddress struct {
	Host string // as the URL has it
	Kind string // such as "a private address"
}

func (e *RefusedAddress) Error() string {
	return fmt.Sprintf("%s is %s, and nothing is sent there unless whoever runs this installation allows it", e.Host, e.Kind)
}

// closed are the networks that no endpoint of a stranger's choosing may be in: what
// IANA's special-purpose registries (RFC 6890) hold that is not globally reachable,
// and what carries no single host.
var closed = []struct {
	net  netip.Prefix
	kind string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an address of this machine"},
	{netip.MustParsePrefix("127.0.0.0/8"), "an address of this machine"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"}, // RFC 1918
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},               // RFC 3927, and the clouds' metadata
	{netip.MustParsePrefix("100.64.0.0/10"), "an address shared behind a provider"}, // RFC 6598
	{netip.MustParsePrefix("192.0.0.0/24"), "an address of a protocol's own"},
	{netip.MustParsePrefix("192.88.99.0/24"), "an address of a protocol's own"}, // RFC 7526
	{netip.MustParsePrefix("192.0.2.0/24"), "an address for documents only"},    // RFC 5737
	{netip.MustParsePrefix("198.51.100.0/24"), "an address for documents only"},
	{netip.MustParsePrefix("203.0.113.0/24"), "an address for documents only"},
	{netip.MustParsePrefix("198.18.0.0/15"), "an address for benchmarks only"}, // RFC 2544
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"}, // and 255.255.255.255

	{netip.MustParsePrefix("::/128"), "an address of this machine"},
	{netip.MustParsePrefix("::1/128"), "an address of this machine"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},     // RFC 4193
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"}, // RFC 4291
	{netip.MustParsePrefix("fec0::/10"), "a private address"},    // RFC 3879
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a private address"},                  // RFC 8215
	{netip.MustParsePrefix("2001:2::/48"), "an address for benchmarks only"},        // RFC 5180
	{netip.MustParsePrefix("2001:db8::/32"), "an address for documents only"},       // RFC 3849
	{netip.MustParsePrefix("3fff::/20"), "an address for documents only"},           // RFC 9637
	{netip.MustParsePrefix("2001::/23"), "an address of a protocol's own"},          // Teredo and others
	{netip.MustParsePrefix("100::/64"), "an address that discards what is sent it"}, // RFC 6666
}

// global is what IPv6 gives to hosts of the public internet; whatever else there is
// of IPv6 is refused.
var global = netip.MustParsePrefix("2000::/3")

// carriers are networks of IPv6 addresses that hold an IPv4 address to which the
// packets go in the end, from the given byte on.
var carriers = []struct {
	net  netip.Prefix
	from int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64, RFC 6052
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4, RFC 3056
}

// closedTo says of what kind an address is that nothing is sent to, "" for one of
// the public internet.
func closedTo(a netip.Addr) string {
	if !a.IsValid() {
		return "no address"
	}
	a = a.WithZone("").Unmap()
	for _, c := range closed {
		if c.net.Contains(a) {
			return c.kind
		}
	}
	if a.Is4() {
		return ""
	}
	for _, c := range carriers {
		if c.net.Contains(a) {
			all := a.As16()
			return closedTo(netip.AddrFrom4([4]byte(all[c.from : c.from+4])))
		}
	}
	if !global.Contains(a) {
		return "a reserved address"
	}
	return ""
}

// nowhere are addresses that stay refused whatever is allowed: no receiver has one.
func nowhere(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// onlyLoopback lets a dialler connect to this machine and nowhere else.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return failed("the mail server is not on this machine, and mail is not sent elsewhere without TLS")
	}
	return nil
}
