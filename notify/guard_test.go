package notify

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

func TestAddressesThatNothingIsSentTo(t *testing.T) {
	const (
		machine = "an address of this machine"
		private = "a private address"
		link    = "a link-local address"
		shared  = "an address shared behind a provider"
		proto   = "an address of a protocol's own"
		docs    = "an address for documents only"
		bench   = "an address for benchmarks only"
		multi   = "a multicast address"
		reserve = "a reserved address"
	)
	for address, want := range map[string]string{
		"93.184.216.34": "", "1.1.1.1": "", "8.8.8.8": "", "172.15.255.255": "", "172.32.0.1": "", "100.63.255.255": "", "100.128.0.0": "",
		"169.253.255.255": "", "192.167.255.255": "", "192.169.0.0": "", "11.0.0.0": "", "9.255.255.255": "", "198.17.255.255": "", "198.20.0.0": "",
		"223.255.255.255": "", "128.0.0.1": "", "126.255.255.255": "",
		"2606:2800:220:1:248:1893:25c8:1946": "", "2a00:1450:4001:81b::200e": "", "2001:4860:4860::8888": "", "2620:fe::fe": "",

		"127.0.0.1": machine, "127.255.255.254": machine, "0.0.0.0": machine, "0.1.2.3": machine, "::1": machine, "::": machine,
		"10.0.0.1": private, "10.255.255.255": private, "172.16.0.1": private, "172.31.255.255": private, "192.168.0.1": private, "192.168.255.255": private,
		"fc00::1": private, "fd12:3456::1": private, "fec0::1": private,
		"169.254.169.254": link, "169.254.0.1": link, "fe80::1": link, "fe80::1%eth0": link, "febf::1": link,
		"100.64.0.1": shared, "100.127.255.255": shared,
		"192.0.0.1": proto, "192.0.0.170": proto, "192.88.99.1": proto, "2001::1": proto, "2001:0:4136:e378:8000:63bf:3fff:fdd2": proto,
		"192.0.2.1": docs, "198.51.100.1": docs, "203.0.113.255": docs, "2001:db8::1": docs, "3fff::1": docs,
		"198.18.0.1": bench, "198.19.255.255": bench, "2001:2::1": bench,
		"224.0.0.1": multi, "239.255.255.255": multi, "ff02::1": multi, "ff05::2": multi,
		"240.0.0.1": reserve, "255.255.255.255": reserve, "4000::1": reserve, "fe00::1": reserve, "::2": reserve, "::7f00:1": reserve, "5f00::1": reserve,
		"100::1": "an address that discards what is sent it",

		// The same in IPv6's clothes: mapped, NAT64, 6to4.
		"::ffff:127.0.0.1": machine, "::ffff:10.0.0.1": private, "::ffff:169.254.169.254": link, "::ffff:0.0.0.0": machine, "::ffff:8.8.8.8": "",
		"64:ff9b::127.0.0.1": machine, "64:ff9b::10.0.0.1": private, "64:ff9b::169.254.169.254": link, "64:ff9b::100.64.0.1": shared, "64:ff9b::8.8.8.8": "",
		"64:ff9b:1::8.8.8.8": private,
		"2002:7f00:1::":      machine, "2002:a00:1::1": private, "2002:a9fe:a9fe::": link, "2002:c0a8:1::": private, "2002:808:808::1": "", "2002:e000:1::": multi,
	} {
		require.Equal(t, want, closedTo(netip.MustParseAddr(address)), address)
	}
	require.NotEmpty(t, closedTo(netip.Addr{}))
}

func TestTheAllowListOpensOnPurpose(t *testing.T) {
	allow, err := ParseAllow("10.2.0.0/16, hooks.internal\n127.0.0.1 fd00::/8;[fe80::1] Wiki.Example.COM.")
	require.NoError(t, err)
	g := guard{allow: allow}
	for address, host := range map[string]string{"10.2.3.4:443": "x", "127.0.0.1:8443": "x", "[fd12::1]:443": "x", "[fe80::1]:443": "x", "[::ffff:10.2.3.4]:443": "x",
		"192.168.1.1:443": "hooks.internal", "10.9.9.9:443": "HOOKS.internal.", "10.9.9.8:443": "wiki.example.com", "93.184.216.34:443": "anything"} {
		require.NoError(t, g.check(host, "tcp4", address), address)
	}
	for address, host := range map[string]string{"10.3.0.1:443": "x", "127.0.0.2:443": "x", "[fe80::2]:443": "x", "192.168.1.1:443": "evil.hooks.internal",
		"0.0.0.0:443": "hooks.internal", "[::]:443": "hooks.internal", "224.0.0.1:443": "hooks.internal", "255.255.255.255:443": "hooks.internal",
		"[64:ff9b::10.2.3.4]:443": "x", "nonsense": "hooks.internal"} {
		var refused *RefusedAddress
		require.ErrorAs(t, g.check(host, "tcp4", address), &refused, address)
	}
	require.Error(t, guard{}.check("x", "udp", "93.184.216.34:53"))
	everything, err := ParseAllow("0.0.0.0/0 ::/0")
	require.NoError(t, err)
	require.NoError(t, guard{allow: everything}.check("x", "tcp4", "127.0.0.1:443"))
	require.Error(t, guard{allow: everything}.check("x", "tcp4", "0.0.0.0:443"))
}

func TestAllowListsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"10.2.3.4/16":     "the network is written 10.2.0.0/16",
		"10.2.0.0/33":     "is not a network",
		"https://x.test/": "is not a network",
		"*.example.com":   "is not a network",
		"127.1":           "is not a network",
		"a_b..c":          "is not a network",
	} {
		_, err := ParseAllow(text)
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, strconv.Quote(text))
	}
	a, err := ParseAllow(" \n,, ")
	require.NoError(t, err)
	require.Equal(t, Allow{}, a)
}

func TestURLsThatAPersonTypes(t *testing.T) {
	allow, err := ParseAllow("10.2.0.0/16 hooks.internal")
	require.NoError(t, err)
	for typed, want := range map[string]string{
		"https://hooks.example.com/services/T0/B0/x?y=1": "",
		"https://hooks.example.com:8443":                 "",
		"https://93.184.216.34/x":                        "",
		"https://[2606:2800:220:1:248:1893:25c8:1946]/":  "",
		"https://10.2.3.4/":                              "",
		"http://10.2.3.4/":                               "",
		"http://hooks.internal/x":                        "",
		"https://xn--mller-kva.example/":                 "",

		"":                                     "Enter the URL",
		"hooks.example.com":                    "not a whole URL",
		"/x":                                   "not a whole URL",
		"https://":                             "not a whole URL",
		"https:///x":                           "not a whole URL",
		"https://:443/":                        "not a whole URL",
		"https:hooks.example.com":              "not a whole URL",
		"ftp://example.com/":                   "begin with https://",
		"javascript://example.com/%0aalert(1)": "begin with https://",
		"http://example.com/":                  "nobody on the way",
		"http://93.184.216.34/":                "nobody on the way",
		" https://example.com/":                "space or a line break",
		"https://example.com/a b":              "space or a line break",
		"https://example.com/\r\nX: y":         "space or a line break",
		"https://example.com/\x01":             "not a whole URL",
		"https://user:pw@example.com/":         "Leave out the user name",
		"https://user@example.com/":            "Leave out the user name",
		"https://example.com/#x":               "after #",
		"https://example.com/#":                "after #",
		"https://example.com:0/":               "port is a number",
		"https://example.com:99999/":           "port is a number",
		"https://localhost/":                   "is this machine itself",
		"https://LOCALHOST./":                  "is this machine itself",
		"https://a.localhost/":                 "is this machine itself",
		"https://127.0.0.1/":                   "127.0.0.1 is an address of this machine. Nothing is sent there unless",
		"https://[::1]/":                       "is an address of this machine",
		"https://[::ffff:127.0.0.1]/":          "is an address of this machine",
		"https://169.254.169.254/latest":       "is a link-local address",
		"https://192.168.1.1/":                 "is a private address",
		"https://0.0.0.0/":                     "is an address of this machine",
		"https://2130706433/":                  "four numbers",
		"https://0x7f000001/":                  "four numbers",
		"https://127.1/":                       "four numbers",
		"https://0177.0.0.01/":                 "four numbers",
		"https://müller.example/":              "xn--",
		"https://exa%6dple.com%2f@evil/":       "", // see below
	} {
		err := CheckURL(typed, allow)
		switch {
		case typed == "https://exa%6dple.com%2f@evil/":
			require.Error(t, err, typed)
		case want == "":
			require.NoError(t, err, typed)
		default:
			require.ErrorContains(t, err, want, typed)
		}
	}
	require.ErrorContains(t, CheckURL("https://example.com/"+string(make([]byte, 2000)), allow), "longer than 2000")
}

