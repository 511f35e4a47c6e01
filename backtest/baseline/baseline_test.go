package baseline_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/quagmt/udecimal"
	"pgregory.net/rapid"

	"finmem/agent"
	"finmem/backtest/baseline"
	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
)

// seen is an observation of closes, one a day from 2024-01-01.
func seen(closes ...float64) agent.Observation {
	var obs agent.Observation
	for i, c := range closes {
		obs.Bars = append(obs.Bars, data.CloseBar(data.Session("2024-01-01").AddDays(i), c))
	}
	obs.Day.Symbol = "TSLA"
	if n := len(obs.Bars); n > 0 {
		obs.Day.Session, obs.Day.Bar, obs.Day.HasBar = obs.Bars[n-1].Session, obs.Bars[n-1], true
	}
	return obs
}

// line is n closes from a first one on, each step further.
func line(n int, first, step float64) []float64 {
	closes := make([]float64, n)
	for i := range closes {
		closes[i] = first + step*float64(i)
	}
	return closes
}

// made is what a constructor returns, which must not be an error.
func made[T any](trader T, err error) T {
	if err != nil {
		panic(err)
	}
	return trader
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		trader baseline.Trader
		name   string
		closes []float64
		want   agent.Action
		reason string
	}{
		{baseline.BuyAndHold{}, "first session", line(1, 100, 0), agent.Buy, "always in the market"},
		{baseline.BuyAndHold{}, "later", line(9, 100, -1), agent.Buy, "always in the market"},
		{baseline.Flat{}, "any", line(9, 100, 1), agent.Hold, "never in the market"},

		{made(baseline.NewMomentum(2)), "up", []float64{100, 90, 110}, agent.Buy, "+10.00 % over 2 sessions"},
		{made(baseline.NewMomentum(2)), "down", []float64{100, 150, 99}, agent.Sell, "-1.00 % over 2 sessions"},
		{made(baseline.NewMomentum(2)), "where it was", []float64{100, 150, 100}, agent.Hold, "+0.00 % over 2 sessions"},
		{made(baseline.NewMomentum(2)), "too few", []float64{100, 110}, agent.Hold, "momentum 2 is n/a on 2 bars"},

		// SMA(2) of 1, 2, 6 is 4, SMA(3) is 3.
		{made(baseline.NewSMACross(2, 3)), "fast above slow", []float64{1, 2, 6}, agent.Buy, "SMA(2) 4.0000, SMA(3) 3.0000"},
		{made(baseline.NewSMACross(2, 3)), "fast below slow", []float64{6, 2, 1}, agent.Sell, "SMA(2) 1.5000, SMA(3) 3.0000"},
		{made(baseline.NewSMACross(2, 3)), "standing still", []float64{0.1, 0.1, 0.1}, agent.Hold, "SMA(2) 0.1000, SMA(3) 0.1000"},
		{made(baseline.NewSMACross(2, 3)), "too few", []float64{1, 2}, agent.Hold, "SMA cross 2/3 is n/a on 2 bars"},

		// The line is 1, then 5/3, its average over two 4/3.
		{made(baseline.NewMACD(1, 2, 2)), "above its signal", []float64{2, 4, 8}, agent.Buy, "line 1.6667, signal 1.3333"},
		{made(baseline.NewMACD(1, 2, 2)), "below its signal", []float64{8, 6, 2}, agent.Sell, "line -1.6667, signal -1.3333"},
		{made(baseline.NewMACD(12, 26, 9)), "a steady rise", line(34, 100, 1), agent.Hold, "line 7.0000, signal 7.0000"},
		{made(baseline.NewMACD(12, 26, 9)), "too few (B76)", line(30, 100, 1), agent.Hold, "MACD 12/26/9 is n/a on 30 bars"},

		{made(baseline.NewRSI(2, 30, 70)), "fell too fast", []float64{12, 11, 10}, agent.Buy, "RSI(2) 0.00"},
		{made(baseline.NewRSI(2, 30, 70)), "rose too fast", []float64{10, 11, 12}, agent.Sell, "RSI(2) 100.00"},
		{made(baseline.NewRSI(2, 30, 70)), "in between", []float64{10, 11, 10}, agent.Hold, "RSI(2) 50.00"},
		{made(baseline.NewRSI(2, 50, 70)), "on the mark", []float64{10, 11, 10}, agent.Hold, "RSI(2) 50.00"},
		{made(baseline.NewRSI(2, 30, 70)), "standing still", []float64{10, 10, 10}, agent.Hold, "RSI 2, 30/70 is n/a on 3 bars"},

		// Mean 8, population deviation 4: the bands are 4 and 12 at one deviation.
		{made(baseline.NewBollinger(5, 1)), "below the lower band", []float64{10, 10, 10, 10, 0}, agent.Buy, "close 0.0000, bands 4.0000 to 12.0000"},
		{made(baseline.NewBollinger(5, 1)), "above the upper band", []float64{6, 6, 6, 6, 16}, agent.Sell, "close 16.0000, bands 4.0000 to 12.0000"},
		{made(baseline.NewBollinger(5, 3)), "between the bands", []float64{10, 10, 10, 10, 0}, agent.Hold, "close 0.0000, bands -4.0000 to 20.0000"},
		{made(baseline.NewBollinger(20, 2)), "standing still", line(20, 0.1, 0), agent.Hold, "close 0.1000, bands 0.1000 to 0.1000"},
	} {
		t.Run(c.trader.Name()+", "+c.name, func(t *testing.T) {
			got, err := c.trader.Decide(context.Background(), seen(c.closes...))
			if err != nil {
				t.Fatal(err)
			}
			if got.Action != c.want || got.Reason != c.reason {
				t.Errorf("on %v: %s, %q, want %s, %q", c.closes, got.Action, got.Reason, c.want, c.reason)
			}
		})
	}
}

