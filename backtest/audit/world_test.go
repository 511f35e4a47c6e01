package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/audit"
	"finmem/backtest/broker"
	"finmem/data"
	"finmem/memory"
	"finmem/memory/embed"
	"finmem/profile"
)

const symbol = "ACME"

var nyse = data.NYSE()

// A world is a made-up market, a run in it and what the run left.
type world struct {
	t        *testing.T
	history  data.History
	config   backtest.Config
	sessions []data.Session
	model    agent.Model
	// feed and trader, where they are set, stand between market and agent: a leak
	// is planted with them.
	feed   func(*data.Feed, data.History) backtest.Feed
	trader func(*agent.Agent, data.History) backtest.Trader

	agent *agent.Agent // of the last books that were opened
}

// newWorld has ten sessions of warm-up and ten of test from 2024-01-02 on, after
// 60 sessions of earlier prices.
func newWorld(t *testing.T, model agent.Model) *world {
	t.Helper()
	sessions, err := nyse.Range("2024-01-02", "2024-01-30")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, model: model, sessions: sessions, history: data.History{Symbol: symbol}, config: backtest.Config{
		Window:     backtest.Window{WarmupFrom: sessions[0], From: sessions[10], To: sessions[19]},
		Cash:       udecimal.MustParse("100000"),
		Sim:        broker.Sim{Lot: udecimal.MustParse("1")},
		Sizing:     broker.Sizing{TargetWeight: 1},
		Adjustment: data.SplitAdjusted,
		LookBack:   120,
	}}
	priced, err := nyse.Range("2023-10-05", "2024-02-15")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range priced {
		price := 100 + float64(i%7) - 0.5*float64(i%5)
		w.history.Bars = append(w.history.Bars, data.Bar{Session: s, Open: price - 0.25, High: price + 1, Low: price - 1,
			Close: price, AdjClose: price, Volume: 1e6})
	}
	return w
}

// news adds an item at a clock time in New York, with a tone.
func (w *world) news(s data.Session, clock, title string, tone float64) {
	w.t.Helper()
	at, err := time.Parse("15:04:05", clock)
	if err != nil {
		w.t.Fatal(err)
	}
	midnight := s.In(nyse.Location())
	w.history.News = append(w.history.News, data.News{
		Time:  time.Date(midnight.Year(), midnight.Month(), midnight.Day(), at.Hour(), at.Minute(), at.Second(), 0, nyse.Location()),
		Title: title, Text: title + ".", Source: "wire", Copies: 1, Sentiment: &data.Sentiment{Compound: tone, Method: "test"},
	})
}

// profile is who trades, with names to hide.
func (w *world) profile() profile.Profile {
	return profile.Profile{
		Name: "Acme", Symbol: symbol, Sectors: []string{"anvils"}, Expertise: "You know anvils.",
		Background:  "Acme was founded by Wile Coyote in 1949 and makes the Model 7 anvil.",
		Inclination: profile.SelfAdaptive, AdaptiveWindow: 3, Query: profile.QuerySituation,
	}
}

// build opens the books of a run that starts anew.
func (w *world) build(histories map[string]data.History) ([]*backtest.Book, error) {
	h := histories[symbol]
	feed, err := data.NewFeed(nyse, h, data.FeedOptions{})
	if err != nil {
		return nil, err
	}
	constants, err := memory.Preset("layered")
	if err != nil {
		return nil, err
	}
	embedder := embed.NewHashing()
	store, err := memory.NewStore(constants, 7, embedder.Identity(), memory.NewExact())
	if err != nil {
		return nil, err
	}
	w.agent, err = agent.New(agent.DefaultConfig(), w.profile(), store, embedder, w.model, nyse)
	if err != nil {
		return nil, err
	}
	var seen backtest.Feed = feed
	if w.feed != nil {
		seen = w.feed(feed, h)
	}
	var trader backtest.Trader = w.agent
	if w.trader != nil {
		trader = w.trader(w.agent, h)
	}
	return []*backtest.Book{backtest.NewBook(symbol, seen, h.Actions, trader, w.config)}, nil
}

