package significance_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/significance"

	"pgregory.net/rapid"
)

func meanOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func normal(seed uint64, n int, mean, deviation float64) []float64 {
	random := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = mean + deviation*random.NormFloat64()
	}
	return v
}

// For independent returns the interval of the mean is that of theory: ± 1.96
// standard errors.
func TestBootstrapOfIndependentReturns(t *testing.T) {
	returns := normal(3, 2000, 0.001, 0.02)
	b := significance.Bootstrap{Resamples: 4000, Seed: 7, Block: 1}
	got := b.Interval(returns, 0.95, meanOf)
	half := 1.96 * metrics.Volatility(returns, 1) / math.Sqrt(2000)
	near(t, "low", got.Low, meanOf(returns)-half, half*0.06)
	near(t, "high", got.High, meanOf(returns)+half, half*0.06)
	if again := b.Interval(returns, 0.95, meanOf); again != got {
		t.Errorf("the same seed gave %+v, then %+v", got, again)
	}
	b.Seed++
	if other := b.Interval(returns, 0.95, meanOf); other == got {
		t.Error("another seed gave the same interval")
	}
}

// Returns that hang together need blocks: without, the interval is too narrow.
func TestBootstrapOfDependentReturns(t *testing.T) {
	returns := autoregressive(5, 4000, 0.6)
	narrow := significance.Bootstrap{Resamples: 1000, Seed: 1, Block: 1}.Interval(returns, 0.95, meanOf)
	wide := significance.Bootstrap{Resamples: 1000, Seed: 1}.Interval(returns, 0.95, meanOf)
	// In theory the error of the mean is √((1+φ)/(1-φ)) = 2 times as large.
	ratio := (wide.High - wide.Low) / (narrow.High - narrow.Low)
	near(t, "widening", ratio, 2, 0.3)
}

func autoregressive(seed uint64, n int, phi float64) []float64 {
	v := normal(seed, n, 0, 0.01)
	for i := 1; i < n; i++ {
		v[i] += phi * v[i-1]
	}
	return v
}

// For an autoregression of order one the best length is known:
// (2φ/(1-φ²))^(2/3) · n^(1/3).
func TestBlockLength(t *testing.T) {
	for _, phi := range []float64{0.3, 0.5, 0.7} {
		const n = 20000
		want := math.Pow(2*phi/(1-phi*phi), 2.0/3) * math.Cbrt(n)
		near(t, "autoregression", significance.BlockLength(autoregressive(11, n, phi)), want, 0.25*want)
	}
	if got := significance.BlockLength(normal(2, 5000, 0, 1)); got > 3 {
		t.Errorf("independent returns: %g", got)
	}
	for name, v := range map[string][]float64{"nothing": nil, "few": {1, 2, 3}, "constant": slices.Repeat([]float64{0.001}, 50)} {
		if got := significance.BlockLength(v); got != 1 {
			t.Errorf("%s: %g, want 1", name, got)
		}
	}
}

func TestBootstrapUndefined(t *testing.T) {
	sharpe := func(r []float64) float64 { return metrics.Sharpe(r, 0, 252) }
	b := significance.Bootstrap{Resamples: 50, Seed: 1}
	for name, got := range map[string]significance.Interval{
		"nothing":     b.Interval(nil, 0.95, sharpe),
		"constant":    b.Interval(slices.Repeat([]float64{0.001}, 20), 0.95, sharpe),
		"level of 1":  b.Interval(normal(1, 30, 0, 1), 1, sharpe),
		"block of ½":  significance.Bootstrap{Resamples: 50, Block: 0.5}.Interval(normal(1, 30, 0, 1), 0.95, sharpe),
		"no resample": significance.Bootstrap{}.Interval(normal(1, 30, 0, 1), 0.95, sharpe),
	} {
		if !math.IsNaN(got.Low) || !math.IsNaN(got.High) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// One gain among zeros: resamples without it have no Sharpe ratio.
	one := append(make([]float64, 19), 0.01)
	if got := b.Interval(one, 0.95, sharpe); got.Undefined == 0 || math.IsNaN(got.Low) {
		t.Errorf("one gain: %+v", got)
	}
}

func TestBootstrapProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		returns := rapid.SliceOfN(rapid.Float64Range(-0.2, 0.2), 1, 40).Draw(t, "returns")
		kept := slices.Clone(returns)
		b := significance.Bootstrap{Resamples: 60, Seed: rapid.Uint64().Draw(t, "seed")}
		wide, narrow := b.Interval(returns, 0.95, meanOf), b.Interval(returns, 0.5, meanOf)
		if wide.Low > narrow.Low || narrow.Low > narrow.High || narrow.High > wide.High {
			t.Fatalf("intervals %+v and %+v", wide, narrow)
		}
		if wide.Low < slices.Min(returns)-1e-12 || wide.High > slices.Max(returns)+1e-12 {
			t.Fatalf("a mean outside the returns: %+v", wide)
		}
		if l := significance.BlockLength(returns); l < 1 || l > float64(len(returns)) {
			t.Fatalf("block length %g of %d", l, len(returns))
		}
		if !slices.Equal(returns, kept) {
			t.Fatal("input changed")
		}
	})
}
