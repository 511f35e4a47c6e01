package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"finmem/backtest"
	"finmem/backtest/baseline"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/internal/atomicfile"
	"finmem/profile"
)

// metricsFile is written last: a run that has it is finished.
const metricsFile = "metrics.json"

// A report is the content of metrics.json.
type report struct {
	Finmem      string      `json:"finmem"`
	Run         string      `json:"run"`
	Dataset     string      `json:"dataset"`
	Synthetic   bool        `json:"synthetic"`
	Model       string      `json:"model"`
	Embedder    string      `json:"embedder"`
	Memory      string      `json:"memory"`
	Seed        uint64      `json:"seed"`
	Window      window      `json:"window"`
	Conventions conventions `json:"conventions"`
	Warnings    []string    `json:"warnings"`
	// Agent has one result per symbol, Baselines those of the other traders on
	// the same sessions, fills and costs.
	Agent     []backtest.Result `json:"agent"`
	Baselines []backtest.Result `json:"baselines"`
	// Usage is what the run took of its models.
	Usage usageReport `json:"usage"`
	// Digest is a hash of all decisions, memory, orders and ledgers of the run.
	Digest string `json:"digest"`
}

type window struct {
	WarmupFrom data.Session `json:"warmupFrom"`
	From       data.Session `json:"from"`
	To         data.Session `json:"to"`
}

// conventions are what the numbers rest on.
type conventions struct {
	Protocol       string  `json:"protocol"`
	Decision       string  `json:"decision"`
	Fill           string  `json:"fill"`
	CommissionBps  float64 `json:"commissionBps"`
	SlippageBps    float64 `json:"slippageBps"`
	InitialCash    string  `json:"initialCash"`
	TargetWeight   float64 `json:"targetWeight"`
	Short          bool    `json:"short"`
	PeriodsPerYear float64 `json:"periodsPerYear"`
	RiskFree       float64 `json:"riskFree"`
	Deviation      string  `json:"deviation"`
	CAGR           string  `json:"cagr"`
	// Limits are those on the way from decision to order; 0 is off.
	Limits limitsConfig `json:"limits"`
}

func (p *plan) conventions() conventions {
	fill := "next session's open"
	if p.meta.PriceKind == data.CloseOnly {
		fill = "next session's close (the dataset has no opens)"
	}
	return conventions{
		Protocol: "broker", Decision: "after the session's close", Fill: fill,
		CommissionBps: p.config.Broker.CommissionBps, SlippageBps: p.config.Broker.SlippageBps,
		InitialCash: p.config.Broker.Cash, TargetWeight: p.config.Broker.TargetWeight, Short: p.config.Broker.Short,
		PeriodsPerYear: backtest.PeriodsPerYear(p.meta.Calendar), RiskFree: p.config.Run.RiskFree,
		Deviation: "sample (n-1)", CAGR: "calendar days / 365.25", Limits: p.config.Limits,
	}
}

// assess holds the agent and every other trader against buying and holding the
// same symbol, and says how far the agent's results may be luck.
func (p *plan) assess(r *report) error {
	market := map[string]backtest.Result{}
	for _, b := range r.Baselines {
		if b.Trader == (baseline.BuyAndHold{}).Name() {
			market[b.Symbol] = b
		}
	}
	for i := range r.Agent {
		a := &r.Agent[i]
		if err := a.CompareWith(market[a.Symbol]); err != nil {
			return err
		}
		if err := a.Assess(market[a.Symbol], p.config.Run.Seed, p.config.Run.Variants); err != nil {
			return err
		}
	}
	for i := range r.Baselines {
		b := &r.Baselines[i]
		if b.Trader == market[b.Symbol].Trader {
			continue
		}
		if err := b.CompareWith(market[b.Symbol]); err != nil {
			return err
		}
	}
	return nil
}

// writeArtifacts puts the files for people and other programs beside the run.
func writeArtifacts(dir string, r report) error {
	if err := atomicfile.WriteFile(filepath.Join(dir, "equity.csv"), func(w io.Writer) error {
		return writeEquity(w, append(append([]backtest.Result{}, r.Agent...), r.Baselines...))
	}); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, "trades.csv"), func(w io.Writer) error {
		return writeTrades(w, r.Agent)
	}); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, "usage.csv"), func(w io.Writer) error {
		return writeUsage(w, r.Usage)
	}); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, metricsFile), func(w io.Writer) error {
		return writeJSON(w, r)
	})
}

// writeJSON is v as indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// writeEquity writes all equity curves, one row a session and trader. The first
// row of each is the value before the first session.
func writeEquity(w io.Writer, results []backtest.Result) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"symbol", "trader", "date", "equity"}}
	for _, r := range results {
		for _, p := range r.Curve {
			rows = append(rows, []string{r.Symbol, r.Trader, string(p.Session), strconv.FormatFloat(p.Value, 'f', -1, 64)})
		}
	}
	return out.WriteAll(rows)
}

// writeTrades writes the round trips; one that is still open has no exit.
func writeTrades(w io.Writer, results []backtest.Result) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"symbol", "side", "entry", "exit", "shares", "entry_price", "exit_price", "fees", "dividends", "pnl", "return"}}
	row := func(t portfolio.Trade) []string {
		exit, pnl, ret := "", "", ""
		if t.Exit != "" {
			exit, pnl, ret = t.ExitPrice.String(), t.PnL.String(), strconv.FormatFloat(t.Return, 'f', -1, 64)
		}
		return []string{t.Symbol, string(t.Side), string(t.Entry), string(t.Exit), t.Shares.String(),
			t.EntryPrice.String(), exit, t.Fees.String(), t.Dividends.String(), pnl, ret}
	}
	for _, r := range results {
		for _, t := range r.Closed {
			rows = append(rows, row(t))
		}
		if r.Open != nil {
			rows = append(rows, row(*r.Open))
		}
	}
	return out.WriteAll(rows)
}

// readReport reads the results of a finished run.
func readReport(dir string) (report, error) {
	var r report
	text, err := os.ReadFile(filepath.Join(dir, metricsFile))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", filepath.Join(dir, metricsFile), err)
	}
	return r, nil
}

// writeProfiles keeps beside the run who traded.
func writeProfiles(dir string, profiles map[string]profile.Profile) error {
	for _, symbol := range slices.Sorted(maps.Keys(profiles)) {
		if err := atomicfile.WriteFile(filepath.Join(dir, "profile-"+symbol+".toml"), profiles[symbol].WriteTOML); err != nil {
			return err
		}
	}
	return nil
}
