package baseline

import (
	"context"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/data/indicator"
)

// Bollinger bets on a return to the mean: it goes in when the close is below the
// lower band, out when it is above the upper one, and holds between them.
//
// Source: Bollinger, J. (2001), Bollinger on Bollinger Bands; [Standard] takes
// his 20 sessions and 2 deviations. He does not call a touch of a band a signal
// by itself; this is the rule that others have made of it.
type Bollinger struct {
	period int
	width  float64
}

// NewBollinger takes bands over period sessions, at least 2, that are width
// deviations from the mean, above 0.
func NewBollinger(period int, width float64) (Bollinger, error) {
	if period < 2 || !(width > 0 && width <= 100) {
		return Bollinger{}, fmt.Errorf("bollinger bands of %d sessions and %v deviations: want at least 2, and above 0 up to 100", period, width)
	}
	return Bollinger{period, width}, nil
}

func (b Bollinger) Name() string { return fmt.Sprintf("Bollinger %d, %v", b.period, b.width) }
func (b Bollinger) Bars() int    { return b.period }

func (b Bollinger) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	prices := closes(obs)
	bands := indicator.Bollinger(prices, b.period, b.width)
	if math.IsNaN(bands.Middle) {
		return waiting(b, obs)
	}
	last := prices[len(prices)-1]
	return decide(fade(last, bands.Lower, bands.Upper), "close %.4f, bands %.4f to %.4f", last, bands.Lower, bands.Upper)
}
