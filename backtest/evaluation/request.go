package evaluation

import (
	"context"
	"fmt"
	"math"
	"strings"

	"finmem/backtest/broker"
	"finmem/backtest/decisions"
	"finmem/backtest/metrics"
	"finmem/backtest/portfolio"
	"finmem/backtest/protocol"
	"finmem/backtest/published"
	"finmem/backtest/significance"
	"finmem/data"
)

// BuyAndHold is the name of the row that every other one is held against.
const BuyAndHold = "buy and hold"

// A Protocol names one of the three.
type Protocol string

const (
	Broker Protocol = "broker"
	Carry  Protocol = "carry"
	FinMem Protocol = "finmem"
)

// ParseProtocol reads the name of a protocol.
func ParseProtocol(s string) (Protocol, error) {
	switch p := Protocol(s); p {
	case Broker, Carry, FinMem:
		return p, nil
	}
	return "", fmt.Errorf("protocol %q: want %s, %s or %s", s, Broker, Carry, FinMem)
}

// A Request is what to score and how.
type Request struct {
	Symbol   string
	Protocol Protocol
	// Prices are those of the window.
	Prices protocol.Prices
	Price  protocol.Basis // which prices they are
	Fill   protocol.Fill
	// CommissionBps and SlippageBps are per side. Unit positions pay their sum
	// on the value traded.
	CommissionBps, SlippageBps float64
	Short                      bool // broker, carry; finmem always sells short
	Series                     []Series
	Stated                     []published.Row
	Tolerance                  float64 // up to which a stated figure agrees
	Basis                      metrics.Basis
	Seed                       uint64
	Resamples                  int
	// Trials is how many variants were tried in all; 0 is as many as there are
	// series.
	Trials int
	// Account and Market are what the broker needs besides.
	Account Account
	Market  Market
}

// An Account is where the broker starts.
type Account struct {
	Cash portfolio.Decimal
	Lot  broker.Decimal
}

// A Market is what the broker trades on.
type Market struct {
	History    data.History
	Calendar   *data.Calendar
	Adjustment data.Adjustment
}

// A Series is the decisions of one file.
type Series struct {
	Name      string
	File      string
	Blank     int // rows without content, skipped
	Decisions []decisions.Decision
}

// Run scores every series, and buy and hold, on the same sessions.
func Run(ctx context.Context, r Request) (Evaluation, error) {
	sessions := r.Prices.Sessions
	if len(sessions) == 0 {
		return Evaluation{}, fmt.Errorf("no prices for %s in the window", r.Symbol)
	}
	e := Evaluation{
		Symbol: r.Symbol, From: sessions[0], To: sessions[len(sessions)-1], PriceCount: len(sessions),
		Conventions: Conventions{
			Protocol: string(r.Protocol), Fill: string(r.Fill), Price: string(r.Price),
			CommissionBps: r.CommissionBps, SlippageBps: r.SlippageBps, Short: r.Short || r.Protocol == FinMem,
			MissingDecision: r.missing(), PeriodsPerYear: r.Basis.PeriodsPerYear, RiskFree: r.Basis.RiskFree,
		},
		Pairs: []Pair{}, Warnings: []string{},
	}
	score := r.scoreUnits
	if r.Protocol == Broker {
		e.Conventions.InitialCash = r.Account.Cash.String()
		score = r.scoreBroker
	}
	if r.Protocol != Broker && r.Fill == protocol.NextOpen && !(r.Prices.OpenAfter > 0) {
		e.Warnings = append(e.Warnings, "no open is known after the window: the last position ends at the last close")
	}
	laid := []decisions.Series{{Actions: protocol.AlwaysBuy(len(sessions))}}
	e.Rows = append(e.Rows, Row{Name: BuyAndHold})
	for _, s := range r.Series {
		own := decisions.Align(s.Decisions, sessions)
		laid = append(laid, own)
		e.Rows = append(e.Rows, Row{Name: s.Name, File: s.File, Decisions: cover(own, sessions, s.Blank)})
		e.warn(e.Rows[len(e.Rows)-1])
	}
	curves := make([]metrics.EquityCurve, len(e.Rows))
	for i := range e.Rows {
		var err error
		if curves[i], err = score(ctx, &e.Rows[i], laid[i]); err != nil {
			return e, fmt.Errorf("%s: %w", e.Rows[i].Name, err)
		}
	}
	r.judge(&e, curves)
	for i := range e.Rows {
		e.Rows[i].Stated = r.compare(e.Rows[i])
	}
	e.warnStated()
	return e, nil
}

