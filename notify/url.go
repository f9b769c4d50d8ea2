package notify

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is the longest URL of an endpoint, in bytes.
const maxURL = 2000

// CheckURL says why nothing could be sent to the URL, in words for the person who
// typed it, to stand beside the field; nil for nothing. It looks nothing up: where a
// name leads is seen when it is dialled, each time.
func CheckURL(typed string, allow Allow) error {
	_, err := parseURL(typed, allow)
	return err
}

func parseURL(typed string, allow Allow) (*url.URL, error) {
	switch {
	case typed == "":
		return nil, errors.New("Enter the URL that messages are sent to.")
	case len(typed) > maxURL:
		return nil, fmt.Errorf("The URL is longer than %d characters.", maxURL)
	case typed != strings.TrimSpace(typed) || strings.ContainsAny(typed, " \t\r\n"):
		return nil, errors.New("The URL has a space or a line break in it. Copy it again.")
	}
	u, err := url.Parse(typed)
	if err != nil || u.Opaque != "" || u.Host == "" || u.Hostname() == "" {
		return nil, errors.New("This is not a whole URL. It begins with https:// and a host name, such as https://hooks.example.com/abc.")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("The URL has to begin with https://.")
	}
	if u.User != nil {
		return nil, errors.New("Leave out the user name and password. What is sent is signed with the secret instead.")
	}
	if u.Fragment != "" || strings.HasSuffix(typed, "#") {
		return nil, errors.New("Leave out the part after #. It is never sent.")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errors.New("The port is a number between 1 and 65535.")
		}
	}
	return u, checkHost(u, allow)
}

func checkHost(u *url.URL, allow Allow) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	open := allow.host(host)
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		open = open || allow.network(addr)
		if kind := closedTo(addr); nowhere(addr) || kind != "" && !open {
			return fmt.Errorf("%s is %s. Nothing is sent there unless whoever runs this installation allows it.", u.Hostname(), kind)
		}
	} else {
		switch {
		case numeric(host):
			return errors.New("Write the address as a host name, or as four numbers such as 198.51.100.7.")
		case !hostName.MatchString(host):
			return errors.New("The host name has a character that host names do not have. Write it as the web's address bar shows it, without umlauts or accents (xn--…).")
		case !open && (host == "localhost" || strings.HasSuffix(host, ".localhost")):
			return fmt.Errorf("%s is this machine itself. Nothing is sent there unless whoever runs this installation allows it.", host)
		}
	}
	if u.Scheme == "http" && !open {
		return errors.New("The URL has to begin with https://, so that nobody on the way can read what is sent.")
	}
	return nil
}
