package paper_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/data/sentiment"
	"finmem/memory"
	"finmem/memory/chromem"
	"finmem/memory/embed"
	"finmem/paper"
	"finmem/paper/simulated"
	"finmem/profile"
)

var nyse = data.NYSE()

func dec(text string) paper.Decimal { return udecimal.MustParse(text) }

// sessions are those from a date to another.
func sessions(t testing.TB, from, to data.Session) []data.Session {
	t.Helper()
	list, err := nyse.Range(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// walk is a made-up history: a price that wanders, an open between two closes, and
// on every third session a word of news.
func walk(symbol string, seed uint64, list []data.Session) data.History {
	random := rand.New(rand.NewPCG(seed, 7))
	h := data.History{Symbol: symbol}
	price := 100.0
	words := []string{"profit rises and beats estimates", "loss widens and misses estimates", "strong growth lifts the outlook", "weak demand cuts the outlook"}
	for i, s := range list {
		open := price * (1 + 0.01*(random.Float64()-0.5))
		price *= 1 + 0.04*(random.Float64()-0.49)
		open, price = math.Round(open*100)/100, math.Round(price*100)/100
		b := data.CloseBar(s, price)
		b.Open, b.High, b.Low, b.Volume = open, max(open, price), min(open, price), 1e6
		h.Bars = append(h.Bars, b)
		if i%3 == 0 {
			text := words[random.IntN(len(words))]
			h.News = append(h.News, data.News{Time: nyse.Open(s).Add(time.Hour), Title: fmt.Sprintf("%s: %s", symbol, text), Text: fmt.Sprintf("%s on %s.", text, s), Copies: 1})
		}
	}
	return h
}

// A notes observer keeps what it hears. After dies, if it is set, it is called
// first.
type notes struct {
	events []paper.Event
	hook   func(paper.Event)
}

func (n *notes) Observe(e paper.Event) {
	if n.hook != nil {
		n.hook(e)
	}
	n.events = append(n.events, e)
}

// of are the texts of the events of a kind.
func (n *notes) of(kind paper.Kind) []string {
	var list []string
	for _, e := range n.events {
		if e.Kind == kind {
			list = append(list, e.Text)
		}
	}
	return list
}

// A world is a made-up market with a paper account in it, and all that a loop
// needs. Its folder, account and clock outlive a loop that dies.
type world struct {
	t         testing.TB
	dir       string
	histories map[string]data.History
	symbols   []string
	settings  paper.Settings
	clock     *paper.SimClock
	notes     *notes
	// broker and record, where set, stand before the real ones.
	broker func(paper.Broker) paper.Broker
	record func(paper.Record) paper.Record
	trader func(backtest.Trader) backtest.Trader
	market func(paper.Market) paper.Market
	// account is the broker, where it is not the simulated one, and ticker the clock
	// in front of clock.
	account paper.Broker
	ticker  paper.Clock
}

// newWorld is one with two symbols, which studies from warm to from and trades
// from there to the end.
func newWorld(t testing.TB, warm, from, end data.Session, symbols ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), histories: map[string]data.History{}, symbols: symbols, notes: &notes{}}
	list := sessions(t, warm.AddDays(-90), end)
	for i, s := range symbols {
		w.histories[s] = walk(s, uint64(i+1), list)
	}
	w.settings = paper.Settings{
		Engine: backtest.Config{
			Window:     backtest.Window{WarmupFrom: warm, From: from, To: end},
			Cash:       dec("10000"),
			Sim:        broker.Sim{Costs: broker.Costs{CommissionBps: 5, SlippageBps: 5}},
			Sizing:     broker.DefaultSizing(),
			Adjustment: data.SplitAdjusted,
			LookBack:   60,
			Parallel:   2,
		},
		Schedule:      paper.Schedule{Calendar: nyse, After: 15 * time.Minute, Tolerance: 30 * time.Minute},
		Start:         warm,
		End:           end,
		MaxDifference: 0.005,
		GiveUp:        true,
	}
	w.clock = paper.NewSimClock(nyse.Close(from).Add(-time.Hour), 0, nil)
	return w
}

