package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"finmem/backtest/journal"
	"finmem/data"
	"finmem/memory"
)

func newMemoryCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "memory",
		Short: "Look into what a run remembered",
		Long: `memory looks into what a run remembered, at its end or at the end of any
earlier session. Looking changes nothing: not the file, not a score, not a count. reembed
alone makes something: a copy of the run.`,
	}
	cmd.AddCommand(
		newMemoryStatsCmd(s),
		newMemoryDynamicsCmd(s),
		newMemoryListCmd(s),
		newMemoryShowCmd(s),
		newMemorySearchCmd(s),
		newMemoryTraceCmd(s),
		newMemoryReembedCmd(s),
	)
	return group(cmd)
}

// inspectFlags say which run, symbol and moment to look at.
type inspectFlags struct {
	runsDir string
	symbol  string
	asOf    string
	json    bool
}

func (f *inspectFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.runsDir, "runs", defaultRunsDir, "`folder` that runs are kept in")
	cmd.Flags().StringVar(&f.symbol, "symbol", "", "only this `symbol`; needed where the run has several and one is meant")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "the memory at the end of this `date`; default the end of the run")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// A view is a run open for looking, and its memory at one moment.
type view struct {
	journal *journal.Journal
	meta    journal.Meta
	config  config
	symbols []string
	asOf    data.Session // the last session that counts
	store   *memory.Store
}

// open reads the run and the memory of the symbols asked for.
func (f *inspectFlags) open(ctx context.Context, run string) (_ *view, err error) {
	dir, err := findRun(f.runsDir, run)
	if err != nil {
		return nil, err
	}
	j, err := journal.Read(ctx, dir)
	if err != nil {
		return nil, err
	}
	v := &view{journal: j}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.Close())
		}
	}()
	if v.meta, err = j.Meta(ctx); err != nil {
		return nil, err
	}
	if v.config, err = keptConfig(v.meta, dir); err != nil {
		return nil, err
	}
	if err = f.moment(ctx, v); err != nil {
		return nil, err
	}
	if v.symbols, err = j.Symbols(ctx); err != nil {
		return nil, err
	}
	if f.symbol != "" {
		symbol, err := data.Canonical(f.symbol)
		if err != nil {
			return nil, usagef(nil, "--symbol: %v", err)
		}
		if !slices.Contains(v.symbols, symbol) {
			return nil, fmt.Errorf("run %s has no symbol %s; it has %v", run, symbol, v.symbols)
		}
		v.symbols = []string{symbol}
	}
	if v.store, err = memory.NewStore(v.config.Memory, v.config.Run.Seed, v.meta.Embedder, memory.NewExact()); err != nil {
		return nil, err
	}
	for _, s := range v.symbols {
		if err = j.RestoreMemory(ctx, v.store, s, v.asOf); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// keptConfig is the configuration that a run in dir began with.
func keptConfig(meta journal.Meta, dir string) (c config, err error) {
	if _, err = toml.Decode(meta.Config, &c); err != nil {
		err = fmt.Errorf("the configuration kept in %s: %w", dir, tomlError(err))
	}
	return c, err
}

// look opens the run, lets show look at it, and closes it.
func (f *inspectFlags) look(ctx context.Context, run string, show func(*view) error) error {
	v, err := f.open(ctx, run)
	if err != nil {
		return err
	}
	return errors.Join(show(v), v.journal.Close())
}

// moment settles the last session that counts.
func (f *inspectFlags) moment(ctx context.Context, v *view) error {
	sessions, err := v.journal.Sessions(ctx)
	if err != nil {
		return err
	}
	if len(sessions) == 0 {
		return errors.New("the run has no finished session yet")
	}
	v.asOf = sessions[len(sessions)-1]
	if f.asOf == "" {
		return nil
	}
	day, err := data.ParseSession(f.asOf)
	if err != nil {
		return usagef(nil, "--as-of: %v", err)
	}
	if day < sessions[0] {
		return fmt.Errorf("--as-of %s is before the run's first session, %s", day, sessions[0])
	}
	v.asOf = min(v.asOf, day)
	return nil
}

// live is what the memory of a symbol holds and knows at that moment. A lesson
// whose outcome only a later session brings is in it already, but not known yet.
func (v *view) live(symbol string) []memory.Event {
	return slices.DeleteFunc(v.store.Live(symbol), func(e memory.Event) bool { return e.Session > string(v.asOf) })
}

// one is the single symbol that a command is about.
func (v *view) one(cmd *cobra.Command) (string, error) {
	if len(v.symbols) != 1 {
		return "", usagef(cmd, "the run has %v: say which with --symbol", v.symbols)
	}
	return v.symbols[0], nil
}

// find looks for a live or forgotten event by its id, or by a prefix of it that
// fits only one.
func (v *view) find(ctx context.Context, id string) (memory.Event, []memory.Change, error) {
	type found struct {
		event   memory.Event
		changes []memory.Change
	}
	var hits []*found
	for _, s := range v.symbols {
		changes, err := v.journal.Changes(ctx, s, v.asOf)
		if err != nil {
			return memory.Event{}, nil, err
		}
		at := map[string]*found{}
		for _, c := range changes {
			if !strings.HasPrefix(c.ID, id) || c.Event != nil && c.Event.Session > string(v.asOf) {
				continue
			}
			if at[c.ID] == nil {
				at[c.ID] = &found{event: *c.Event}
				hits = append(hits, at[c.ID])
			}
			at[c.ID].changes = append(at[c.ID].changes, c)
		}
	}
	switch len(hits) {
	case 0:
		return memory.Event{}, nil, fmt.Errorf("no event %q was ever remembered by then", id)
	case 1:
		return hits[0].event, hits[0].changes, nil
	}
	return memory.Event{}, nil, fmt.Errorf("%d events have ids that begin with %q: %s and %s among them", len(hits), id, hits[0].event.ID, hits[1].event.ID)
}

// eventJSON is an event as --json shows it; the vector is left out.
type eventJSON struct {
	ID         string       `json:"id"`
	Symbol     string       `json:"symbol"`
	Layer      memory.Layer `json:"layer"`
	Source     string       `json:"source"`
	Session    string       `json:"session"`
	Part       string       `json:"part,omitempty"`
	Tone       *float64     `json:"tone"`
	Copies     int          `json:"copies"`
	Importance float64      `json:"importance"`
	Recency    float64      `json:"recency"`
	Age        int          `json:"age"`
	Access     int          `json:"access"`
	Recalled   int          `json:"recalled"`
	Text       string       `json:"text"`

	Score *memory.Score `json:"score,omitempty"` // in a search
}

func toJSON(e memory.Event) eventJSON {
	return eventJSON{ID: e.ID, Symbol: e.Symbol, Layer: e.Layer, Source: e.Source, Session: e.Session, Part: e.Part, Tone: e.Tone,
		Copies: e.Copies, Importance: e.Importance, Recency: e.Recency, Age: e.Age, Access: e.Access, Recalled: e.Recalled, Text: e.Text}
}
