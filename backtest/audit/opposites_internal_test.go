package audit

import (
	"strings"
	"testing"
)

func TestOpposites(t *testing.T) {
	pairs, err := parseOpposites(oppositesText)
	if err != nil {
		t.Fatal(err)
	}
	if len(pairs) < 300 {
		t.Errorf("%d words", len(pairs))
	}
	for word, opposite := range pairs {
		if pairs[opposite] != word {
			t.Errorf("%q becomes %q and that %q", word, opposite, pairs[opposite])
		}
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q is not a word in small letters", word)
		}
	}
	for _, text := range []string{"up", "up down sideways", "up up", "up down\ndown dear", "up down\nUp up"} {
		if pairs, err := parseOpposites(text); err == nil {
			t.Errorf("%q is read as %v", text, pairs)
		}
	}
}
