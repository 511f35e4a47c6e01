package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"finmem/backtest"
	"finmem/backtest/decisions"
	"finmem/backtest/evaluation"
	"finmem/data"
	"finmem/internal/printable"
)

// agentName is what reports call the agent.
const agentName = "finmem"

// readOutside reads the decisions of outside agents, as traders for each symbol
// that they are about. Their names must not be taken.
func (p *plan) readOutside(values, taken []string) (map[string][]decisions.Trader, error) {
	files := make([]outsideFile, len(values))
	for i, value := range values {
		name, path, err := namedFile(nil, "actions", value)
		if err != nil {
			return nil, err
		}
		name = printable.Line(name)
		if slices.ContainsFunc(taken, func(t string) bool { return evaluation.SameName(name, t) }) {
			return nil, usagef(nil, "--actions: the name %q is taken; give the file another one", name)
		}
		taken = append(taken[:len(taken):len(taken)], name)
		files[i] = outsideFile{name, path}
	}
	traders := map[string][]decisions.Trader{}
	for _, f := range files {
		if err := p.addOutside(traders, f); err != nil {
			return nil, err
		}
	}
	return traders, nil
}

// An outsideFile is an agent's name and the file of its decisions.
type outsideFile struct{ name, path string }

func (p *plan) addOutside(traders map[string][]decisions.Trader, f outsideFile) error {
	file, err := readDecisions(f.path)
	if err != nil {
		return err
	}
	if len(file.Symbols()) == 0 && len(p.symbols) > 1 {
		return fmt.Errorf("%s names no symbols, and the run is of %s: add a column symbol", f.path, strings.Join(p.symbols, ", "))
	}
	found := false
	for _, symbol := range p.symbols {
		trader, ok, err := p.outsideTrader(f.name, file, symbol)
		if err != nil {
			return err
		}
		if ok {
			traders[symbol] = append(traders[symbol], trader)
			found = true
		}
	}
	if !found {
		return fmt.Errorf("%s has no decision about %s from %s to %s", f.path, strings.Join(p.symbols, ", "), p.config.Window.From, p.config.Window.To)
	}
	return nil
}

func readDecisions(path string) (*decisions.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	defer f.Close()
	return decisions.Read(f, path)
}

// outsideTrader lays a file's decisions about one symbol against the scored
// sessions that have a price. ok is false where there is none.
func (p *plan) outsideTrader(name string, file *decisions.File, symbol string) (trader decisions.Trader, ok bool, err error) {
	if symbols := file.Symbols(); len(symbols) > 0 && !slices.Contains(symbols, symbol) {
		p.warnings = append(p.warnings, fmt.Sprintf("%s says nothing about %s", name, symbol))
		return trader, false, nil
	}
	list, err := file.For(symbol)
	if err != nil {
		return trader, false, err
	}
	var sessions []data.Session
	for _, b := range p.feeds[symbol].Bars(p.config.Window.To) {
		if b.Session >= p.config.Window.From {
			sessions = append(sessions, b.Session)
		}
	}
	series := decisions.Align(list, sessions)
	if len(series.Missing) == len(sessions) {
		return trader, false, nil
	}
	p.warnOutside(name+" ("+symbol+")", series)
	return decisions.NewTrader(name, series, sessions), true, nil
}

// warnOutside says what of a file did not fit, and what was made of it.
func (p *plan) warnOutside(name string, s decisions.Series) {
	say := func(format string, a ...any) {
		p.warnings = append(p.warnings, name+": "+fmt.Sprintf(format, a...))
	}
	if n := len(s.Missing); n > 0 {
		say("no decision on %s with a price (%s): error days, on which the position stays", count(n, "session"), span(s.Missing))
	}
	if n := len(s.Unpriced); n > 0 {
		say("%s without a price left out", count(n, "decision"))
	}
	if n := len(s.Repeated); n > 0 {
		say("more than one decision on %s: the first row counts", count(n, "session"))
	}
}

// tradeFile trades a file's decisions. However many it lacks, the others are
// taken.
func (p *plan) tradeFile(ctx context.Context, symbol string, trader decisions.Trader) ([]backtest.Record, error) {
	cfg := p.engine
	cfg.MaxErrorDays = 0
	return p.trade(ctx, symbol, trader, cfg)
}
