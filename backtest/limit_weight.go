package backtest

import (
	"fmt"
	"math"
)

// MaxWeight lets no position be worth more than a share of equity.
type MaxWeight struct {
	Weight float64 // above 0, up to 1
}

func (MaxWeight) Name() string { return "max-weight" }

func (l MaxWeight) Apply(_ Standing, _ *LimitMemory, wish float64) (allowed float64, reason string) {
	return capped(wish, l.Weight), fmt.Sprintf("the largest weight is %g", l.Weight)
}

// capped is wish with no more than the given size, on either side of zero.
func capped(wish, size float64) float64 {
	return math.Copysign(min(math.Abs(wish), size), wish)
}
