package profile_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/profile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestCharacter(t *testing.T) {
	p := profile.Profile{
		Name:           "example",
		Symbol:         "TSLA",
		Sectors:        []string{"electric vehicles", "batteries"},
		Expertise:      "You know cars.",
		Background:     "It makes cars.\nIt sells them.",
		AdaptiveWindow: 3,
	}
	bare := profile.Profile{Expertise: "You know markets."}
	for _, tt := range []struct {
		file    string
		profile profile.Profile
		incl    profile.Inclination
	}{
		{"character_risk-seeking.txt", p, profile.RiskSeeking},
		{"character_risk-averse.txt", p, profile.RiskAverse},
		{"character_neutral.txt", p, profile.Neutral},
		{"character_self-adaptive.txt", p, profile.SelfAdaptive},
		{"character_bare.txt", bare, ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			got := tt.profile.Character(tt.incl) + "\n"
			path := filepath.Join("testdata", tt.file)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("Character:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
