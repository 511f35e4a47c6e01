package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/data"
	"finmem/paper"
)

// paperConfig is what only a paper-trading loop goes by. Of all other settings it
// goes by those of a backtest.
type paperConfig struct {
	// Decision is when a session is decided: "15m after close", "15m before close".
	Decision decisionTime `toml:"decision"`
	// Tolerance is how late it may be decided.
	Tolerance patience `toml:"tolerance"`
	// Broker is "sim" or "alpaca".
	Broker string `toml:"broker"`
	// Update fetches what is new into the dataset before each session, from the
	// vendors that it came from.
	Update bool `toml:"update"`
	// HaltOn names what sets the kill switch.
	HaltOn []string `toml:"halt_on"`
	// MaxDifference between ledger and broker, as a share of equity, above which the
	// loop halts; 0 never.
	MaxDifference float64           `toml:"max_difference"`
	Limits        paperLimitsConfig `toml:"limits"`
	Webhook       webhookConfig     `toml:"webhook"`
}

// paperLimitsConfig are the limits on orders. Zero, or nothing, switches one off.
type paperLimitsConfig struct {
	Symbols          []string `toml:"symbols"`
	MaxOrderValue    string   `toml:"max_order_value"`
	MaxPositionValue string   `toml:"max_position_value"`
	OrdersPerDay     int      `toml:"orders_per_day"`
	MaxDailyLoss     float64  `toml:"max_daily_loss"`
	MaxDrawdown      float64  `toml:"max_drawdown"`
	Collar           float64  `toml:"collar"`
}

func defaultPaper() paperConfig {
	return paperConfig{Decision: decisionTime(15 * time.Minute), Tolerance: patience(30 * time.Minute), Broker: brokerSim,
		HaltOn: []string{paper.LimitDailyLoss, paper.LimitDrawdown, paper.HaltErrorDays}, MaxDifference: 0.005, Webhook: defaultWebhook()}
}

// defaultCollar is how far from the last close an order at a real broker may fill
// unless told otherwise.
const defaultCollar = 0.05

// The brokers by name.
const (
	brokerSim    = "sim"
	brokerAlpaca = "alpaca"
)

// decisionTime is how long after a session's close it is decided, negative before
// it.
type decisionTime time.Duration

func (d *decisionTime) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) == 3 && words[2] == "close" && (words[1] == "after" || words[1] == "before") {
		if length, err := time.ParseDuration(words[0]); err == nil && length >= 0 {
			if words[1] == "before" {
				length = -length
			}
			*d = decisionTime(length)
			return nil
		}
	}
	return fmt.Errorf(`decision %q: want a time such as "15m after close" or "15m before close"`, text)
}

func (d decisionTime) MarshalText() ([]byte, error) {
	if d < 0 {
		return []byte(time.Duration(-d).String() + " before close"), nil
	}
	return []byte(time.Duration(d).String() + " after close"), nil
}

// A patience is a length of time, as "30m".
type patience time.Duration

func (d *patience) UnmarshalText(text []byte) error {
	length, err := time.ParseDuration(string(text))
	if err != nil || length < 0 {
		return fmt.Errorf(`length of time %q: want one such as "30m"`, text)
	}
	*d = patience(length)
	return nil
}

func (d patience) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// limits are those of the file, checked.
func (c paperLimitsConfig) limits() (paper.Limits, error) {
	l := paper.Limits{MaxOrders: c.OrdersPerDay, MaxDailyLoss: c.MaxDailyLoss, MaxDrawdown: c.MaxDrawdown, Collar: c.Collar}
	for _, x := range []struct {
		name, text string
		into       *paper.Decimal
	}{{"max_order_value", c.MaxOrderValue, &l.MaxOrderValue}, {"max_position_value", c.MaxPositionValue, &l.MaxPositionValue}} {
		if strings.TrimSpace(x.text) == "" {
			continue
		}
		amount, err := udecimal.Parse(strings.TrimSpace(x.text))
		if err != nil || amount.IsNeg() {
			return l, fmt.Errorf("paper.limits.%s %q: want an amount of money, or nothing for no limit", x.name, x.text)
		}
		*x.into = amount
	}
	var err error
	if l.Symbols, err = canonicalSymbols(c.Symbols); err != nil {
		return l, fmt.Errorf("paper.limits.symbols: %w", err)
	}
	return l, l.Validate()
}

// schedule is when sessions are decided.
func (c paperConfig) schedule(calendar *data.Calendar) paper.Schedule {
	return paper.Schedule{Calendar: calendar, After: time.Duration(c.Decision), Tolerance: time.Duration(c.Tolerance)}
}
