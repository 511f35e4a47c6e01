package backtest

import (
	"fmt"
	"maps"

	"github.com/quagmt/udecimal"

	"finmem/backtest/portfolio"
)

// A LimitState is what a book's limits carry from session to session.
type LimitState struct {
	// Side is that of the position when last looked at: 1 long, -1 short, 0 flat.
	Side int `json:"side"`
	// Opening is the equity at which the position was last flat, a decimal; a
	// round trip that ends with less has lost.
	Opening string `json:"opening"`
	// Lost says that one did since the limits were last asked.
	Lost   bool                   `json:"lost"`
	Memory map[string]LimitMemory `json:"memory"` // by the limit's name
}

// limitState is a LimitState to work with.
type limitState struct {
	side    int
	opening portfolio.Decimal
	lost    bool
	memory  map[string]LimitMemory
}

func newLimitState(cash portfolio.Decimal) limitState {
	return limitState{opening: cash, memory: map[string]LimitMemory{}}
}

// follow notes whether a round trip has ended since it was last called. Both a
// fill and a split that leaves no whole share can end one. price is the fill's,
// at which an order that goes through zero ends one trade and starts the next;
// that order's fee counts with the trade that ends.
func (s *limitState) follow(l *portfolio.Ledger, price portfolio.Decimal) {
	side := l.Shares().Sign()
	if side == s.side {
		return
	}
	if s.side != 0 {
		equity := l.Equity(price)
		s.lost = s.lost || equity.LessThan(s.opening)
		s.opening = equity
	}
	s.side = side
}

func (s limitState) state() *LimitState {
	return &LimitState{Side: s.side, Opening: s.opening.String(), Lost: s.lost, Memory: maps.Clone(s.memory)}
}

func restoreLimits(s LimitState) (limitState, error) {
	opening, err := udecimal.Parse(s.Opening)
	if err != nil {
		return limitState{}, fmt.Errorf("limits: opening equity %q is not a decimal number: %w", s.Opening, err)
	}
	memory := maps.Clone(s.Memory)
	if memory == nil {
		memory = map[string]LimitMemory{}
	}
	return limitState{side: s.Side, opening: opening, lost: s.Lost, memory: memory}, nil
}