// agents makes the books of offline agents, as the journal left them.
func (w *world) agents(ctx context.Context, j *journal.Journal) ([]*backtest.Book, error) {
	embedder := embed.NewHashing()
	model, err := llm.New("offline", llm.Config{Polarity: sentiment.New().Finance})
	if err != nil {
		return nil, err
	}
	preset, err := memory.Preset("layered")
	if err != nil {
		return nil, err
	}
	store, err := memory.NewStore(preset, 1, embedder.Identity(), chromem.New())
	if err != nil {
		return nil, err
	}
	var books []*backtest.Book
	for _, s := range w.symbols {
		a, err := agent.New(agent.DefaultConfig(), profile.Generic(s), store, embedder, model, nyse)
		if err != nil {
			return nil, err
		}
		feed, err := data.NewFeed(nyse, w.histories[s], data.FeedOptions{})
		if err != nil {
			return nil, err
		}
		var trader backtest.Trader = a
		if w.trader != nil {
			trader = w.trader(trader)
		}
		book := backtest.NewBook(s, feed, w.histories[s].Actions, trader, w.settings.Engine)
		books = append(books, book)
		if j == nil {
			continue
		}
		records, err := j.Records(ctx, s)
		if err != nil {
			return nil, err
		}
		if len(records) == 0 {
			continue
		}
		if err := j.RestoreMemory(ctx, store, s, ""); err != nil {
			return nil, err
		}
		if err := a.Restore(backtest.Past(records)); err != nil {
			return nil, err
		}
		if records[len(records)-1].Session <= w.settings.FreshMoney {
			continue
		}
		if err := book.Restore(records[len(records)-1].State); err != nil {
			return nil, err
		}
	}
	return books, nil
}

var meta = journal.Meta{Version: "test", Embedder: embed.NewHashing().Identity()}

// run runs a loop over the folder until it ends.
func (w *world) run() error { return w.with((*paper.Loop).Run) }

func (w *world) with(do func(l *paper.Loop, ctx, stop context.Context) error) (err error) {
	w.t.Helper()
	ctx := w.t.Context()
	j, err := journal.Resume(ctx, w.dir)
	if errors.Is(err, journal.ErrNoRun) {
		j, err = journal.Create(ctx, w.dir, meta)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	account := w.account
	if account == nil {
		sim, err := simulated.Open(ctx, filepath.Join(w.dir, "account.db"), simulated.Config{Symbols: w.symbols, Cash: w.settings.Engine.Cash,
			Sim: w.settings.Engine.Sim, Adjustment: w.settings.Engine.Adjustment, Clock: w.clock})
		if err != nil {
			return err
		}
		defer sim.Close()
		account = sim
	}
	snapshot := &paper.Snapshot{Histories: w.histories}
	var market paper.Market = &paper.Shelf{Read: func(context.Context) (*paper.Snapshot, error) { return snapshot, nil },
		Calendar: nyse, Clock: w.clock, Until: w.settings.End, Before: max(-w.settings.After, 0)}
	if w.market != nil {
		market = w.market(market)
	}
	if w.broker != nil {
		account = w.broker(account)
	}
	var record paper.Record = j
	if w.record != nil {
		record = w.record(record)
	}
	var clock paper.Clock = w.clock
	if w.ticker != nil {
		clock = w.ticker
	}
	loop, err := paper.New(w.settings, paper.Parts{Dir: w.dir, Record: record, Market: market, Broker: account, Clock: clock, Observer: w.notes,
		Books: func(ctx context.Context) ([]*backtest.Book, error) { return w.agents(ctx, j) }})
	if err != nil {
		return err
	}
	return do(loop, ctx, ctx)
}

// digest is that of the journal in dir.
func digest(t testing.TB, dir string) string {
	t.Helper()
	j, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d, err := j.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// records are those of a symbol in the journal of the world.
func (w *world) records(symbol string) []backtest.Record {
	w.t.Helper()
	j, err := journal.Read(w.t.Context(), w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	defer j.Close()
	list, err := j.Records(w.t.Context(), symbol)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// backtest runs a backtest with the same settings and gives its folder.
func (w *world) backtest() string {
	w.t.Helper()
	dir := w.t.TempDir()
	ctx := w.t.Context()
	j, err := journal.Create(ctx, dir, meta)
	if err != nil {
		w.t.Fatal(err)
	}
	defer j.Close()
	books, err := w.agents(ctx, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := backtest.Run(ctx, w.settings.Engine, sessions(w.t, w.settings.Engine.Window.WarmupFrom, w.settings.Engine.Window.To), books, j, nil); err != nil {
		w.t.Fatal(err)
	}
	return dir
}
