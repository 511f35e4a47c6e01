package paper_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/memory"
	"finmem/memory/chromem"
	"finmem/paper"
)

// remembered are the events of a symbol at the end of a session.
func remembered(t testing.TB, dir, symbol string, asOf data.Session) map[string]bool {
	t.Helper()
	j, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	preset, err := memory.Preset("layered")
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.NewStore(preset, 1, meta.Embedder, chromem.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.RestoreMemory(t.Context(), store, symbol, asOf); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, e := range store.Live(symbol) {
		ids[e.ID] = true
	}
	return ids
}

// A counted trader counts its decisions.
type counted struct {
	backtest.Learner
	asked *int
}

func (c counted) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	*c.asked++
	return c.Learner.Decide(ctx, obs)
}

func (c counted) Learn(ctx context.Context, l agent.Lesson) (agent.Decision, error) {
	*c.asked++
	return c.Learner.Learn(ctx, l)
}

// A loop goes on from the memory of a finished run: the gap up to its first
// decision is read without the model, the money is new, and an order that the run
// left open is nobody's. Also where it is killed again and again.
func TestWarmStart(t *testing.T) {
	const last, first, end = data.Session("2024-11-08"), data.Session("2024-11-18"), data.Session("2024-11-27")
	run := newWorld(t, "2024-10-28", "2024-11-01", end, "AAA")
	run.settings.Engine.Window.To = last
	from := run.backtest()

	branch := func() (*world, *int) {
		w := newWorld(t, "2024-10-28", first, end, "AAA")
		w.settings.FreshMoney, w.settings.ReadUpTo = last, true
		w.settings.Engine.Cash = dec("5000")
		j, err := journal.Read(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		if err := j.Branch(t.Context(), w.dir, meta); err != nil {
			t.Fatal(err)
		}
		if err := j.Branch(t.Context(), w.dir, meta); err == nil {
			t.Error("a branch took the place of a run")
		}
		asked := 0
		w.trader = func(x backtest.Trader) backtest.Trader {
			return remembering{counted{x.(backtest.Learner), &asked}, x.(backtest.Rememberer)}
		}
		return w, &asked
	}
	w, asked := branch()
	before := remembered(t, from, "AAA", "")
	if got := remembered(t, w.dir, "AAA", ""); len(got) != len(before) || len(before) == 0 {
		t.Errorf("the branch remembers %d events, the run %d", len(got), len(before))
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	decided := len(sessions(t, first, end))
	if *asked != decided {
		t.Errorf("the model was asked %d times, want %d: once a session from %s on", *asked, decided, first)
	}
	var gap, old int
	for _, r := range w.records("AAA") {
		switch {
		case r.Session <= last:
			old++
			if r.Phase != backtest.Warmup {
				t.Errorf("session %s of the run is %s, want warm-up", r.Session, r.Phase)
			}
		case r.Session < first:
			gap++
			if r.Status != backtest.StatusMissed || r.Phase != backtest.Warmup || r.Account.Equity != 5000 {
				t.Errorf("session %s of the gap: %s, %s, equity %v", r.Session, r.Status, r.Phase, r.Account.Equity)
			}
		case r.Session == first:
			if r.Account.Cash != 5000 || r.Account.Shares != 0 {
				t.Errorf("the first decision has %+v, want new money", r.Account)
			}
		}
	}
	if old != len(sessions(t, "2024-10-28", last)) || gap != len(sessions(t, last.AddDays(1), first))-1 {
		t.Errorf("%d sessions of the run and %d of the gap", old, gap)
	}
	wantTexts(t, w, paper.Missed)

	killed, _ := branch()
	killed.settings.Engine.Parallel = 1
	for at := int64(3); ; at += 5 {
		killed.mortalise(&reaper{at: at})
		died, err := killed.die()
		if err != nil {
			t.Fatal(err)
		}
		if !died {
			break
		}
	}
	if digest(t, killed.dir) != digest(t, w.dir) {
		t.Error("killed, it came to another journal")
	}
	// A process that died while it copied left no run behind.
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, journal.FileName+".branch"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Read(t.Context(), half); err == nil {
		t.Error("half a copy is taken for a run")
	}
}
