package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"finmem/backtest/baseline"
)

func printWalkforward(w io.Writer, r walkforwardReport) {
	whole := report{Dataset: r.Dataset, Synthetic: r.Synthetic, Model: r.Model, Warnings: r.Warnings,
		Window: window{From: r.Windows[0].Window.From, To: r.Windows[len(r.Windows)-1].Window.To}}
	paragraph(w, "%s", whole.title())
	paragraph(w, "model %s, embedder %s, memory %s, seed %d", r.Model, r.Embedder, r.Memory, r.Seed)
	fmt.Fprintf(w, "%s of %d scored sessions after %d of warm-up, every %d sessions\n", count(len(r.Windows), "window"), r.Test, r.Train, r.Step)
	for _, s := range r.Symbols {
		fmt.Fprintf(w, "\n%s, window by window\n\n", s.Symbol)
		printWindows(w, r, s)
		fmt.Fprintf(w, "\n%s, all windows joined\n\n", s.Symbol)
		printJoined(w, s)
		fmt.Fprintf(w, "\n%s, by what the price did in each %s\n\n", s.Symbol, r.Regimes)
		printRegimes(w, s)
	}
	fmt.Fprintln(w)
	paragraph(w, "Up is a move of the price, from close to close, of more than %+g %% over %d sessions, down one of less than %g %%; over n sessions these are multiplied by the root of n/%d.",
		100*r.Rule.Move, r.Rule.Sessions, -100*r.Rule.Move, r.Rule.Sessions)
	paragraph(w, "%s", "Each window is a run of its own, with an empty memory and all in cash: nothing is earned on its first session, and a position at its end is marked, not sold.")
	paragraph(w, "%s", r.Conventions)
	for _, note := range whole.notes() {
		paragraph(w, "Note: %s.", note)
	}
}

func printWindows(w io.Writer, r walkforwardReport, s walkSymbol) {
	t := newTable(w)
	t.AppendHeader(table.Row{"window", "warm-up from", "test from", "to", "regime", "sessions", "price %", "return %", "Sharpe", "buy and hold %", "error days"})
	right(t, 6, 11)
	for i, row := range s.Windows {
		agent, held := row.of(agentName), row.of(baseline.BuyAndHold{}.Name())
		w := r.Windows[i]
		t.AppendRow(table.Row{row.Run, w.Window.WarmupFrom, w.Window.From, w.Window.To, regimeName(row.Regime), w.Sessions, percent(row.Price),
			percent(agent.CumulativeReturn), ratio(agent.Sharpe), percent(held.CumulativeReturn), row.ErrorDays})
	}
	t.Render()
}

// of is one trader's part of a row.
func (row walkRow) of(trader string) walkReturn {
	for _, x := range row.Returns {
		if x.Trader == trader {
			return x
		}
	}
	return walkReturn{}
}

func regimeName(regime string) string {
	if regime == "" {
		return "n/a"
	}
	return regime
}

func printJoined(w io.Writer, s walkSymbol) {
	t := newTable(w)
	t.AppendHeader(table.Row{"trader", "return %", "CAGR %", "vol %", "Sharpe", "Sortino", "max DD %", "a window: mean %", "sd", "min", "max", "gained", "ahead", "p", "trades", "error days"})
	right(t, 2, 16)
	for _, x := range s.Traders {
		n := len(s.Windows)
		t.AppendRow(table.Row{x.Trader, percent(x.CumulativeReturn), percent(x.CAGR), percent(x.Volatility), ratio(x.Sharpe), ratio(x.Sortino), percent(x.MaxDrawdown),
			percent(x.PerWindow.Mean), percent(x.PerWindow.SD), percent(x.PerWindow.Min), percent(x.PerWindow.Max),
			fmt.Sprintf("%d/%d", x.Gained, n), fmt.Sprintf("%d/%d", x.Ahead, n), pValue(x.WilcoxonP), x.Trades, x.ErrorDays})
	}
	t.Render()
	paragraph(w, "%s", "Gained counts the windows with a gain, ahead those with more than buy and hold; p is of Wilcoxon's signed-rank test of the daily returns against buy and hold's.")
}

func printRegimes(w io.Writer, s walkSymbol) {
	t := newTable(w)
	t.AppendHeader(table.Row{"regime", "trader", "times", "sessions", "price %", "return %", "vol %", "Sharpe", "ahead of price"})
	right(t, 3, 9)
	for i := range s.Traders[0].Regimes {
		if i > 0 {
			t.AppendSeparator()
		}
		for _, x := range s.Traders {
			row := x.Regimes[i]
			if row.Stretches == 0 {
				t.AppendRow(table.Row{row.Regime, "never", 0, 0, "n/a", "n/a", "n/a", "n/a", "n/a"})
				break
			}
			t.AppendRow(table.Row{row.Regime, x.Trader, row.Stretches, row.Sessions, percent(row.Benchmark),
				percent(row.CumulativeReturn), percent(row.Volatility), ratio(row.Sharpe), fmt.Sprintf("%d/%d", row.Ahead, row.Stretches)})
		}
	}
	t.Render()
}
