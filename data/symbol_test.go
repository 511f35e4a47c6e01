package data_test

import (
	"strings"
	"testing"

	"finmem/data"

	"pgregory.net/rapid"
)

// B13: one canonical spelling per class share, whichever way a vendor writes it.
func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"TSLA", "TSLA"},
		{"tsla", "TSLA"},
		{"BRK.B", "BRK.B"},
		{"BRK-B", "BRK.B"},
		{"brk.b", "BRK.B"},
		{"BRK/B", "BRK.B"},
		{"BTC-USD", "BTC-USD"},
		{"btc/usd", "BTC-USD"},
		{"ETH/USDT", "ETH-USDT"},
		{"BTC", "BTC"},
		{"0700.HK", "0700.HK"},
		{"BRKB", "BRKB"}, // a different symbol as far as anyone can tell
		{"6EH4", "6EH4"},
		{"CON", "CON"},
	} {
		got, err := data.Canonical(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("Canonical(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

// B14: nothing that could be a path or hide a character is a symbol. B13: an
// unsupported spelling is refused with the accepted one named.
func TestCanonicalRefuses(t *testing.T) {
	for _, tt := range []struct{ in, says string }{
		{"", "empty"},
		{"../../tmp/x", "want letters"},
		{"..", "want letters"},
		{".", "want letters"},
		{"/etc/passwd", "want letters"},
		{"A\x00B", "want letters"},
		{"A B", "want letters"},
		{" TSLA", "want letters"},
		{"TSLA\n", "want letters"},
		{`A\B`, "want letters"},
		{"^GSPC", "want letters"},
		{"ES=F", "want letters"},
		{"BRK.", "one to six characters"},
		{"BRK..B", "want letters"},
		{"A.B.C", "want letters"},
		{".B", "want letters"},
		{"TSLA-ABCDEFG", "one to six characters"},
		{"BTC.USD", "BTC-USD"},
		{"ıbm", "want letters"}, // a dotless i must not become I
		{"ＴＳＬＡ", "want letters"},
		{strings.Repeat("A", 300), "longer than"},
	} {
		got, err := data.Canonical(tt.in)
		if err == nil {
			t.Errorf("Canonical(%q) = %q, want an error", tt.in, got)
		} else if !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Canonical(%q) error = %q, want it to say %q", tt.in, err, tt.says)
		}
	}
}

func TestCanonicalIsSettled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := data.Canonical(rapid.StringMatching(`[A-Za-z0-9./-]{1,12}`).Draw(t, "symbol"))
		if err != nil {
			t.Skip()
		}
		twice, err := data.Canonical(once)
		if err != nil || twice != once {
			t.Fatalf("Canonical(%q) = %q, %v; want it unchanged", once, twice, err)
		}
		if strings.ContainsAny(once, `/\`) || strings.HasPrefix(once, ".") {
			t.Fatalf("Canonical gives %q, which can be a path", once)
		}
	})
}

func TestIsPair(t *testing.T) {
	for symbol, want := range map[string]bool{"BTC-USD": true, "BRK.B": false, "TSLA": false} {
		if got := data.IsPair(symbol); got != want {
			t.Errorf("IsPair(%q) = %v, want %v", symbol, got, want)
		}
	}
}