// A tape keeps the records of a run.
type tape struct{ records []backtest.Record }

func (t *tape) Commit(_ context.Context, _ data.Session, records []backtest.Record) error {
	t.records = append(t.records, records...)
	return nil
}

// run runs it and gives what an audit is given.
func (w *world) run() audit.Subject {
	w.t.Helper()
	histories := map[string]data.History{symbol: w.history}
	books, err := w.build(histories)
	if err != nil {
		w.t.Fatal(err)
	}
	tape := &tape{}
	if err := backtest.Run(w.t.Context(), w.config, w.sessions, books, tape, nil); err != nil {
		w.t.Fatal(err)
	}
	return audit.Subject{Calendar: nyse, Config: w.config, Sessions: w.sessions, Symbols: []string{symbol},
		Histories: histories, Records: map[string][]backtest.Record{symbol: tape.records}}
}

// probe looks for the future behind session i.
func (w *world) probe(s audit.Subject, i int, seed uint64) audit.Probe {
	w.t.Helper()
	p, err := audit.LookAhead(w.t.Context(), s, w.sessions[i], seed, w.build, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// questions are those of the recorded test window.
func (w *world) questions(s audit.Subject) []audit.Question {
	w.t.Helper()
	books, err := w.build(s.Histories)
	if err != nil {
		w.t.Fatal(err)
	}
	questions, err := audit.Questions(s.Records[symbol], books[0], w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	return questions
}

// agreement asks the questions again.
func (w *world) agreement(kind audit.Kind, questions []audit.Question) audit.Agreement {
	w.t.Helper()
	a, err := audit.Counterfactual(w.t.Context(), kind, questions, audit.Names(w.profile(), nil), w.agent)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// A reader is a model that decides by the prompt. In the warm-up it takes the
// decision it is told.
type reader struct {
	decide  func(prompt string) agent.Action
	prompts []string
}

var (
	toldDecision = regexp.MustCompile(`so the right decision was "(\w+)"`)
	shownTone    = regexp.MustCompile(`tone="([+-][0-9.]+)"`)
)

func (r *reader) Name() string { return "reader" }

func (r *reader) Complete(_ context.Context, req agent.Request) (agent.Response, error) {
	r.prompts = append(r.prompts, req.System+"\n"+req.Prompt)
	var action agent.Action
	if m := toldDecision.FindStringSubmatch(req.Prompt); m != nil {
		action = agent.Action(m[1])
	} else if action = r.decide(req.System + "\n" + req.Prompt); action == "" {
		return agent.Response{Text: "I would rather not say"}, nil
	}
	text, err := json.Marshal(map[string]any{"investment_decision": action, "summary_reason": "as it reads", "short_memory_index": []int{0}})
	return agent.Response{Text: string(text)}, err
}

// deaf always buys.
func deaf() *reader { return &reader{decide: func(string) agent.Action { return agent.Buy }} }

// follower goes by the sum of the tones that it is shown.
func follower() *reader {
	return &reader{decide: func(prompt string) agent.Action {
		total := 0.0
		for _, m := range shownTone.FindAllStringSubmatch(prompt, -1) {
			var tone float64
			if _, err := fmt.Sscanf(m[1], "%g", &tone); err != nil {
				return ""
			}
			total += tone
		}
		switch {
		case total > 0:
			return agent.Buy
		case total < 0:
			return agent.Sell
		}
		return agent.Hold
	}}
}

// differing are the aspects in which a probe found a difference.
func differing(p audit.Probe) string {
	var names []string
	for _, d := range p.Differences {
		names = append(names, d.Aspect)
	}
	return strings.Join(names, ", ")
}

var errFeed = errors.New("the feed is out of order")
