package main

import (
	"strings"

	"github.com/spf13/cobra"

	"finmem/backtest/audit"
	"finmem/data"
	"finmem/memory"
)

// runFlags are the flags that decide a run's results. They lie over the config
// file, which lies over the defaults.
type runFlags struct {
	file                    string
	data                    string
	symbols                 []string
	warmupFrom, from, to    string
	profiles                []string
	inclination, query      string
	model, embedder         string
	trainingCutoff          string
	preset                  string
	topK, lookBack, reflect int
	cash, lot               string
	commission, slippage    float64
	weight                  float64
	short                   bool
	limits                  limitsConfig
	variants                int
	seed                    uint64
	maxErrorDays            int
	riskFree                float64
	sampling                modelFlags
	calls                   callFlags
	embedding               embedFlags
}

func (f *runFlags) add(cmd *cobra.Command) {
	d := defaultConfig()
	fl := cmd.Flags()
	fl.StringVar(&f.file, "config", "", "read settings from this TOML `file`; flags override it")
	fl.StringVar(&f.data, "data", "", "dataset `folder`; without it the synthetic sample is used")
	fl.StringSliceVar(&f.symbols, "symbol", nil, "trade this `symbol` (repeatable, or comma-separated); default all of the dataset")
	fl.StringVar(&f.warmupFrom, "warmup-from", "", "first `date` of the warm-up; default the dataset's first session")
	fl.StringVar(&f.from, "from", "", "first `date` of the scored test window")
	fl.StringVar(&f.to, "to", "", "last `date` of the test window; default the dataset's last session")
	fl.StringSliceVar(&f.profiles, "profile", nil, "profile `file` to use for the symbol it names, or for all if it names none")
	fl.StringVar(&f.inclination, "inclination", "", "override the profile: risk-seeking, risk-averse, self-adaptive or neutral")
	fl.StringVar(&f.query, "query", "", "override the profile: what the memory is asked, situation or profile (the published behaviour)")
	fl.StringVar(&f.model, "model", d.Model.Name, "`model` that decides")
	f.sampling.add(cmd)
	f.calls.add(cmd)
	f.embedding.add(cmd)
	fl.StringVar(&f.embedder, "embedder", d.Model.Embedder, "`embedder` that places texts")
	fl.StringVar(&f.trainingCutoff, "training-cutoff", "", "`date` or month in which the model's training ended; default unknown")
	fl.StringVar(&f.preset, "memory", d.Memory.Preset, "memory constants: layered, paper or reference")
	fl.IntVar(&f.topK, "top-k", d.Memory.TopK, "memories offered per layer")
	fl.IntVar(&f.lookBack, "look-back", d.Agent.LookBack, "sessions after which a decision's outcome is judged")
	fl.IntVar(&f.reflect, "reflect-every", d.Agent.ReflectEvery, "sessions between extended reflections")
	fl.StringVar(&f.cash, "cash", d.Broker.Cash, "initial cash of each symbol's account")
	fl.StringVar(&f.lot, "lot", d.Broker.Lot, "smallest number of shares that trades")
	fl.Float64Var(&f.commission, "commission-bps", d.Broker.CommissionBps, "commission per side, in basis points of the value")
	fl.Float64Var(&f.slippage, "slippage-bps", d.Broker.SlippageBps, "slippage per side, in basis points of the price")
	fl.Float64Var(&f.weight, "target-weight", d.Broker.TargetWeight, "share of equity a buy goes up to, above 0 and at most 1")
	fl.BoolVar(&f.short, "short", d.Broker.Short, "let a sell go short instead of flat")
	fl.Float64Var(&f.limits.MaxWeight, "max-weight", d.Limits.MaxWeight, "limit: no position is worth more than this share of equity; 0 off")
	fl.Float64Var(&f.limits.VolTarget, "vol-target", d.Limits.VolTarget, "limit: scale the target weight down to this yearly volatility, as a fraction; 0 off")
	fl.IntVar(&f.limits.CoolDown, "cool-down", d.Limits.CoolDown, "limit: buy nothing for so many sessions after a losing trade; 0 off")
	fl.Float64Var(&f.limits.DrawdownStop, "drawdown-stop", d.Limits.DrawdownStop, "limit: go flat when equity is this fraction below its peak; 0 off")
	fl.IntVar(&f.limits.StopSessions, "stop-sessions", d.Limits.StopSessions, "sessions a drawdown stop lasts, after which the peak counts anew")
	fl.Uint64Var(&f.seed, "seed", d.Run.Seed, "seed of the draws of initial importance")
	fl.IntVar(&f.maxErrorDays, "max-error-days", d.Agent.MaxErrorDays, "stop after so many error days in a row; 0 never")
	fl.Float64Var(&f.riskFree, "risk-free", d.Run.RiskFree, "yearly risk-free rate, as a fraction, for Sharpe and Sortino")
	fl.IntVar(&f.variants, "variants", d.Run.Variants, "configurations tried before this one is shown, this one included, for the deflated Sharpe ratio")
}

