package profile_test

import (
	"math"
	"strings"
	"testing"

	"finmem/profile"
)

func TestInclinationOn(t *testing.T) {
	at := func(r float64) *float64 { return &r }
	for _, tt := range []struct {
		name     string
		set      profile.Inclination
		trailing *float64
		want     profile.Inclination
	}{
		{"gain", profile.SelfAdaptive, at(0.01), profile.RiskSeeking},
		{"neither gain nor loss", profile.SelfAdaptive, at(0), profile.RiskSeeking},
		{"loss", profile.SelfAdaptive, at(-0.0001), profile.RiskAverse},
		{"history too short", profile.SelfAdaptive, nil, profile.RiskSeeking},
		{"undefined", profile.SelfAdaptive, at(math.NaN()), profile.RiskSeeking},
		{"seeking stays", profile.RiskSeeking, at(-0.5), profile.RiskSeeking},
		{"averse stays", profile.RiskAverse, at(0.5), profile.RiskAverse},
		{"neutral stays", profile.Neutral, nil, profile.Neutral},
	} {
		p := profile.Generic("TSLA")
		p.Inclination = tt.set
		if got := p.InclinationOn(tt.trailing); got != tt.want {
			t.Errorf("%s: InclinationOn = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestQueryTextDoesNotDependOnTheInclination(t *testing.T) {
	p := profile.Profile{Name: "label", Symbol: "TSLA", Sectors: []string{"cars", "solar"}, Expertise: "Knows cars.", Background: "Founded long ago."}
	want := "TSLA\ncars, solar\nKnows cars.\nFounded long ago."
	for _, i := range []profile.Inclination{profile.RiskSeeking, profile.RiskAverse, profile.SelfAdaptive, profile.Neutral} {
		p.Inclination = i
		if got := p.QueryText(); got != want {
			t.Errorf("QueryText with %s = %q, want %q", i, got, want)
		}
	}
	if got := (profile.Profile{Expertise: "Knows cars."}).QueryText(); got != "Knows cars." {
		t.Errorf("QueryText without the rest = %q", got)
	}
}

func TestFor(t *testing.T) {
	p, err := profile.Generic("").For("BTC-USD")
	if err != nil || p.Symbol != "BTC-USD" {
		t.Errorf("For = %q, %v", p.Symbol, err)
	}
	tesla, _ := profile.Builtin("TSLA")
	if _, err := tesla.For("NFLX"); err == nil || !strings.Contains(err.Error(), `profile "Tesla" is about TSLA, not NFLX`) {
		t.Errorf("error %v, want that the profile is about another symbol", err)
	}
	if same, err := tesla.For("TSLA"); err != nil || same.Background != tesla.Background {
		t.Errorf("For of its own symbol: %v", err)
	}
	if _, err := profile.Generic("").For(""); err == nil {
		t.Error("an empty symbol was accepted")
	}
}

// Case B14: a symbol may become part of a path.
func TestValidateSymbol(t *testing.T) {
	for symbol, fault := range map[string]string{
		"TSLA": "", "BRK.B": "", "BTC-USD": "", "7203": "", "2105.TW": "", "X": "",
		"tsla":                   `write it in capitals, TSLA`,
		"../../tmp/x":            `want capital letters`,
		"..":                     `want capital letters`,
		"A\x00B":                 `want capital letters`,
		"A/B":                    `want capital letters`,
		"A B":                    `want capital letters`,
		".A":                     `want capital letters`,
		"A.":                     `want capital letters`,
		strings.Repeat("A", 300): `want capital letters`,
	} {
		p := profile.Generic(symbol)
		err := p.Validate()
		if fault == "" {
			if err != nil {
				t.Errorf("symbol %q refused: %v", symbol, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("symbol %.30q: error %v, want %q", symbol, err, fault)
		}
	}
}

func TestValidateReportsEverything(t *testing.T) {
	err := profile.Profile{
		Name:       "two\nlines",
		Sectors:    []string{"cars", " "},
		Background: "esc \x1b[31m",
		Query:      "everything",
	}.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`name "two\nlines": want a single line`,
		`sectors: entry 2 is blank`,
		`expertise is missing`,
		`background holds the control or invisible character U+001B`,
		`inclination "": want "risk-seeking", "risk-averse", "self-adaptive" or "neutral"`,
		`adaptive_window 0`,
		`query "everything": want "situation" or "profile"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	p := profile.Generic("TSLA")
	p.Expertise = "half a character: \xe2\x82"
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "not valid UTF-8") {
		t.Errorf("B46: error %v, want a word on UTF-8", err)
	}
}
