package paper_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
	"finmem/paper"
)

// killed is what a process that dies panics with.
type killed struct{ step string }

// A reaper kills the loop at a step, counted from 1; 0 never.
type reaper struct {
	at    int64
	steps atomic.Int64
	names []string // what each step was, where it is counted
	dead  atomic.Bool
}

// step is one moment at which the process can die.
func (r *reaper) step(name string) {
	n := r.steps.Add(1)
	if r.at == 0 {
		r.names = append(r.names, name)
	}
	if n == r.at || r.dead.Load() {
		r.dead.Store(true)
		panic(killed{name})
	}
}

// A mortal broker dies before and after each call.
type mortal struct {
	paper.Broker
	*reaper
}

func (m mortal) Submit(ctx context.Context, t paper.Ticket) (paper.Receipt, error) {
	m.step("before the submission")
	r, err := m.Broker.Submit(ctx, t)
	m.step("after the submission")
	return r, err
}

func (m mortal) Find(ctx context.Context, id string) (paper.Receipt, bool, error) {
	m.step("before finding")
	r, ok, err := m.Broker.Find(ctx, id)
	m.step("after finding")
	return r, ok, err
}

func (m mortal) Account(ctx context.Context) (paper.Account, error) {
	m.step("before the account")
	return m.Broker.Account(ctx)
}

func (m mortal) Tell(ctx context.Context, day data.Day, actions []data.Action) error {
	m.step("before the fill")
	told, ok := m.Broker.(paper.Told)
	if !ok {
		return nil
	}
	if err := told.Tell(ctx, day, actions); err != nil {
		return err
	}
	m.step("after the fill")
	return nil
}

// A mortal record dies before and after a commit.
type mortalRecord struct {
	paper.Record
	*reaper
}

func (m mortalRecord) Commit(ctx context.Context, s data.Session, r []backtest.Record) error {
	m.step("before the commit")
	if err := m.Record.Commit(ctx, s, r); err != nil {
		return err
	}
	m.step("after the commit")
	return nil
}

// A mortal trader dies around the model call. It runs beside the loop, so it says
// so by an error, and the loop dies as it reports that.
type mortalTrader struct {
	backtest.Learner
	*reaper
}

var errKilled = errors.New("killed")

func (m mortalTrader) Decide(ctx context.Context, obs agent.Observation) (agent.Decision, error) {
	if n := m.steps.Add(1); n == m.at {
		m.dead.Store(true)
		return agent.Decision{}, errKilled
	}
	d, err := m.Learner.Decide(ctx, obs)
	if n := m.steps.Add(1); n == m.at {
		m.dead.Store(true)
		return agent.Decision{}, errKilled
	}
	if m.at == 0 {
		m.names = append(m.names, "before the model", "after the model")
	}
	return d, err
}

// mortalise puts a reaper at every step of the world.
func (w *world) mortalise(r *reaper) {
	w.broker = func(b paper.Broker) paper.Broker { return mortal{b, r} }
	w.record = func(j paper.Record) paper.Record { return mortalRecord{j, r} }
	w.trader = func(t backtest.Trader) backtest.Trader {
		return remembering{mortalTrader{t.(backtest.Learner), r}, t.(backtest.Rememberer)}
	}
	w.notes.hook = func(e paper.Event) { r.step("event: " + string(e.Kind)) }
}

// remembering is a trader whose memory is that of the one within.
type remembering struct {
	backtest.Learner
	backtest.Rememberer
}

// die runs the world's loop until it is killed or ends.
func (w *world) die() (died bool, err error) {
	defer func() {
		switch k := recover().(type) {
		case nil:
		case killed:
			died = true
		default:
			panic(k)
		}
	}()
	return false, w.run()
}

// tiny is a world of one symbol whose news makes the agent buy and sell.
func tiny(t testing.TB) *world {
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-11-22", "AAA")
	w.settings.Engine.Parallel = 1
	h := w.histories["AAA"]
	h.News = nil
	for i, s := range sessions(t, "2024-11-18", "2024-11-22") {
		words := []string{"record profit beats estimates, strong growth", "fraud probe, loss, bankruptcy fears and a plunge"}[i%2]
		for n := range 4 {
			h.News = append(h.News, data.News{Time: nyse.Open(s).Add(time.Duration(n) * time.Minute), Title: fmt.Sprintf("AAA %d on %s: %s", n, s, words), Text: words, Copies: 1})
		}
	}
	w.histories["AAA"] = h
	return w
}

// B79, B84: a process that dies at any step and is started again a minute later
// comes to what one that lived does: one decision, one order and one set of
// memories for each session, and the broker's account is the ledger.
func TestKilledAtEveryStep(t *testing.T) {
	whole := tiny(t)
	count := &reaper{}
	whole.mortalise(count)
	if err := whole.run(); err != nil {
		t.Fatal(err)
	}
	want := digest(t, whole.dir)
	orders := whole.notes.of(paper.Sent)
	if len(orders) < 3 {
		t.Fatalf("%d orders: too few to show anything", len(orders))
	}
	t.Logf("%d steps, %d orders", count.steps.Load(), len(orders))
	for at := int64(1); at <= count.steps.Load(); at++ {
		w := tiny(t)
		w.mortalise(&reaper{at: at})
		died, err := w.die()
		if err != nil {
			t.Fatal(err)
		}
		name := count.names[at-1]
		if !died {
			t.Fatalf("step %d, %s: lived", at, name)
		}
		w.broker, w.record, w.trader, w.notes.hook = nil, nil, nil, nil
		if err := w.clock.Sleep(t.Context(), w.clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := w.run(); err != nil {
			t.Fatalf("killed at step %d, %s: %v", at, name, err)
		}
		if got := digest(t, w.dir); got != want {
			t.Errorf("killed at step %d, %s: the journal is another", at, name)
		}
		if got := w.notes.of(paper.Corrected); len(got) > 0 {
			t.Errorf("killed at step %d, %s: corrected %q", at, name, got)
		}
		if t.Failed() {
			return
		}
	}
}

// A process that dies again and again, at random steps, comes to the same.
func TestKilledManyTimes(t *testing.T) {
	whole := newWorld(t, "2024-11-18", "2024-11-18", "2024-12-13", "AAA", "BBB")
	if err := whole.run(); err != nil {
		t.Fatal(err)
	}
	want := digest(t, whole.dir)
	random := rand.New(rand.NewPCG(1, 2))
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-12-13", "AAA", "BBB")
	w.settings.Engine.Parallel = 1
	deaths := 0
	for {
		w.mortalise(&reaper{at: 1 + random.Int64N(60)})
		died, err := w.die()
		if err != nil {
			t.Fatal(err)
		}
		if !died {
			break
		}
		deaths++
	}
	t.Logf("%d deaths", deaths)
	if got := digest(t, w.dir); got != want {
		t.Errorf("after %d deaths the journal is another", deaths)
	}
	if !slices.Equal(w.notes.of(paper.Corrected), nil) {
		t.Errorf("corrected %q", w.notes.of(paper.Corrected))
	}
}
