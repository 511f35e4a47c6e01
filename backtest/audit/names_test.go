package audit_test

import (
	"slices"
	"testing"

	"finmem/backtest/audit"
	"finmem/profile"
)

func TestNames(t *testing.T) {
	p := profile.Profile{
		Name: "Acme (invented)", Sectors: []string{"anvils", "Iron & Steel"},
		Expertise:  "You know anvils. Prices follow the London Metal Exchange.",
		Background: "Acme was founded by Wile Coyote in 1949. Its Model 7 and Model 7 Pro anvils\nweigh more than those of Road Runner & Sons.\n\nHammer & Tongs sell them. Dr Tex runs it.",
	}
	want := []string{"London Metal Exchange", "Road Runner & Sons", "Iron & Steel", "Model 7 Pro", "Wile Coyote", "Model 7", "Tongs", "Acme", "Tex"}
	if got := audit.Names(p, nil); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want = append([]string{"a far longer name than any"}, want...)
	if got := audit.Names(p, []string{" a far longer name than any ", "Acme"}); !slices.Equal(got, want) {
		t.Errorf("with more names: %q, want %q", got, want)
	}
	if got := audit.Names(profile.Generic("ACME"), nil); len(got) != 0 {
		t.Errorf("the generic profile has the names %q", got)
	}
}