// config is the file, or the defaults, with the flags that were given over it.
func (f *runFlags) config(cmd *cobra.Command) (config, error) {
	c := defaultConfig()
	if f.file != "" {
		var err error
		if c, err = readConfig(f.file); err != nil {
			return c, usagef(cmd, "%v", err)
		}
	}
	if cmd.Flags().Changed("memory") {
		preset, err := memory.Preset(f.preset)
		if err != nil {
			return c, usagef(cmd, "--memory: %v", err)
		}
		c.Memory = preset
	}
	for name, set := range map[string]func(){
		"data":            func() { c.Data = f.data },
		"symbol":          func() { c.Symbols = f.symbols },
		"warmup-from":     func() { c.Window.WarmupFrom = data.Session(f.warmupFrom) },
		"from":            func() { c.Window.From = data.Session(f.from) },
		"to":              func() { c.Window.To = data.Session(f.to) },
		"profile":         func() { c.Profile.Files = f.profiles },
		"inclination":     func() { c.Profile.Inclination = f.inclination },
		"query":           func() { c.Profile.Query = f.query },
		"model":           func() { c.Model.Name = f.model },
		"embedder":        func() { c.Model.Embedder = f.embedder },
		"training-cutoff": func() { c.Model.TrainingCutoff = audit.Cutoff(f.trainingCutoff) },
		"top-k":           func() { c.Memory.TopK = f.topK },
		"look-back":       func() { c.Agent.LookBack = f.lookBack },
		"reflect-every":   func() { c.Agent.ReflectEvery = f.reflect },
		"cash":            func() { c.Broker.Cash = f.cash },
		"lot":             func() { c.Broker.Lot = f.lot },
		"commission-bps":  func() { c.Broker.CommissionBps = f.commission },
		"slippage-bps":    func() { c.Broker.SlippageBps = f.slippage },
		"target-weight":   func() { c.Broker.TargetWeight = f.weight },
		"short":           func() { c.Broker.Short = f.short },
		"max-weight":      func() { c.Limits.MaxWeight = f.limits.MaxWeight },
		"vol-target":      func() { c.Limits.VolTarget = f.limits.VolTarget },
		"cool-down":       func() { c.Limits.CoolDown = f.limits.CoolDown },
		"drawdown-stop":   func() { c.Limits.DrawdownStop = f.limits.DrawdownStop },
		"stop-sessions":   func() { c.Limits.StopSessions = f.limits.StopSessions },
		"variants":        func() { c.Run.Variants = f.variants },
		"seed":            func() { c.Run.Seed = f.seed },
		"max-error-days":  func() { c.Agent.MaxErrorDays = f.maxErrorDays },
		"risk-free":       func() { c.Run.RiskFree = f.riskFree },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
	if err := f.sampling.apply(cmd, &c.Model); err != nil {
		return c, err
	}
	f.embedding.apply(cmd, &c.Model.Embedding)
	var err error
	if c.calling, err = f.calls.calling(cmd); err != nil {
		return c, err
	}
	if err := c.Model.TrainingCutoff.UnmarshalText([]byte(c.Model.TrainingCutoff)); err != nil {
		return c, usagef(cmd, "--training-cutoff: %v", err)
	}
	for _, w := range []struct {
		flag string
		date data.Session
	}{{"warmup-from", c.Window.WarmupFrom}, {"from", c.Window.From}, {"to", c.Window.To}} {
		if w.date == "" {
			continue
		}
		if _, err := data.ParseSession(string(w.date)); err != nil {
			return c, usagef(cmd, "--%s: %v", w.flag, err)
		}
	}
	if cmd.Flags().Changed("symbol") && len(c.Symbols) == 0 {
		return c, usagef(cmd, "--symbol: name at least one symbol, or leave the flag out for all")
	}
	symbols, err := canonicalSymbols(c.Symbols)
	if err != nil {
		return c, usagef(cmd, "--symbol: %v", err)
	}
	c.Symbols = symbols
	c.Broker.Cash, c.Broker.Lot = strings.TrimSpace(c.Broker.Cash), strings.TrimSpace(c.Broker.Lot)
	return c, nil
}