func TestStandard(t *testing.T) {
	var names []string
	for _, b := range baseline.Standard() {
		names = append(names, fmt.Sprintf("%s: %d bars", b.Name(), b.Bars()))
	}
	want := []string{"buy and hold: 0 bars", "flat: 0 bars", "momentum 20: 21 bars", "SMA cross 20/50: 50 bars",
		"MACD 12/26/9: 34 bars", "RSI 14, 30/70: 15 bars", "Bollinger 20, 2: 20 bars"}
	if !slices.Equal(names, want) {
		t.Errorf("standard baselines are %q, want %q", names, want)
	}
}

// B75: with too few bars every rule holds, and with Bars of them it does not
// have to any more.
func TestWarmUpIsHold(t *testing.T) {
	zigzag := line(200, 100, 1)
	for i := range zigzag {
		zigzag[i] += 3 * math.Sin(float64(i*i))
	}
	for _, b := range baseline.Standard()[2:] {
		for _, n := range []int{0, 1, 5, 14, b.Bars() - 1} {
			if n >= b.Bars() {
				continue
			}
			got, err := b.Decide(context.Background(), seen(zigzag[:n]...))
			if want := fmt.Sprintf("%s is n/a on %d bars", b.Name(), n); err != nil || got.Action != agent.Hold || got.Reason != want {
				t.Errorf("%s on %d bars: %s, %q, %v, want hold, %q", b.Name(), n, got.Action, got.Reason, err, want)
			}
		}
		got, err := b.Decide(context.Background(), seen(zigzag[:b.Bars()]...))
		if want := fmt.Sprintf("%s is n/a on %d bars", b.Name(), b.Bars()); err != nil || got.Reason == want {
			t.Errorf("%s on %d bars: %q, %v", b.Name(), b.Bars(), got.Reason, err)
		}
	}
}

func TestConstructorsRefuse(t *testing.T) {
	for name, err := range map[string]error{
		"momentum": second(baseline.NewMomentum(0)),
		"sma":      second(baseline.NewSMACross(50, 20)),
		"macd":     second(baseline.NewMACD(12, 26, 0)),
		"rsi":      second(baseline.NewRSI(14, 70, 30)),
		"rsi mark": second(baseline.NewRSI(14, math.NaN(), 30)),
		"bands":    second(baseline.NewBollinger(20, 0)),
		"random":   second(baseline.NewRandom(1, math.NaN())),
		"random 2": second(baseline.NewRandom(1, 1.01)),
	} {
		if err == nil {
			t.Errorf("%s: bad parameters pass", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// No rule changes what it is shown, and the same observation always leads to the
// same decision, whatever was asked before.
func TestRulesAreFunctionsOfTheObservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		obs := seen(rapid.SliceOfN(rapid.Float64Range(1, 1000), 1, 80).Draw(t, "closes")...)
		obs.Account.Shares = rapid.Float64Range(-5, 5).Draw(t, "shares")
		kept := slices.Clone(obs.Bars)
		traders := append(baseline.Standard(), made(baseline.NewRandom(7, 0.5)))
		for _, b := range traders {
			first, err := b.Decide(context.Background(), obs)
			if err != nil {
				t.Fatal(err)
			}
			if first.Action == "" || first.Reason == "" {
				t.Fatalf("%s decided %+v", b.Name(), first)
			}
			if _, err := b.Decide(context.Background(), seen(3, 2, 1)); err != nil {
				t.Fatal(err)
			}
			if again, _ := b.Decide(context.Background(), obs); !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: %+v, then %+v", b.Name(), first, again)
			}
		}
		if !slices.EqualFunc(obs.Bars, kept, func(a, b data.Bar) bool { return a.Session == b.Session && a.Close == b.Close }) {
			t.Fatal("the bars were changed")
		}
	})
}

