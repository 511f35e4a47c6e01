package significance

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// A Bootstrap resamples returns in blocks, so that what hangs together in time
// stays together: the stationary bootstrap of Politis, D. N. and Romano, J. P.
// (1994), JASA 89. Blocks start anywhere, have a geometric length, and wrap
// around the end.
type Bootstrap struct {
	Resamples int
	// Block is the mean length of a block in sessions, at least 1; 0 takes
	// [BlockLength].
	Block float64
	Seed  uint64
}

// An Interval is the range that holds Level of the resampled figures. Low and
// High are NaN where the figure is undefined for the returns themselves.
type Interval struct {
	Low, High float64
	Level     float64
	Block     float64 // mean length of a block
	// Undefined counts the resamples without a figure, left out of the range.
	Undefined int
}

// Interval is the percentile interval of statistic at the given level (0.95)
// over resamples of returns. The statistic gets a slice it must not keep. Two
// statistics asked for with the same seed see the same resamples.
func (b Bootstrap) Interval(returns []float64, level float64, statistic func(returns []float64) float64) Interval {
	block := b.Block
	if block == 0 {
		block = BlockLength(returns)
	}
	out := Interval{Low: math.NaN(), High: math.NaN(), Level: level, Block: block}
	if !(level > 0 && level < 1) || !(block >= 1) || math.IsNaN(statistic(returns)) {
		return out
	}
	// The second word only has to be fixed; it is the digits of pi.
	random := rand.New(rand.NewPCG(b.Seed, 0x243f6a8885a308d3))
	n := len(returns)
	sample := make([]float64, n)
	figures := make([]float64, 0, b.Resamples)
	for range b.Resamples {
		at := 0
		for i := range sample {
			if i == 0 || random.Float64() < 1/block {
				at = random.IntN(n)
			} else {
				at = (at + 1) % n
			}
			sample[i] = returns[at]
		}
		if f := statistic(sample); !math.IsNaN(f) {
			figures = append(figures, f)
		}
	}
	out.Undefined = b.Resamples - len(figures)
	if len(figures) > 0 {
		slices.Sort(figures)
		out.Low = stat.Quantile((1-level)/2, stat.LinInterp, figures, nil)
		out.High = stat.Quantile((1+level)/2, stat.LinInterp, figures, nil)
	}
	return out
}

// BlockLength is the mean block length for which the stationary bootstrap
// estimates the variance of the mean best, from how far the autocorrelation of
// the returns reaches. 1 for returns without any, or too few to tell. Source:
// Politis, D. N. and White, H. (2004), Econometric Reviews 23, as corrected by
// Patton, Politis and White (2009).
func BlockLength(returns []float64) float64 {
	n := len(returns)
	variance := autocovariance(returns, 0)
	if n < 10 || !(variance > 1e-30) {
		return 1
	}
	size := float64(n)
	// The last lag that matters is followed by `quiet` ones within the band in
	// which chance keeps them.
	quiet := max(5, int(math.Ceil(math.Sqrt(math.Log10(size)))))
	longest := int(math.Ceil(math.Sqrt(size))) + quiet
	band := 2 * math.Sqrt(math.Log10(size)/size)
	last, run := 0, 0
	for lag := 1; lag <= min(longest, n-1) && run < quiet; lag++ {
		if math.Abs(autocovariance(returns, lag))/variance > band {
			last, run = lag, 0
		} else {
			run++
		}
	}
	if last == 0 {
		return 1
	}
	reach := 2 * last
	g, spectrum := 0.0, variance
	for lag := 1; lag <= min(reach, n-1); lag++ {
		// The flat-top window: 1 up to half the reach, then down to 0.
		window := min(1, 2*(1-float64(lag)/float64(reach)))
		r := float64(window * autocovariance(returns, lag))
		g += float64(2 * float64(lag) * r)
		spectrum += 2 * r
	}
	longestBlock := math.Ceil(min(3*math.Sqrt(size), size/3))
	return min(max(math.Cbrt(g*g/(spectrum*spectrum)*size), 1), longestBlock)
}

// autocovariance at a lag, over n at every lag.
func autocovariance(values []float64, lag int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	m := stat.Mean(values, nil)
	sum := 0.0
	for i := lag; i < len(values); i++ {
		sum += float64((values[i] - m) * (values[i-lag] - m))
	}
	return sum / float64(len(values))
}