func TestEndpointsAreCheckedFieldByField(t *testing.T) {
	const url = "https://hooks.example.com/x"
	good := []Endpoint{{url, NewSecret(), StyleStandard}, {url, "", StyleSlack}, {url, "", StyleTeams}, {url, "0123456789abcdef0123456789ABCDEF", StylePagerDuty}}
	for _, e := range good {
		require.Empty(t, e.Check(Allow{}), e.Style)
	}
	for field, e := range map[string]Endpoint{
		"url":     {"http://hooks.example.com/", NewSecret(), StyleStandard},
		"secret":  {url, "whsec_short", StyleStandard},
		"secret ": {url, "0123", StylePagerDuty},
		"secret.": {url, "x", StyleSlack},
		"style":   {url, "", "carrier pigeon"},
	} {
		got := e.Check(Allow{})
		require.Len(t, got, 1, field)
		require.Contains(t, field, got[0].Field)
		require.NotEmpty(t, got[0].Message)
	}
	host, wrong := CheckEndpoint(Allow{})(StyleSlack, "https://Hooks.example.com:8443/SECRET", "")
	require.Empty(t, wrong)
	require.Equal(t, "Hooks.example.com", host, "of the URL only the host may be shown")
	host, wrong = CheckEndpoint(Allow{})(StyleSlack, "https://10.0.0.1/", "")
	require.Len(t, wrong, 1)
	require.Empty(t, host)
	require.NotEqual(t, NewSecret(), NewSecret())
	for _, secret := range []string{"", "whsec_", "whsec_AAAA", "whsec_" + string(make([]byte, 90)), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		_, ok := signer(secret)
		require.False(t, ok, secret)
	}
}

// rebinding answers each look-up of a name with the next of the addresses, and
// goes on with the last.
func rebinding(t *testing.T, answers ...string) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	var asked atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		in := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(in)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(in[:n]) != nil || len(q.Questions) != 1 {
				continue
			}
			a := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RecursionAvailable: true}, Questions: q.Questions}
			if q.Questions[0].Type == dnsmessage.TypeA {
				i := min(int(asked.Add(1)), len(answers)) - 1
				a.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
					Body: &dnsmessage.AResource{A: netip.MustParseAddr(answers[i]).As4()}}}
			}
			out, err := a.Pack()
			if err == nil {
				_, _ = server.WriteTo(out, from)
			}
		}
	}()
	t.Cleanup(func() { server.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}, &asked
}

// TestDNSRebinding has a name that is of the public internet when it is looked at
// and this machine when it is dialled.
func TestDNSRebinding(t *testing.T) {
	resolver, asked := rebinding(t, "93.184.216.34", "127.0.0.1")
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer inner.Close()
	var reached atomic.Bool
	go func() {
		if c, err := inner.Accept(); err == nil {
			reached.Store(true)
			c.Close()
		}
	}()
	port := strconv.Itoa(inner.Addr().(*net.TCPAddr).Port)

	seen, err := resolver.LookupNetIP(t.Context(), "ip4", "rebind.test.")
	require.NoError(t, err)
	require.Empty(t, closedTo(seen[0]), "whoever looks beforehand sees a public address")

	w := Webhooks{resolver: resolver}
	_, err = w.Post(t.Context(), Endpoint{"https://rebind.test.:" + port + "/x", NewSecret(), StyleStandard}, approved())
	require.EqualError(t, err, "rebind.test. is an address of this machine, and nothing is sent there unless whoever runs this installation allows it")
	require.EqualValues(t, 2, asked.Load())
	require.False(t, reached.Load())

	_, err = guard{allow: Allow{Hosts: []string{"rebind.test"}}, resolver: resolver}.DialContext(t.Context(), "tcp", "rebind.test.:"+port)
	require.NoError(t, err, "the same name, opened on purpose")
}

func TestNoProxyIsAskedOfTheEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "http://127.0.0.1:1")
	require.Nil(t, Webhooks{}.transport().Proxy)
}

func TestSecretsOfAURL(t *testing.T) {
	u, err := url.Parse("https://hooks.example.com/services/T012345/B%2Fsecret?sig=abcdefgh")
	require.NoError(t, err)
	said := excerpt("no such hook: /services/T012345/B%2Fsecret?sig=abcdefgh T012345 abcdefgh whsec_SECRET\x1b[31m\r\n<b>", secretsOf(u, Endpoint{Secret: "whsec_SECRET"})...)
	for _, secret := range []string{"T012345", "abcdefgh", "SECRET", "secret", "\x1b", "\n"} {
		require.NotContains(t, said, secret)
	}
}