func TestRandom(t *testing.T) {
	const sessions = 4000
	// switches walks the sessions and follows the decisions.
	switches := func(r baseline.Random, symbol string) (in []bool, trades int) {
		held := false
		for i := range sessions {
			obs := seen(100)
			obs.Day.Symbol, obs.Day.Session = symbol, data.Session("2010-01-01").AddDays(i)
			if held {
				obs.Account.Shares = 10
			}
			d, err := r.Decide(context.Background(), obs)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case d.Action == agent.Hold:
			case (d.Action == agent.Sell) != held:
				t.Fatalf("session %d: %s while held is %v", i, d.Action, held)
			default:
				held, trades = !held, trades+1
			}
			in = append(in, held)
		}
		return in, trades
	}

	for _, turnover := range []float64{0, 0.1, 1} {
		_, trades := switches(made(baseline.NewRandom(1, turnover)), "TSLA")
		share := float64(trades) / sessions
		// Four standard deviations of the share that was drawn.
		if tolerance := 4 * math.Sqrt(turnover*(1-turnover)/sessions); math.Abs(share-turnover) > tolerance {
			t.Errorf("turnover %v: traded on %v of the sessions", turnover, share)
		}
	}

	one, _ := switches(made(baseline.NewRandom(1, 0.3)), "TSLA")
	again, _ := switches(made(baseline.NewRandom(1, 0.3)), "TSLA")
	if !slices.Equal(one, again) {
		t.Error("the same seed gives two series")
	}
	seed, _ := switches(made(baseline.NewRandom(2, 0.3)), "TSLA")
	symbol, _ := switches(made(baseline.NewRandom(1, 0.3)), "NFLX")
	if slices.Equal(one, seed) || slices.Equal(one, symbol) {
		t.Error("another seed or symbol gives the same series")
	}
}

// The draw is fixed for all time: the first 53 bits of the SHA-256 of seed,
// symbol and session, 0.7217963 here.
func TestRandomIsPinned(t *testing.T) {
	d, err := made(baseline.NewRandom(1, 0.5)).Decide(context.Background(), seen(100))
	if err != nil {
		t.Fatal(err)
	}
	if want := "drew 0.721796, not below 0.500000"; d.Reason != want {
		t.Errorf("reason %q, want %q", d.Reason, want)
	}
}

// B68: buy and hold counts from its own first fill, at 120, not from the first
// bar it could see, at 100: +8.33 % at 130, not +30 %.
func TestBuyAndHoldCountsFromItsFirstFill(t *testing.T) {
	cash := udecimal.MustFromInt64(12000, 0)
	l := portfolio.New(cash, false)
	sim := broker.Sim{}
	obs := seen(100, 119) // warm-up, then the first scored session
	next := data.CloseBar("2024-01-03", 125)
	next.Open = 120
	for range 2 {
		d, err := baseline.BuyAndHold{}.Decide(context.Background(), obs)
		if err != nil {
			t.Fatal(err)
		}
		o, ok, _, err := broker.DefaultSizing().Order("TSLA", obs.Day.Session, d.Action, obs.Day.Bar.Close, l, sim.Costs, sim.Lot)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			got, err := sim.Fill(o, next, l)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Apply(*got.Fill); err != nil {
				t.Fatal(err)
			}
		}
		obs = seen(100, 119, 125)
		next = data.CloseBar("2024-01-04", 130)
	}
	equity := l.Equity(udecimal.MustFromInt64(130, 0)).InexactFloat64()
	if gain := equity/12000 - 1; math.Abs(gain-1.0/12) > 1e-9 {
		t.Errorf("buy and hold gained %.4f, want 0.0833", gain)
	}
}
