package fetch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// hidden stands where a key stood.
const hidden = "[key]"

// shortestSecret is the length from which on a key is looked for in texts. A
// shorter one is a placeholder such as "demo", which texts are full of.
const shortestSecret = 6

// secretsOf are the forms in which the values of headers and query may be echoed.
func secretsOf(header http.Header, query url.Values) []string {
	var forms []string
	for _, values := range []map[string][]string{header, query} {
		for _, list := range values {
			for _, v := range list {
				// "Token abc": the scheme before the key is no secret.
				if i := strings.LastIndexByte(v, ' '); i >= 0 {
					v = v[i+1:]
				}
				if len(v) < shortestSecret {
					continue
				}
				forms = append(forms, v, url.QueryEscape(v), url.PathEscape(v))
				if quoted, err := json.Marshal(v); err == nil {
					forms = append(forms, string(quoted[1:len(quoted)-1]))
				}
			}
		}
	}
	// The longest first: one key may be the beginning of another.
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(forms)
}

// strip is text without any of the secrets.
func strip(secrets []string, text string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, hidden)
	}
	return text
}

// LookupKey finds the key of a vendor in the environment. lookup is os.LookupEnv or
// stands for it. A key that is not there is an [*Error] of kind [KeyMissing] that
// names the variable.
func LookupKey(vendor, variable string, lookup func(string) (string, bool)) (string, error) {
	key, _ := lookup(variable)
	if key = strings.TrimSpace(key); key == "" {
		return "", &Error{Kind: KeyMissing, Vendor: vendor, Message: fmt.Sprintf("set %s in the environment to your key", variable)}
	}
	return key, nil
}
