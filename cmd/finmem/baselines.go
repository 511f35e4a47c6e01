package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"finmem/backtest"
	"finmem/backtest/baseline"
	"finmem/backtest/decisions"
)

// baselineFlags choose the traders that a run is compared with. They decide
// nothing about the run itself, so a finished run can be given others.
type baselineFlags struct {
	set       string
	ablations string
	actions   []string
}

func (f *baselineFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.set, "baselines", "basic", "rules to compare with: basic (buy and hold, flat), or all (and momentum, SMA cross, MACD, RSI, Bollinger, and random trades as many as the agent's)")
	fl.StringVar(&f.ablations, "ablations", "", "run the agent again with its memory taken away: none, memory, or all (and layer by layer, older texts, the choice of memories); default memory with --baselines all and the offline model, else none")
	fl.StringArrayVar(&f.actions, "actions", nil, "`name=file` of an outside agent's decisions in CSV to compare with, on the same fills and costs; repeatable")
}

// A comparison is what a run is held against, read and checked before it starts.
type comparison struct {
	rules     []baseline.Trader
	random    bool
	outside   map[string][]decisions.Trader // by symbol
	ablations []ablation
}

// comparison completes the flags by what the run is and reads the files they
// name. What does not fit in a file becomes a warning.
func (p *plan) comparison(f baselineFlags) (comparison, error) {
	c := comparison{rules: []baseline.Trader{baseline.BuyAndHold{}, baseline.Flat{}}}
	switch f.set {
	case "basic":
	case "all":
		c.rules, c.random = baseline.Standard(), true
	default:
		return c, usagef(nil, "--baselines %q: want basic or all", f.set)
	}
	var err error
	if c.ablations, err = p.chooseAblations(f); err != nil {
		return c, err
	}
	taken, err := p.names(c)
	if err != nil {
		return c, err
	}
	c.outside, err = p.readOutside(f.actions, taken)
	return c, err
}

// names are those that the rows of a comparison have without outside agents.
func (p *plan) names(c comparison) ([]string, error) {
	names := []string{agentName}
	for _, r := range c.rules {
		names = append(names, r.Name())
	}
	if c.random {
		random, err := baseline.NewRandom(p.config.Run.Seed, 0)
		if err != nil {
			return nil, err
		}
		names = append(names, random.Name())
	}
	for _, a := range c.ablations {
		names = append(names, a.name)
	}
	return names, nil
}

// baselines runs the traders that the agent is compared with on the same
// sessions, fills and costs: symbol by symbol, in the order in which they are
// shown.
func (p *plan) baselines(ctx context.Context, c comparison, agents []backtest.Result) ([]backtest.Result, error) {
	ablated := make([]map[string]backtest.Result, len(c.ablations))
	for i, a := range c.ablations {
		var err error
		if ablated[i], err = p.ablate(ctx, a); err != nil {
			return nil, err
		}
	}
	var results []backtest.Result
	for _, agent := range agents {
		rules := c.rules
		if c.random {
			random, err := baseline.NewRandom(p.config.Run.Seed, float64(agent.Fills)/float64(agent.Sessions))
			if err != nil {
				return nil, err
			}
			rules = append(rules[:len(rules):len(rules)], random)
		}
		for _, rule := range rules {
			// A rule sees as much as it needs, however little the agent is shown.
			cfg := p.engine
			cfg.LookBack = max(cfg.LookBack, rule.Bars())
			records, err := p.trade(ctx, agent.Symbol, rule, cfg)
			if err != nil {
				return nil, err
			}
			results = append(results, p.evaluate(agent.Symbol, rule.Name(), records))
		}
		for _, trader := range c.outside[agent.Symbol] {
			records, err := p.tradeFile(ctx, agent.Symbol, trader)
			if err != nil {
				return nil, err
			}
			results = append(results, p.evaluate(agent.Symbol, trader.Name(), records))
		}
		for i := range c.ablations {
			results = append(results, ablated[i][agent.Symbol])
		}
	}
	return results, nil
}

// A namedTrader is a trader that a run is compared with.
type namedTrader interface {
	backtest.Trader
	Name() string
}

// trade lets a trader trade a symbol over the run's sessions.
func (p *plan) trade(ctx context.Context, symbol string, trader namedTrader, cfg backtest.Config) ([]backtest.Record, error) {
	tape := &tape{}
	book := backtest.NewBook(symbol, p.feeds[symbol], p.actions[symbol], trader, cfg)
	if err := backtest.Run(ctx, cfg, p.sessions, []*backtest.Book{book}, tape, nil); err != nil {
		return nil, fmt.Errorf("baseline %s: %w", trader.Name(), err)
	}
	return tape.records, nil
}
