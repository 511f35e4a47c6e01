package evaluation_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/backtest/metrics"
	"finmem/backtest/portfolio"
	"finmem/backtest/protocol"
	"finmem/backtest/published"
	"finmem/data"

	"github.com/google/go-cmp/cmp"
	"github.com/quagmt/udecimal"
)

// request is a broker's request over opens and closes of consecutive sessions
// from Tuesday 2024-01-02, without costs.
func request(t *testing.T, cash string, bars ...[2]float64) evaluation.Request {
	t.Helper()
	h := data.History{Symbol: "XYZ"}
	sessions, err := data.NYSE().Range("2024-01-02", "2024-03-28")
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range bars {
		h.Bars = append(h.Bars, data.Bar{Session: sessions[i], Open: b[0], High: max(b[0], b[1]), Low: min(b[0], b[1]), Close: b[1], AdjClose: math.NaN(), Volume: 1000})
	}
	prices, err := protocol.FromBars(h.Bars, protocol.Close)
	if err != nil {
		t.Fatal(err)
	}
	amount, err := udecimal.Parse(cash)
	if err != nil {
		t.Fatal(err)
	}
	return evaluation.Request{
		Symbol: "XYZ", Protocol: evaluation.Broker, Prices: prices, Price: protocol.Close, Fill: protocol.NextOpen,
		Basis: metrics.Basis{PeriodsPerYear: 252}, Resamples: 20, Seed: 1, Tolerance: 1e-6,
		Account: evaluation.Account{Cash: portfolio.Decimal(amount)},
		Market:  evaluation.Market{History: h, Calendar: data.NYSE(), Adjustment: data.Raw},
	}
}

func decided(name string, actions ...agent.Action) evaluation.Series {
	s := evaluation.Series{Name: name, File: name + ".csv"}
	sessions := []data.Session{"2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"}
	for i, a := range actions {
		s.Decisions = append(s.Decisions, decisions.Decision{Session: sessions[i], Action: a, Line: i + 2})
	}
	return s
}

func run(t *testing.T, r evaluation.Request) evaluation.Evaluation {
	t.Helper()
	e, err := evaluation.Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Fatal(err)
	}
	return e
}

// B61: bought at the next open 110, not at the close 100 that was decided on; a
// decision of the last day is not executed.
func TestB61BrokerFillsAtTheOpen(t *testing.T) {
	r := request(t, "110000", [2]float64{100, 100}, [2]float64{110, 115})
	r.Series = []evaluation.Series{decided("early", agent.Buy, agent.Hold), decided("late", agent.Hold, agent.Buy)}
	e := run(t, r)
	same(t, "early", e.Rows[1].Performance.CumulativeReturn, 5.0/110)
	same(t, "late", e.Rows[2].Performance.CumulativeReturn, 0)
	if e.Rows[2].Broker.Fills != 0 {
		t.Errorf("the last day's decision was filled %d times", e.Rows[2].Broker.Fills)
	}
	// B69: what was never sold is no trade.
	if tr := e.Rows[1].Trading; tr.Trades != 0 || tr.WinRate.Defined() || e.Rows[1].Broker.OpenTrades != 1 {
		t.Errorf("trades %+v, open %d", *tr, e.Rows[1].Broker.OpenTrades)
	}
	// B66: cash that never moves has no Sharpe ratio.
	if e.Rows[2].Performance.Sharpe.Defined() {
		t.Errorf("Sharpe of cash is %v", e.Rows[2].Performance.Sharpe)
	}
}

// B68: buy and hold starts where the strategy could, at the first open in the
// window, whatever came before.
func TestB68BenchmarkFromTheSameFill(t *testing.T) {
	r := request(t, "120000", [2]float64{100, 118}, [2]float64{120, 125}, [2]float64{126, 130})
	r.Series = []evaluation.Series{decided("same", agent.Buy, agent.Buy, agent.Hold)}
	e := run(t, r)
	same(t, "buy and hold", e.Rows[0].Performance.CumulativeReturn, 10.0/120)
	same(t, "same decisions", e.Rows[1].Performance.CumulativeReturn, 10.0/120)
	same(t, "beta", e.Rows[1].Relative.Beta, 1)
}

