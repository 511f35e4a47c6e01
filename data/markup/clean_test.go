package markup_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"finmem/data/markup"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Shares rose 3 %.", "Shares rose 3 %."},
		{"line ends", "a\r\nb\rc\u2028d\u2029e\nf\tg", "a\nb\nc\nd\ne\nf\tg"},
		{"NUL and other controls", "A\x00B\x07C\x1b[31mD\x7f", "ABC[31mD"},
		{"Windows-1252 taken for Latin-1", "(NASDAQ:TSLA)\u0092s \u0093Plaid\u0094\u0085", "(NASDAQ:TSLA)’s “Plaid”…"},
		{"places that Windows-1252 leaves free", "a\u0081b\u008dc", "abc"},
		{"bytes that are not UTF-8", "a\xff\xfeb\xc3", "a\uFFFDb\uFFFD"},
		{"half of a surrogate pair", "a\xed\xa0\x80b", "a\uFFFDb"},
		{"text that reads backwards", "a\u202eb\u202c", "ab"},
		{"byte-order mark", "\ufeffDeliveries", "Deliveries"},
		{"white space around", " \n\u00a0a b\t ", "a b"},
		{"nothing left", "\x00\x01 \n", ""},
		{"composed letters", "Pe\u0301rez", "P\u00e9rez"},
		{"other alphabets", "Größe 株価 📈", "Größe 株価 📈"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := markup.Clean(tt.in); got != tt.want {
				t.Errorf("markup.Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestCleanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := markup.Clean(in)
		if !utf8.ValidString(got) {
			t.Fatalf("markup.Clean(%q) = %q is not UTF-8", in, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Fatalf("markup.Clean(%q) = %q has a control character at %d", in, got, i)
		}
		if again := markup.Clean(got); again != got {
			t.Fatalf("cleaning %q again gives %q", got, again)
		}
	})
}
