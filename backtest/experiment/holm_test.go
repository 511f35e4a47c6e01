package experiment_test

import (
	"math"
	"testing"

	"finmem/backtest/experiment"
)

func TestHolm(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct{ p, want []float64 }{
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}}, // 4·0.005, 3·0.01, 2·0.03, then not below that
		{[]float64{0.6, 0.7}, []float64{1, 1}},
		{[]float64{nan, 0.02, nan}, []float64{nan, 0.02, nan}}, // one test only
		{nil, nil},
	} {
		got := experiment.Holm(tt.p)
		for i := range tt.want {
			if !near(got[i], tt.want[i]) {
				t.Errorf("Holm(%v) = %v, want %v", tt.p, got, tt.want)
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("Holm(%v) = %v, want %v", tt.p, got, tt.want)
		}
	}
}