// missing says what becomes of a session without a decision.
func (r Request) missing() string {
	switch r.Protocol {
	case FinMem:
		return "flat"
	case Broker:
		return "an error day, the position is kept"
	}
	return "the position is kept"
}

// judge measures every row, against buy and hold, which is the first.
func (r Request) judge(e *Evaluation, curves []metrics.EquityCurve) {
	settings := significance.Settings{Basis: r.Basis, Seed: r.Seed, Resamples: r.Resamples, Level: 0.95, Trials: r.Trials}
	if settings.Trials == 0 {
		settings.Trials = len(r.Series)
	}
	var ratios []float64
	for i := range e.Rows {
		e.Rows[i].Performance = metrics.Measure(curves[i], r.Basis)
		if sharpe := e.Rows[i].Performance.Sharpe; i > 0 && sharpe.Defined() {
			ratios = append(ratios, float64(sharpe))
		}
	}
	settings.TrialDeviation = metrics.Volatility(ratios, 1)
	benchmark := e.Rows[0].evidence
	for i := range e.Rows {
		row := &e.Rows[i]
		row.Relative = metrics.Compare(row.evidence.Returns, benchmark.Returns, r.Basis)
		if i > 0 {
			row.evidence.Benchmark = benchmark.Rewards
		}
		row.Significance = significance.Summarise(row.evidence, settings)
		for _, other := range e.Rows[:i] {
			w := significance.Wilcoxon(row.evidence.Rewards, other.evidence.Rewards)
			e.Pairs = append(e.Pairs, Pair{row.Name, other.Name, metrics.Figure(w.Statistic), metrics.Figure(w.P), w.Pairs, w.Exact})
		}
	}
}

// compare holds the published figures of the row's name against ours.
func (r Request) compare(row Row) []Stated {
	ours := row.figures()
	var list []Stated
	for _, p := range r.Stated {
		if !SameName(p.Name, row.Name) {
			continue
		}
		for _, f := range published.Figures() {
			stated, ok := p.Figures[f]
			own, has := ours[f]
			if ok && has {
				list = append(list, Stated{p.Table, p.From, p.To, f, stated, own, math.Abs(float64(own)-stated) <= r.Tolerance})
			}
		}
	}
	return list
}

// figures is the row by the names that published tables use.
func (row Row) figures() map[published.Figure]metrics.Figure {
	switch {
	case row.FinMem != nil:
		return published.OfFinMem(*row.FinMem)
	case row.Carry != nil:
		return published.OfCarry(*row.Carry)
	}
	p := row.Performance
	figures := map[published.Figure]metrics.Figure{
		published.CumulativeReturn: p.CumulativeReturn, published.AnnualReturn: p.AnnualReturn, published.AnnualVolatility: p.Volatility,
		published.Sharpe: p.Sharpe, published.Sortino: p.Sortino, published.MaxDrawdown: p.MaxDrawdown,
	}
	if row.Broker != nil {
		figures[published.FinalValue] = metrics.Figure(row.Broker.FinalEquity)
	}
	return figures
}

// SameName compares names of rows by their letters and digits, so that "Buy &
// Hold", "BuyHold" and "buy-and-hold" are one.
func SameName(a, b string) bool { return plainName(a) == plainName(b) }

func plainName(s string) string {
	plain := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, strings.ToLower(s))
	switch plain {
	case "":
		return s // a name in another alphabet
	case "buyandhold":
		return "buyhold"
	}
	return plain
}
