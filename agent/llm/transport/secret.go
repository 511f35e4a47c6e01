package transport

import (
	"bytes"
	"encoding/json"
	"net/url"
)

// hidden stands where a key stood.
const hidden = "[key]"

// secrets are texts that must not get out.
type secrets [][]byte

// shortestSecret is the length from which on a key is taken for a secret. Local
// servers are often given words such as "none", which texts are full of.
const shortestSecret = 8

// newSecrets makes secrets of a key, in each form in which a server may echo it.
func newSecrets(key string) secrets {
	if len(key) < shortestSecret {
		return nil
	}
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key)}
	if quoted, err := json.Marshal(key); err == nil {
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	var list secrets
	for _, form := range forms {
		list = append(list, []byte(form))
	}
	return list
}

// strip is text without any of them.
func (s secrets) strip(text []byte) []byte {
	for _, secret := range s {
		text = bytes.ReplaceAll(text, secret, []byte(hidden))
	}
	return text
}
