package experiment_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest/experiment"
)

// actions reads one letter a session: b, s, h, and - for no decision.
func actions(letters string) []agent.Action {
	words := map[rune]agent.Action{'b': agent.Buy, 's': agent.Sell, 'h': agent.Hold, '-': ""}
	var list []agent.Action
	for _, l := range letters {
		list = append(list, words[l])
	}
	return list
}

func TestAgree(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		name            string
		series          []string
		sessions, whole int
		share, kappa    float64
	}{
		{"the same", []string{"bsh", "bsh"}, 3, 3, 1, 1},
		{"one of two", []string{"bh", "bs"}, 2, 2, 0.5, 0.2}, // Q = (4+1+1)/16 = 3/8, (1/2-3/8)/(5/8)
		// Pairs agree on 2, 3 and 3 of 4 sessions. Within sessions 1, 1/3, 1 and 1/3 of
		// the pairs do: P = 2/3; of 12 decisions 6, 4 and 2 are alike: Q = 56/144 = 7/18;
		// κ = (2/3 - 7/18)/(11/18).
		{"three", []string{"bsbh", "bhbs", "bsbs"}, 4, 4, 2.0 / 3, 5.0 / 11},
		{"always opposite", []string{"bs", "sb"}, 2, 2, 0, -1}, // P = 0, Q = 1/2
		{"all alike, as chance would", []string{"hhh", "hhh"}, 3, 3, 1, nan},
		{"a missing decision is no disagreement", []string{"b-h", "bsh"}, 2, 2, 1, 1},
		{"one pair has nothing in common", []string{"b-", "-s", "bs"}, 2, 0, 1, nan},
		{"nothing in common", []string{"b-", "-s"}, 0, 0, nan, nan},
		{"one alone", []string{"bsh"}, 0, 0, nan, nan},
		{"none", nil, 0, 0, nan, nan},
		{"no sessions", []string{"", ""}, 0, 0, nan, nan},
	} {
		var series [][]agent.Action
		for _, s := range tt.series {
			series = append(series, actions(s))
		}
		a := experiment.Agree(series...)
		if a.Series != len(series) || a.Sessions != tt.sessions || a.Whole != tt.whole || !near(float64(a.Share), tt.share) || !near(float64(a.Kappa), tt.kappa) {
			t.Errorf("%s: %+v, want %d sessions, %d whole, share %v, kappa %v", tt.name, a, tt.sessions, tt.whole, tt.share, tt.kappa)
		}
	}
}

func near(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) < 1e-12
}

// Fleiss (1971) by hand in the form of his table: four agents, five sessions.
// Counts of buy, sell, hold: 4 0 0, 0 4 0, 2 2 0, 1 1 2, 0 0 4. Agreement per
// session of 12 ordered pairs: 12, 12, 4, 2, 12. P = 42/60 = 0.7; 7, 7 and 6 of
// 20: Q = 134/400 = 0.335; κ = 0.365/0.665.
func TestFleiss(t *testing.T) {
	a := experiment.Agree(actions("bsbbh"), actions("bsbsh"), actions("bsshh"), actions("bsshh"))
	if want := 0.365 / 0.665; !near(float64(a.Kappa), want) {
		t.Errorf("kappa = %v, want %v", a.Kappa, want)
	}
	if !near(float64(a.Share), 0.7) {
		t.Errorf("share = %v, want 0.7: with no decision missing it is P", a.Share)
	}
}

// The order of agents and the names of actions do not matter; kappa is at most
// the share.
func TestAgreementIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "sessions")
		one := rapid.SliceOfN(rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell, agent.Hold, ""}), n, n)
		series := rapid.SliceOfN(one, 2, 5).Draw(t, "series")
		a := experiment.Agree(series...)
		if b := experiment.Agree(rapid.Permutation(series).Draw(t, "order")...); !near(float64(a.Share), float64(b.Share)) || !near(float64(a.Kappa), float64(b.Kappa)) {
			t.Errorf("in another order %+v is %+v", a, b)
		}
		turned := make([][]agent.Action, len(series))
		other := map[agent.Action]agent.Action{agent.Buy: agent.Sell, agent.Sell: agent.Hold, agent.Hold: agent.Buy}
		for i, s := range series {
			for _, action := range s {
				turned[i] = append(turned[i], other[action])
			}
		}
		if b := experiment.Agree(turned...); !near(float64(a.Share), float64(b.Share)) || !near(float64(a.Kappa), float64(b.Kappa)) {
			t.Errorf("with other names %+v is %+v", a, b)
		}
		if a.Share < 0 || a.Share > 1 || a.Kappa > 1+1e-12 {
			t.Errorf("%+v is out of range", a)
		}
		if same := experiment.Agree(series[0], series[0]); same.Share.Defined() && same.Share != 1 {
			t.Errorf("an agent agrees with itself by %v", same.Share)
		}
	})
}