// The same decisions under each protocol, worked by hand: closes 100, 110, 99,
// opens 100, 104, 102.
func TestProtocolsApart(t *testing.T) {
	bars := [][2]float64{{100, 100}, {104, 110}, {102, 99}}
	series := decided("x", agent.Buy, agent.Sell)
	for _, tt := range []struct {
		protocol evaluation.Protocol
		fill     protocol.Fill
		costBps  float64
		want     float64
	}{
		{evaluation.FinMem, protocol.SameClose, 0, 1.1*1.1 - 1},
		{evaluation.FinMem, protocol.SameClose, 10, 1.099*1.098 - 1},
		{evaluation.Carry, protocol.SameClose, 10, 1.099*0.999 - 1},
		// Bought at 104, out at 102.
		{evaluation.Carry, protocol.NextOpen, 0, 102.0/104 - 1},
		{evaluation.Broker, protocol.NextOpen, 0, 102.0/104 - 1},
	} {
		r := request(t, "104000", bars...)
		r.Protocol, r.Fill, r.CommissionBps, r.Series = tt.protocol, tt.fill, tt.costBps, []evaluation.Series{series}
		e := run(t, r)
		same(t, string(tt.protocol)+" "+string(tt.fill), e.Rows[1].Performance.CumulativeReturn, tt.want)
		if (e.Rows[1].FinMem != nil) != (tt.protocol == evaluation.FinMem) || (e.Rows[1].Carry != nil) != (tt.protocol == evaluation.Carry) || (e.Rows[1].Broker != nil) != (tt.protocol == evaluation.Broker) {
			t.Errorf("%s: the table of another protocol", tt.protocol)
		}
	}
}

// Slippage counts like commission for unit positions, and short under carry
// turns a sell into -1.
func TestCostsAndShort(t *testing.T) {
	r := request(t, "1000", [2]float64{100, 100}, [2]float64{104, 110}, [2]float64{102, 99})
	r.Protocol, r.Fill, r.CommissionBps, r.SlippageBps, r.Short = evaluation.Carry, protocol.SameClose, 4, 6, true
	r.Series = []evaluation.Series{decided("x", agent.Buy, agent.Sell)}
	e := run(t, r)
	same(t, "return", e.Rows[1].Carry.CumulativeReturn, 1.099*1.098-1)
	if h := e.Rows[1].Held; h.Long != 1 || h.Short != 1 || h.Turnover != 3 {
		t.Errorf("held %+v", *h)
	}
}

func TestCoverage(t *testing.T) {
	bars := [][2]float64{{100, 100}, {100, 101}, {100, 102}, {100, 103}, {100, 104}}
	r := request(t, "1000", bars...)
	r.Protocol, r.Fill = evaluation.Carry, protocol.SameClose
	x := evaluation.Series{Name: "x", File: "x.csv", Blank: 2, Decisions: []decisions.Decision{
		{Session: "2024-01-02", Action: agent.Buy, Line: 2},
		{Session: "2024-01-02", Action: agent.Sell, Line: 3},
		{Session: "2024-01-06", Action: agent.Sell, Line: 4}, // a Saturday
		{Session: "2024-01-05", Action: agent.Hold, Line: 5},
		{Session: "2023-12-29", Action: agent.Sell, Line: 6},
	}}
	r.Series = []evaluation.Series{x, {Name: "none", File: "none.csv", Decisions: []decisions.Decision{{Session: "2020-01-02", Action: agent.Buy, Line: 2}}}}
	e := run(t, r)
	want := &evaluation.Coverage{
		Buys: 1, Holds: 1, Missing: []data.Session{"2024-01-03", "2024-01-04"}, Unpriced: []data.Session{"2024-01-06"},
		Repeated: []evaluation.Repeat{{Session: "2024-01-02", Lines: []int{2, 3}, Conflict: true}}, Outside: 1, Blank: 2,
	}
	if diff := cmp.Diff(want, e.Rows[1].Decisions); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	same(t, "the first row counts, and is kept", e.Rows[1].Carry.CumulativeReturn, 0.04)
	for _, word := range []string{
		"x: no decision on 2024-01-03, 2024-01-04 with a price: the position is kept",
		"x: decisions without a price left out, of 2024-01-06",
		"x: more than one decision on 2024-01-02, 1 of them unlike: the first row counts",
		"none: no decision at all inside the window",
	} {
		if !strings.Contains(strings.Join(e.Warnings, "\n"), word) {
			t.Errorf("no warning %q in %q", word, e.Warnings)
		}
	}
	// Under the broker a missing decision is an error day, not a hold.
	r.Protocol, r.Fill = evaluation.Broker, protocol.NextOpen
	if b := run(t, r).Rows[1].Broker; b.ErrorDays != 3 || b.Holds != 1 {
		t.Errorf("%d error days and %d holds, want 3 and 1", b.ErrorDays, b.Holds)
	}
}

