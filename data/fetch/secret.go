package fetch

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"finmem/internal/secret"
)

// hidden stands where a key stood.
const hidden = "[key]"

// hiderOf hides the values of headers and query, in each form in which a vendor may
// echo them.
func hiderOf(header http.Header, query url.Values) *strings.Replacer {
	var keys []string
	for _, values := range []map[string][]string{header, query} {
		for _, list := range values {
			for _, v := range list {
				// "Token abc": the scheme before the key is no secret.
				if i := strings.LastIndexByte(v, ' '); i >= 0 {
					v = v[i+1:]
				}
				keys = append(keys, v)
			}
		}
	}
	return secret.Hider(hidden, keys...)
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
