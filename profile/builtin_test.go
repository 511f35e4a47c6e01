package profile_test

import (
	"slices"
	"strings"
	"testing"

	"finmem/profile"
)

// The paper's warm-up begins on this session; no built-in may know more.
const paperStart = "2021-08-17"

func TestBuiltinsAreValidAndKnowNothingLate(t *testing.T) {
	for _, name := range profile.BuiltinNames() {
		p, ok := profile.Builtin(name)
		if !ok {
			t.Errorf("Builtin(%q) says there is none", name)
			continue
		}
		if p.Symbol != name {
			t.Errorf("Builtin(%q) is about %q", name, p.Symbol)
		}
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		if err := p.CheckDates(paperStart); err != nil {
			t.Error(err)
		}
		if len(p.Sectors) == 0 || len(p.Background) < 300 {
			t.Errorf("%s: %d sectors and a background of %d bytes: nothing of its own", name, len(p.Sectors), len(p.Background))
		}
	}
	if err := profile.Generic("ZZZ").CheckDates(paperStart); err != nil {
		t.Error(err)
	}
}

func TestBuiltinNames(t *testing.T) {
	names := profile.BuiltinNames()
	for _, want := range []string{"AMZN", "COIN", "MSFT", "NFLX", "TSLA"} {
		if !slices.Contains(names, want) {
			t.Errorf("no built-in profile of %s among %v", want, names)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("names %v are not sorted", names)
	}
	for _, none := range []string{"generic", "tsla", "", "../TSLA", "KO"} {
		if p, ok := profile.Builtin(none); ok {
			t.Errorf("Builtin(%q) = %q, want none", none, p.Name)
		}
	}
}

func TestGeneric(t *testing.T) {
	p := profile.Generic("KO")
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if p.Symbol != "KO" || p.Inclination != profile.SelfAdaptive || p.AdaptiveWindow != 3 || p.Query != profile.QuerySituation {
		t.Errorf("Generic = %+v", p)
	}
	if c := p.Character(profile.Neutral); !strings.Contains(c, "KO") {
		t.Errorf("the character does not name the symbol: %s", c)
	}
}
