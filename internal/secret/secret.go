// Package secret takes keys out of texts that are shown: errors that a server's
// words are part of, and log lines.
package secret

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Shortest is the length from which on a secret is looked for. A shorter one is a
// placeholder such as "none", which texts are full of.
const Shortest = 6

// Hider replaces the secrets in a text by hidden, in each form in which a server
// may echo one: as it is, as part of an address, and as part of a JSON string.
func Hider(hidden string, secrets ...string) *strings.Replacer {
	var forms []string
	for _, s := range secrets {
		if len(s) < Shortest {
			continue
		}
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s))
		if quoted, err := json.Marshal(s); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
	}
	// The longest first: one secret may be the beginning of another.
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, f := range slices.Compact(forms) {
		pairs = append(pairs, f, hidden)
	}
	return strings.NewReplacer(pairs...)
}
