package audit

import (
	"context"
	"fmt"
	"slices"

	"finmem/backtest"
	"finmem/data"
)

// A Subject is a recorded run and the data it was made from.
type Subject struct {
	Calendar *data.Calendar
	Config   backtest.Config
	// Sessions are those of the warm-up and test window, oldest first, and
	// Symbols the run's, in the order of its books.
	Sessions []data.Session
	Symbols  []string
	// Histories and Records have every symbol. The records hold the prompts and
	// the changes of the memory too.
	Histories map[string]data.History
	Records   map[string][]backtest.Record
}

// A Builder makes the books of a run that starts anew, one per symbol, exactly
// as those of the recorded run were made but on the given data.
type Builder func(map[string]data.History) ([]*backtest.Book, error)

// A Probe is what came of changing everything after one session.
type Probe struct {
	Session data.Session   `json:"session"`
	Phase   backtest.Phase `json:"phase"`
	// Compared counts the sessions that were compared, over all symbols.
	Compared int `json:"compared"`
	// Changed is what was changed behind the session.
	Changed Change `json:"changed"`
	// Differences are those of the first session that came out otherwise, of each
	// symbol; Later counts the sessions after those.
	Differences []Difference `json:"differences"`
	Later       int          `json:"laterDifferences"`
}

// LookAhead replaces everything that became public after session t by rubbish,
// runs again from the first session up to t, in memory, and compares all that
// was shown, decided and remembered with the record. Where the run looks at
// nothing but what was public, there is no difference.
//
// A warm-up session is told its outcome: the close of the next session with a
// price. That one number stays where t is of the warm-up; see [Cut].
func LookAhead(ctx context.Context, s Subject, t data.Session, seed uint64, build Builder, progress func(data.Session, []backtest.Record)) (Probe, error) {
	probe := Probe{Session: t, Phase: backtest.Test, Differences: []Difference{}}
	if t < s.Config.Window.From {
		probe.Phase = backtest.Warmup
	}
	spoiled := make(map[string]data.History, len(s.Symbols))
	for _, symbol := range s.Symbols {
		h := s.Histories[symbol]
		rubbish, change, err := Spoil(h, s.Calendar, CutAfter(t, s.Config.Window, h, s.Calendar, seed))
		if err != nil {
			return probe, fmt.Errorf("changing what %s shows after %s: %w", symbol, t, err)
		}
		spoiled[symbol] = rubbish
		probe.Changed = probe.Changed.plus(change)
	}
	books, err := build(spoiled)
	if err != nil {
		return probe, err
	}
	upTo := s.Sessions[:len(s.Sessions):len(s.Sessions)]
	if i := slices.IndexFunc(upTo, func(x data.Session) bool { return x > t }); i >= 0 {
		upTo = upTo[:i]
	}
	cfg := s.Config
	cfg.MaxErrorDays = 0 // the recorded run may have been stopped by it and resumed
	tape := tape{}
	if err := backtest.Run(ctx, cfg, upTo, books, tape, progress); err != nil {
		return probe, fmt.Errorf("running again up to %s: %w", t, err)
	}
	for _, symbol := range s.Symbols {
		recorded := until(s.Records[symbol], t)
		probe.Compared += len(recorded)
		first, later := Compare(recorded, tape[symbol])
		probe.Differences = append(probe.Differences, first...)
		probe.Later += later
	}
	return probe, nil
}

// until is the part of records up to and including session t.
func until(records []backtest.Record, t data.Session) []backtest.Record {
	if i := slices.IndexFunc(records, func(r backtest.Record) bool { return r.Session > t }); i >= 0 {
		return records[:i]
	}
	return records
}

// A tape keeps records in memory, by symbol.
type tape map[string][]backtest.Record

func (t tape) Commit(_ context.Context, _ data.Session, records []backtest.Record) error {
	for _, r := range records {
		t[r.Symbol] = append(t[r.Symbol], r)
	}
	return nil
}
