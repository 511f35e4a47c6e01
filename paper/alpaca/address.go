package alpaca

import (
	"fmt"
	"net/url"
	"strings"

	"finmem/internal/loopback"
)

const (
	// PaperURL is the address of the paper service.
	PaperURL = "https://" + paperHost

	paperHost = "paper-api.alpaca.markets"
	liveHost  = "api.alpaca.markets"
)

// The environment variables of Alpaca's clients.
const (
	KeyVariable    = "APCA_API_KEY_ID"
	SecretVariable = "APCA_API_SECRET_KEY"
	URLVariable    = "APCA_API_BASE_URL"
)

// address checks an address and brings it to the form scheme://host[:port].
func address(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, fmt.Errorf("broker address: want one such as %s", PaperURL) // what was given may hold a password
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("broker address of %s holds a user or password: keys come from %s and %s", host, KeyVariable, SecretVariable)
	case host == liveHost:
		return nil, fmt.Errorf("broker address %s is for real money: only the paper account at %s is traded", host, PaperURL)
	case u.RawQuery != "" || u.Fragment != "" || strings.TrimSuffix(strings.Trim(u.Path, "/"), "v2") != "":
		return nil, fmt.Errorf("broker address of %s: want one without a path, ? and #, such as %s", host, PaperURL)
	case loopback.Is(host) && (u.Scheme == "http" || u.Scheme == "https"):
		return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
	case host != paperHost || u.Port() != "" && u.Port() != "443":
		return nil, fmt.Errorf("broker address %s: only the paper account at %s is traded", u.Host, PaperURL)
	case u.Scheme != "https":
		return nil, fmt.Errorf("broker address %s by %s: want https, so that keys do not travel in the open", host, u.Scheme)
	}
	return &url.URL{Scheme: "https", Host: paperHost}, nil
}
