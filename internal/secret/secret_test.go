package secret_test

import (
	"testing"

	"finmem/internal/secret"
)

func TestHider(t *testing.T) {
	h := secret.Hider("[key]", `ab/c"d+1`, "abcdef", "abcdefgh", "none", "")
	for text, want := range map[string]string{
		`key ab/c"d+1 is wrong`:         "key [key] is wrong",
		`https://x/?k=ab%2Fc%22d%2B1&y`: "https://x/?k=[key]&y",
		`https://x/ab%2Fc%22d+1/y`:      "https://x/[key]/y",
		`{"error":"ab/c\"d+1"}`:         `{"error":"[key]"}`,
		"abcdefgh and abcdef":           "[key] and [key]", // not "[key]gh"
		"none of it":                    "none of it",
		"":                              "",
	} {
		if got := h.Replace(text); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}
