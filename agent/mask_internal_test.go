package agent

import "testing"

func TestMask(t *testing.T) {
	m := newMask([]string{"TSLA", "Tesla", "Elon Musk", "BRK.B"})
	tests := []struct{ in, want string }{
		{"Tesla's TSLA fell", "[name]'s [name] fell"},
		{"tesla tesla (TSLA)", "[name] [name] ([name])"},
		{"Teslas and XTSLA stay", "Teslas and XTSLA stay"},
		{"Elon Musk said; Musk alone stays", "[name] said; Musk alone stays"},
		{"BRK.B but not BRKXB", "[name] but not BRKXB"},
		{"on 2024-03-31 and 3/31/2024", "on [date] and [date]"},
		{"March 31, 2024 or 31 March 2024 or Mar. 31", "[date] or [date] or [date]"},
		{"March 2024, Sept. 5th, 5 dec", "[date], [date], [date]"},
		{"in Q1 2024, FY2024 and 2024", "in [date], [date] and [date]"},
		{"it may 5 times march on", "it [date] times march on"},
		{"$1,999.50 and 12024 units", "$1,999.50 and 12024 units"},
	}
	for _, tt := range tests {
		if got := m.text(tt.in); got != tt.want {
			t.Errorf("mask of %q = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := (mask{}).text("TSLA 2024-03-31"); got != "TSLA 2024-03-31" {
		t.Errorf("no mask changed the text to %q", got)
	}
}
