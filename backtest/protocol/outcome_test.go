package protocol_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/data"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.10g, want %.10g", what, got, want)
	}
}

// fourDays is closes 100, 110, 99, 99 and opens 101, 104, 110, 98, with an open
// of 100 the day after.
func fourDays() protocol.Prices {
	return protocol.Prices{
		Sessions:  []data.Session{"2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"},
		Close:     []float64{100, 110, 99, 99},
		Open:      []float64{101, 104, 110, 98},
		OpenAfter: 100,
	}
}

func TestLogRewards(t *testing.T) {
	o, err := protocol.LogRewards([]float64{1, -1, 0, 1}, fourDays())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "long day", o.Rewards[0], math.Log(1.1), 1e-12)
	near(t, "short day", o.Rewards[1], -math.Log(0.9), 1e-12)
	near(t, "flat day", o.Rewards[2], 0, 0)
	near(t, "turnover", o.Turnover(), 1+2+1, 0)
	if long, flat, short := o.Days(); long != 1 || flat != 1 || short != 1 {
		t.Errorf("%d long, %d flat, %d short", long, flat, short)
	}
	table := protocol.NewFinMemTable(o)
	near(t, "log return", float64(table.LogReturn), math.Log(1.1)-math.Log(0.9), 1e-12)
	// Rewards 0.0953102, 0.1053605, 0: deviation 0.0581462; four prices.
	near(t, "Sharpe", float64(table.Sharpe), 0.2006707/(4.0/252)/(0.0581462*math.Sqrt(252)), 1e-4)
	near(t, "drawdown", float64(table.MaxDrawdown), 0, 0)
}

func TestExecute(t *testing.T) {
	positions := []float64{1, -1, 0}
	for _, tt := range []struct {
		fill protocol.Fill
		bps  float64
		want []float64
	}{
		{protocol.SameClose, 0, []float64{0.10, 0.10, 0}},
		{protocol.SameClose, 10, []float64{0.099, 0.098, -0.001}},
		// Bought at 104, turned at 110, closed at 98.
		{protocol.NextOpen, 0, []float64{110.0/104 - 1, -(98.0/110 - 1), 0}},
		{protocol.NextOpen, 100, []float64{110.0/104 - 1.01, -(98.0/110 - 1) - 0.02, -0.01}},
	} {
		o, err := protocol.Execute(positions, fourDays(), tt.fill, tt.bps)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tt.want {
			near(t, string(tt.fill), o.Rewards[i], want, 1e-12)
		}
	}
}

// B61: a decision at the close of day 1 does not earn day 2's gap when it is
// filled at the open.
func TestB61FillAtTheOpen(t *testing.T) {
	p := protocol.Prices{Sessions: []data.Session{"2024-01-02", "2024-01-03"}, Close: []float64{100, 115}, Open: []float64{100, 110}, OpenAfter: math.NaN()}
	o, err := protocol.Execute([]float64{1, 1}, p, protocol.NextOpen, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "return", metrics.CumulativeReturn(o.Equity()), 0.04545454545, 1e-9)
	if !o.AtClose {
		t.Error("valued at the last close and does not say so")
	}
	if len(o.Rewards) != 1 || len(o.Held()) != 1 {
		t.Errorf("the decision of the last session has an outcome: %v", o.Rewards)
	}
}

func TestNothingToEarn(t *testing.T) {
	for _, p := range []protocol.Prices{{}, {Sessions: []data.Session{"2024-01-02"}, Close: []float64{100}, Open: []float64{100}}} {
		for _, fill := range []protocol.Fill{protocol.SameClose, protocol.NextOpen} {
			o, err := protocol.Execute(make([]float64, len(p.Close)), p, fill, 5)
			if err != nil || len(o.Rewards) != 0 {
				t.Errorf("%v: %v, %v", p.Close, o.Rewards, err)
			}
			for _, f := range []metrics.Figure{protocol.NewFinMemTable(o).LogReturn, protocol.NewFinMemTable(o).Sharpe, protocol.NewCarryTable(o).CumulativeReturn, protocol.NewCarryTable(o).Sharpe} {
				if f.Defined() {
					t.Errorf("%v: a figure of nothing is %v", p.Close, f)
				}
			}
		}
	}
	flat, err := protocol.LogRewards([]float64{0, 0, 0, 0}, fourDays())
	if err != nil {
		t.Fatal(err)
	}
	if table := protocol.NewFinMemTable(flat); table.Sharpe.Defined() || table.LogReturn != 0 || table.AnnualVolatility != 0 {
		t.Errorf("always flat: %+v", table)
	}
}

