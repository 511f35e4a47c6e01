package experiment

import (
	"math"

	"finmem/agent"
	"finmem/backtest/metrics"
)

// An Agreement says how far several series of decisions are the same.
type Agreement struct {
	Series int `json:"series"`
	// Sessions counts those on which at least two series have a decision, Whole
	// those on which all have.
	Sessions int `json:"sessions"`
	Whole    int `json:"wholeSessions"`
	// Share is the share of sessions on which two series decided the same, of
	// those on which both decided, as the mean over all pairs; 0 … 1.
	Share metrics.Figure `json:"share"`
	// Kappa is Fleiss' kappa over the whole sessions: how far the agreement goes
	// beyond what series that say buy, sell and hold just as often, but at
	// random, would reach. 1 is full agreement, 0 what chance gives, below 0 less.
	Kappa metrics.Figure `json:"kappa"`
}

// Agree compares series of decisions on the same sessions, all of one length; ""
// is a session without a decision, which agrees with nothing and disagrees with
// nothing.
//
// Share is undefined for fewer than two series and where no two have a decision
// on a session in common. Kappa is
//
//	κ = (P - Q)/(1 - Q)
//	P = mean over sessions of Σ c·(c-1) / (n·(n-1)),  c series of n decided alike
//	Q = Σ over actions of (its share of all decisions)²
//
// and is undefined without a whole session, and where all decisions are the same
// action, when chance would do as well.
//
// Source: Fleiss, J. L. (1971), "Measuring nominal scale agreement among many
// raters", Psychological Bulletin 76(5). Of two series it is Scott's pi.
func Agree(series ...[]agent.Action) Agreement {
	a := Agreement{Series: len(series), Share: metrics.Figure(pairwise(series)), Kappa: metrics.Figure(math.NaN())}
	if len(series) < 2 {
		return a
	}
	actions := []agent.Action{agent.Buy, agent.Sell, agent.Hold}
	n := float64(len(series))
	totals := make([]float64, len(actions))
	agreed := 0.0
	for i := range series[0] {
		counts, decided := make([]float64, len(actions)), 0
		for _, s := range series {
			for k, action := range actions {
				if s[i] == action {
					counts[k]++
					decided++
				}
			}
		}
		if decided >= 2 {
			a.Sessions++
		}
		if decided < len(series) {
			continue
		}
		a.Whole++
		for k, c := range counts {
			totals[k] += c
			agreed += c * (c - 1)
		}
	}
	decisions := n * float64(a.Whole)
	chance, same := 0.0, false
	for _, t := range totals {
		chance += float64(t / decisions * t / decisions)
		same = same || t == decisions
	}
	if a.Whole > 0 && !same {
		p := agreed / (decisions * (n - 1))
		a.Kappa = metrics.Figure((p - chance) / (1 - chance))
	}
	return a
}

// pairwise is the mean over the pairs of series of the share of sessions on which
// they decided the same.
func pairwise(series [][]agent.Action) float64 {
	sum, pairs := 0.0, 0
	for i, a := range series {
		for _, b := range series[i+1:] {
			both, same := 0, 0
			for k := range a {
				if a[k] == "" || b[k] == "" {
					continue
				}
				both++
				if a[k] == b[k] {
					same++
				}
			}
			if both > 0 {
				sum += float64(same) / float64(both)
				pairs++
			}
		}
	}
	if pairs == 0 {
		return math.NaN()
	}
	return sum / float64(pairs)
}
