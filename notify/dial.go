package notify

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// guard connects to what a URL's host leads to, after a look at the very address
// that is about to be dialled. A look at the name beforehand would not do: its
// owner can answer differently a moment later (DNS rebinding), and a resolver may
// read a name as an address (127.1). No proxy is asked of the environment: it would
// be dialled in the endpoint's place, and reach what we refuse.
type guard struct {
	allow    Allow
	resolver *net.Resolver // nil for the system's
}

// DialContext is for an http.Transport.
func (g guard) DialContext(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Resolver: g.resolver, Timeout: 10 * time.Second,
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			return g.check(host, network, address)
		}}
	return d.DialContext(ctx, network, hostport)
}

// check is called with the address, after every look-up and before each attempt to
// connect. A host that is open by name is open wherever it leads.
func (g guard) check(host, network, address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return &RefusedAddress{Host: host, Kind: "no address of a host"}
	}
	kind := closedTo(to.Addr())
	if !nowhere(to.Addr()) && (kind == "" || g.allow.host(host) || g.allow.network(to.Addr())) {
		return nil
	}
	return &RefusedAddress{Host: host, Kind: kind}
}