func TestRefuses(t *testing.T) {
	broken := func(change func(*protocol.Prices)) protocol.Prices {
		p := fourDays()
		change(&p)
		return p
	}
	all := []float64{1, 1, 1, 1}
	for _, tt := range []struct {
		name      string
		positions []float64
		p         protocol.Prices
		fill      protocol.Fill
		bps       float64
		want      string
	}{
		{"too few positions", all[:2], fourDays(), protocol.SameClose, 0, "2 positions for 4 sessions"},
		{"a missing close", all, broken(func(p *protocol.Prices) { p.Close[2] = math.NaN() }), protocol.SameClose, 0, "session 2024-01-04: close NaN is not a price"},
		{"a close of zero", all, broken(func(p *protocol.Prices) { p.Close[0] = 0 }), protocol.SameClose, 0, "session 2024-01-02: close 0"},
		{"a missing open", all, broken(func(p *protocol.Prices) { p.Open[2] = math.NaN() }), protocol.NextOpen, 0, "session 2024-01-04: open NaN"},
		{"no opens", all, broken(func(p *protocol.Prices) { p.Open = nil }), protocol.NextOpen, 0, "no opens"},
		{"sessions out of order", all, broken(func(p *protocol.Prices) { p.Sessions[1] = "2024-01-02" }), protocol.SameClose, 0, "comes after"},
		{"a close too many", all, broken(func(p *protocol.Prices) { p.Close = append(p.Close, 1) }), protocol.SameClose, 0, "4 sessions with 5 closes"},
		{"a fill nobody knows", all, fourDays(), "vwap", 0, `fill "vwap": want close or next-open`},
		{"a negative cost", all, fourDays(), protocol.SameClose, -1, "-1 basis points"},
		{"an undefined cost", all, fourDays(), protocol.SameClose, math.NaN(), "NaN basis points"},
	} {
		if _, err := protocol.Execute(tt.positions, tt.p, tt.fill, tt.bps); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := protocol.LogRewards(all[:1], fourDays()); err == nil {
		t.Error("one position for four sessions was taken")
	}
	if _, err := protocol.ParseFill("open"); err == nil {
		t.Error("fill open was taken")
	}
}

func TestExecuteProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		closes := rapid.SliceOfN(rapid.Float64Range(1, 500), 2, 40).Draw(t, "closes")
		opens := rapid.SliceOfN(rapid.Float64Range(1, 500), len(closes), len(closes)).Draw(t, "opens")
		positions := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 1}), len(closes), len(closes)).Draw(t, "positions")
		p := protocol.Prices{Close: closes, Open: opens, OpenAfter: rapid.Float64Range(1, 500).Draw(t, "open after")}
		for i := range closes {
			p.Sessions = append(p.Sessions, data.Session("2024-01-01").AddDays(i))
		}
		kept := slices.Clone(positions)
		earn := func(positions []float64, p protocol.Prices, fill protocol.Fill, bps float64) protocol.Outcome {
			o, err := protocol.Execute(positions, p, fill, bps)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		for _, fill := range []protocol.Fill{protocol.SameClose, protocol.NextOpen} {
			free, paid := earn(positions, p, fill, 0), earn(positions, p, fill, 10)
			saved := 0.0
			for i := range free.Rewards {
				saved += free.Rewards[i] - paid.Rewards[i]
			}
			if math.Abs(saved-0.001*free.Turnover()) > 1e-9 {
				t.Fatalf("%s: 10 bp on a turnover of %g cost %g", fill, free.Turnover(), saved)
			}
			turned := slices.Clone(positions)
			for i := range turned {
				turned[i] = -turned[i]
			}
			for i, r := range earn(turned, p, fill, 0).Rewards {
				if r != -free.Rewards[i] {
					t.Fatalf("%s: the other side earned %g, not %g", fill, r, -free.Rewards[i])
				}
			}
			// Prices in another currency unit earn the same.
			cents := p
			cents.Close, cents.Open, cents.OpenAfter = times(closes, 100), times(opens, 100), p.OpenAfter*100
			for i, r := range earn(positions, cents, fill, 0).Rewards {
				if math.Abs(r-free.Rewards[i]) > 1e-9*max(1, math.Abs(r)) {
					t.Fatalf("%s: in cents %g, not %g", fill, r, free.Rewards[i])
				}
			}
			// Nothing from after a decision's own spell reaches its reward.
			cut := len(closes) / 2
			later := p
			later.Close, later.Open = slices.Clone(closes), slices.Clone(opens)
			for i := cut + 1; i < len(closes); i++ {
				later.Close[i], later.Open[i] = 7, 7
			}
			for i, r := range earn(positions, later, fill, 0).Rewards[:max(cut-1, 0)] {
				if r != free.Rewards[i] {
					t.Fatalf("%s: reward %d changed with prices after session %d", fill, i, cut)
				}
			}
		}
		if !slices.Equal(positions, kept) {
			t.Fatal("input changed")
		}
	})
}

func times(v []float64, by float64) []float64 {
	out := slices.Clone(v)
	for i := range out {
		out[i] *= by
	}
	return out
}