func TestStated(t *testing.T) {
	r := request(t, "1000", [2]float64{100, 100}, [2]float64{100, 110}, [2]float64{100, 121})
	r.Protocol, r.Fill = evaluation.Carry, protocol.SameClose
	r.Series = []evaluation.Series{decided("Fin-Mem", agent.Hold, agent.Buy, agent.Hold)}
	r.Stated = []published.Row{
		{Name: "Buy & Hold", Table: "I", Figures: map[published.Figure]float64{published.CumulativeReturn: 0.21, published.FinalValue: 7}},
		{Name: "finmem", Table: "I", Figures: map[published.Figure]float64{published.CumulativeReturn: 0.11}},
		{Name: "other", Figures: map[published.Figure]float64{published.CumulativeReturn: 0.11}},
	}
	e := run(t, r)
	if s := e.Rows[0].Stated; len(s) != 1 || !s[0].Holds || s[0].Table != "I" {
		t.Errorf("buy and hold: %+v", s)
	}
	if s := e.Rows[1].Stated; len(s) != 1 || s[0].Holds || math.Abs(float64(s[0].Ours)-0.10) > 1e-12 {
		t.Errorf("finmem: %+v", s)
	}
	if len(e.Warnings) != 0 {
		t.Errorf("warnings %q", e.Warnings)
	}
	r.Protocol, r.Fill = evaluation.Broker, protocol.NextOpen
	if s := run(t, r).Rows[0].Stated; len(s) != 2 {
		t.Errorf("broker: %+v", s)
	}
	// A stated window that is not this one is said, once for each table.
	r.Stated[0].From, r.Stated[0].To = "2024-01-02", "2024-01-04"
	r.Stated[1].From, r.Stated[1].To = "2023-12-01", "2024-01-09"
	w := run(t, r).Warnings
	if len(w) != 1 || !strings.Contains(w[0], `table "I" are said to be of 2023-12-01 to 2024-01-09; these are of 2024-01-02 to 2024-01-04`) {
		t.Errorf("warnings %q", w)
	}
}

func TestSameName(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"Buy & Hold", "buy-and-hold", true}, {"BuyHold", "buy and hold", true}, {"FinMe", "finme", true},
		{"FinMe", "FinMem", false}, {"A2C", "a2 c", true}, {"記憶", "記憶", true}, {"記憶", "忘却", false},
	} {
		if got := evaluation.SameName(tt.a, tt.b); got != tt.want {
			t.Errorf("SameName(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

// One price has no outcome; every figure is undefined and nothing breaks.
func TestOnePrice(t *testing.T) {
	for _, p := range []evaluation.Protocol{evaluation.Carry, evaluation.FinMem, evaluation.Broker} {
		for _, fill := range []protocol.Fill{protocol.SameClose, protocol.NextOpen} {
			r := request(t, "1000", [2]float64{100, 100})
			r.Protocol, r.Fill, r.Series = p, fill, []evaluation.Series{decided("x", agent.Buy)}
			e := run(t, r)
			if f := e.Rows[1].Performance; f.Sharpe.Defined() || f.MaxDrawdown > 0 {
				t.Errorf("%s %s: %+v", p, fill, f)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	empty := request(t, "1000")
	if _, err := evaluation.Run(context.Background(), empty); err == nil || !strings.Contains(err.Error(), "no prices for XYZ") {
		t.Errorf("error %v", err)
	}
	broken := request(t, "1000", [2]float64{100, 100}, [2]float64{math.NaN(), 101})
	broken.Protocol, broken.Series = evaluation.Carry, []evaluation.Series{decided("x", agent.Buy)}
	if _, err := evaluation.Run(context.Background(), broken); err == nil || !strings.Contains(err.Error(), "session 2024-01-03: open NaN") {
		t.Errorf("error %v", err)
	}
	if _, err := evaluation.ParseProtocol("paper"); err == nil {
		t.Error("protocol paper was taken")
	}
}

// The warning that the last position ends at a close is given where it does.
func TestOpenAfterTheWindow(t *testing.T) {
	r := request(t, "1000", [2]float64{100, 100}, [2]float64{100, 110}, [2]float64{100, 121})
	r.Protocol, r.Series = evaluation.Carry, []evaluation.Series{decided("x", agent.Buy)}
	if w := run(t, r).Warnings; len(w) != 2 || !strings.Contains(w[0], "ends at the last close") {
		t.Errorf("warnings %q", w)
	}
	r.Prices.OpenAfter = 120
	if w := run(t, r).Warnings; len(w) != 1 {
		t.Errorf("warnings %q", w)
	}
}
