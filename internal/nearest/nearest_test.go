package nearest_test

import (
	"testing"

	"finmem/internal/nearest"
)

func TestTo(t *testing.T) {
	keys := []string{"name", "calendar", "sources", "as_of", "price_kind"}
	for _, tt := range []struct{ word, want string }{
		{"name", "name"},
		{"asof", "as_of"},
		{"as-of", "as_of"},
		{"source", "sources"},
		{"calender", "calendar"},
		{"pricekind", "price_kind"},
		{"xyz", ""},
		{"date", ""}, // two letters from "name", half of the word
		{"", ""},
		{"completely different", ""},
	} {
		if got := nearest.To(tt.word, keys); got != tt.want {
			t.Errorf("To(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestHint(t *testing.T) {
	if got, want := nearest.Hint("asof", []string{"as_of"}), `; did you mean "as_of"?`; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
	if got := nearest.Hint("zzz", []string{"as_of"}); got != "" {
		t.Errorf("Hint = %q, want none", got)
	}
}
