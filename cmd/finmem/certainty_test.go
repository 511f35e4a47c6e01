package main

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/backtest/significance"
)

// The words follow the figures, and what is undefined is said to be.
func TestCertaintyInWords(t *testing.T) {
	nan := metrics.Figure(math.NaN())
	lucky := significance.Summary{
		Level: 0.95, Resamples: 2000, Seed: 1, Trials: 1,
		ReturnLow: -0.1, ReturnHigh: 0.3, SharpeLow: -1, SharpeHigh: 3, PSR: 0.78, DSR: 0.78, TrackRecord: 567.2,
		WilcoxonP: 0.2, ShiftP: 0.5, BreakEvenBps: 50.25, LogReturn: 0.05, WithoutBest5: -0.04, WithoutBest10: -0.1, Best5Share: 1.8, Best10Share: 3,
	}
	good := lucky
	good.ReturnLow, good.WilcoxonP, good.ShiftP, good.Trials, good.DSR, good.TrackRecord = 0.1, 0.01, 0.004, 12, 0.6, 30_000
	none := significance.Summary{Level: 0.95, Resamples: 2000, Seed: 1, Trials: 1, ReturnLow: nan, ReturnHigh: nan, SharpeLow: nan, SharpeHigh: nan, PSR: nan,
		TrackRecord: nan, WilcoxonP: nan, ShiftP: nan, BreakEvenBps: nan, LogReturn: 0, WithoutBest5: 0, WithoutBest10: 0, Best5Share: nan, Best10Share: nan}
	for _, tt := range []struct {
		name string
		s    significance.Summary
		want []string
	}{
		{"may be luck", lucky, []string{
			"How sure is this: finmem on AAA (95 % intervals of 2000 resamples, seed 1)",
			"return        -10.00 to 30.00 %, which leaves open whether it gains",
			"Sharpe ratio  -1.00 to 3.00; truly above 0 with a probability of 78.00 %, if no other variant was tried",
			"record        124 sessions; 567 would show a ratio like this one at 95 %",
			"buy and hold  -17.00 points of return; alpha 5.00 % a year (p 0.400), beta 0.50, information ratio n/a",
			"days          unlike those of buy and hold by no more than chance (Wilcoxon p 0.200)",
			"timing        moved along the sessions, 50.00 % of the same positions earn as much: no skill shown (p 0.500)",
			"costs         50.2 bp a side would leave nothing",
			"best days     log return 5.00 %; the best 5 made 180.00 % of it, without them -4.00 %; the best 10 300.00 %, without them -10.00 %",
		}},
		{"is more than luck", good, []string{
			"return        10.00 to 30.00 %\n",
			"a probability of 78.00 %, and of 60.00 % as the best of 12 variants",
			"a ratio as small as this one would take more than 25200 to show at 95 %",
			"days          unlike those of buy and hold by more than chance (Wilcoxon p 0.010)",
			"0.40 % of the same positions earn as much: more than chance (p 0.004)",
		}},
		{"nothing to say", none, []string{
			"return        n/a to n/a %\n",
			"record        124 sessions; no number would show a ratio above 0 at 95 %",
			"days          the same as those of buy and hold",
			"timing        n/a",
			"costs         nothing gained that costs could take",
			"best days     log return 0.00 %; without the best 5 0.00 %, without the best 10 0.00 %",
		}},
	} {
		r := backtest.Result{Symbol: "AAA", Trader: "finmem", Significance: &tt.s, Performance: metrics.Performance{Sessions: 124},
			Relative: &backtest.Comparison{Benchmark: "buy and hold", ExcessReturn: -0.17, Relative: metrics.Relative{Alpha: 0.05, AlphaP: 0.4, Beta: 0.5, InformationRatio: nan}}}
		var out bytes.Buffer
		printCertainty(&out, r)
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in\n%s", tt.name, want, out.String())
			}
		}
	}
	var out bytes.Buffer
	printCertainty(&out, backtest.Result{})
	if out.Len() > 0 {
		t.Errorf("a result that was not assessed printed %q", out.String())
	}
}
