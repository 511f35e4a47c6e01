package memory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// NewID is the id of the event that symbol, source, time and text make: 16
// hexadecimal digits of a hash. The same four always give the same id, so that
// reading a file twice adds nothing.
//
// Of the text only the words count: upper and lower case are the same, and any
// run of white space is one space. The other three count as written; a caller
// that knows a symbol or a time in several spellings settles on one first.
//
// Two different events meet in one id with a probability of about 3 in 10^10
// among 100,000 events.
func NewID(symbol, source, time, text string) string {
	words := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	h := sha256.New()
	// Each length goes before its field, so that no two lists of fields read
	// the same.
	for _, field := range []string{symbol, source, time, words} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
