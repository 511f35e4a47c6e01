package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/audit"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/profile"
)

// auditedConfig is the run's configuration, with the profiles that were kept
// beside it: those that traded, wherever they were read from at the time.
func auditedConfig(ctx context.Context, j *journal.Journal, dir string) (config, error) {
	c, err := readConfig(filepath.Join(dir, journal.ConfigName))
	if err != nil {
		return c, err
	}
	if c.Symbols, err = j.Symbols(ctx); err != nil {
		return c, err
	}
	if len(c.Symbols) == 0 {
		return c, fmt.Errorf("%s has no finished session yet: there is nothing to audit", dir)
	}
	c.Profile.Files = nil
	for _, symbol := range c.Symbols {
		c.Profile.Files = append(c.Profile.Files, filepath.Join(dir, "profile-"+symbol+".toml"))
	}
	return c, nil
}

// futureFacts are the facts in the kept profiles that were not known before the
// test.
func futureFacts(c config) ([]profileFinding, error) {
	findings := []profileFinding{}
	for i, path := range c.Profile.Files {
		p, err := profile.Load(path)
		if err != nil {
			return nil, err
		}
		for _, fact := range factsIn(p.CheckDates(string(c.Window.From))) {
			findings = append(findings, profileFinding{Symbol: c.Symbols[i], Key: fact.Key, Date: fact.Date, Sentence: fact.Sentence})
		}
	}
	return findings, nil
}

// factsIn are the facts that an error of [profile.Profile.CheckDates] joins.
func factsIn(err error) []*profile.FutureFact {
	switch e := err.(type) {
	case *profile.FutureFact:
		return []*profile.FutureFact{e}
	case interface{ Unwrap() []error }:
		var all []*profile.FutureFact
		for _, one := range e.Unwrap() {
			all = append(all, factsIn(one)...)
		}
		return all
	case nil:
		return nil
	}
	return factsIn(errors.Unwrap(err))
}

// hintData adds to an error about the dataset that it may have been moved.
func hintData(err error, c config) error {
	if c.Data == "" {
		return err
	}
	return hinted{err, fmt.Sprintf("the run read its data from %s; --data says where it is now", c.Data)}
}

// isOf checks that the plan is the recorded run's: the same settings, data,
// profiles and program. Otherwise a difference would prove nothing.
func (p *plan) isOf(ctx context.Context, j *journal.Journal) error {
	meta, err := j.Meta(ctx)
	if err != nil {
		return err
	}
	diff := journal.Differences(meta.Settings, p.settings)
	if len(diff) == 0 {
		return nil
	}
	parts := make([]string, len(diff))
	for i, d := range diff {
		parts[i] = fmt.Sprintf("%s was %q, is %q", d.Setting, d.Was, d.Is)
	}
	return fmt.Errorf("%s cannot be audited, since it was not made from what is here now: %s", j.Dir(), strings.Join(parts, "; "))
}

// subject is the recorded run with all that was shown and remembered.
func (p *plan) subject(ctx context.Context, j *journal.Journal) (audit.Subject, error) {
	s := audit.Subject{Calendar: p.calendar, Config: p.engine, Sessions: p.sessions, Symbols: p.symbols,
		Histories: p.histories, Records: map[string][]backtest.Record{}}
	for _, symbol := range p.symbols {
		records, err := recordsWithMemory(ctx, j, symbol)
		if err != nil {
			return s, err
		}
		for i := range records {
			if err := addPrompt(ctx, j, &records[i]); err != nil {
				return s, err
			}
		}
		s.Records[symbol] = records
	}
	return s, nil
}

// addPrompt completes the trace of a record.
func addPrompt(ctx context.Context, j *journal.Journal, r *backtest.Record) error {
	trace := &agent.Trace{}
	switch {
	case r.Decision != nil:
		trace = &r.Decision.Trace
	case r.Failure != nil:
		trace = &r.Failure.Trace
	default:
		return nil
	}
	prompt, ok, err := j.Prompt(ctx, r.Symbol, r.Session)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s, session %s: the journal has a decision without its prompt", r.Symbol, r.Session)
	}
	trace.System, trace.Prompt, trace.Schema = prompt.System, prompt.Prompt, []byte(prompt.Schema)
	return nil
}

// onOtherData opens the books that the run began with, on other data.
func (p *plan) onOtherData(histories map[string]data.History) ([]*backtest.Book, error) {
	other := *p
	other.feeds, other.actions = map[string]*data.Feed{}, map[string][]data.Action{}
	for _, s := range p.symbols {
		var err error
		if other.feeds[s], err = data.NewFeed(p.calendar, histories[s], data.FeedOptions{}); err != nil {
			return nil, err
		}
		if other.actions[s], err = p.calendar.OnSessions(histories[s].Actions); err != nil {
			return nil, err
		}
	}
	books, _, _, err := other.agentBooks(nil)
	return books, err
}
