package agent_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"finmem/agent"
	"finmem/data"
	"finmem/memory"
	"finmem/memory/embed"
	"finmem/profile"
)

// A world is a made-up market of one symbol and an agent in it.
type world struct {
	t        *testing.T
	feed     *data.Feed
	sessions []data.Session
	store    *memory.Store
	embedder *countingEmbedder
	agent    *agent.Agent
	account  agent.Account
}

const symbol = "ACME"

var nyse = data.NYSE()

// sessionsFrom are n sessions of the NYSE from 2024-01-02 on.
func sessionsFrom(t *testing.T, n int) []data.Session {
	t.Helper()
	all, err := nyse.Range("2024-01-02", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	return all[:n]
}

// history has one bar a session; a NaN close leaves the session without one.
func history(sessions []data.Session, closes []float64) data.History {
	h := data.History{Symbol: symbol}
	for i, c := range closes {
		if !math.IsNaN(c) {
			h.Bars = append(h.Bars, data.CloseBar(sessions[i], c))
		}
	}
	return h
}

// at is noon in New York on the date of s.
func at(s data.Session) time.Time {
	return s.In(nyse.Location()).Add(12 * time.Hour)
}

func item(s data.Session, title string) data.News {
	return data.News{Time: at(s), Title: title, Text: title + ".", Source: "wire", Copies: 1}
}

func testProfile() profile.Profile {
	return profile.Profile{
		Name: "test", Symbol: symbol, Sectors: []string{"anvils"}, Expertise: "You know anvils.",
		Inclination: profile.SelfAdaptive, AdaptiveWindow: profile.DefaultAdaptiveWindow, Query: profile.QuerySituation,
	}
}

type option func(*agent.Config, *profile.Profile)

func newWorld(t *testing.T, h data.History, model agent.Model, options ...option) *world {
	t.Helper()
	feed, err := data.NewFeed(nyse, h, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := agent.DefaultConfig()
	p := testProfile()
	for _, o := range options {
		o(&cfg, &p)
	}
	w := &world{t: t, feed: feed, sessions: sessionsFrom(t, 60), embedder: &countingEmbedder{},
		account: agent.Account{Cash: 10_000, Equity: 10_000}}
	w.store = newStore(t)
	w.agent, err = agent.New(cfg, p, w.store, w.embedder, model, nyse)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newStore(t *testing.T) *memory.Store {
	t.Helper()
	constants, err := memory.Preset("layered")
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.NewStore(constants, 7, embed.NewHashing().Identity(), memory.NewExact())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// observation is what may be seen at session i.
func (w *world) observation(i int) agent.Observation {
	w.t.Helper()
	day, err := w.feed.Day(w.sessions[i])
	if err != nil {
		w.t.Fatal(err)
	}
	return agent.Observation{Day: day, Bars: w.feed.Bars(w.sessions[i]), Account: w.account}
}

func (w *world) decide(i int) agent.Decision {
	w.t.Helper()
	d, err := w.agent.Decide(context.Background(), w.observation(i))
	if err != nil {
		w.t.Fatalf("session %d: %v", i, err)
	}
	return d
}

func (w *world) observe(i int) {
	w.t.Helper()
	if err := w.agent.Observe(context.Background(), w.observation(i)); err != nil {
		w.t.Fatalf("session %d: %v", i, err)
	}
}

// learn shows session i with the move to session i+1.
func (w *world) learn(i int) agent.Decision {
	w.t.Helper()
	d, err := w.agent.Learn(context.Background(), w.lesson(i))
	if err != nil {
		w.t.Fatalf("session %d: %v", i, err)
	}
	return d
}

func (w *world) lesson(i int) agent.Lesson {
	w.t.Helper()
	bars := w.feed.Bars(w.sessions[i+1])
	n := len(bars)
	return agent.Lesson{Observation: w.observation(i), Known: w.sessions[i+1], Return: bars[n-1].Close/bars[n-2].Close - 1}
}

// events are the live events of the store, found by what changed.
func (w *world) changes() []memory.Change { return w.agent.TakeChanges() }

func added(changes []memory.Change) []memory.Event {
	var events []memory.Event
	for _, c := range changes {
		if c.Op == memory.OpAdd {
			events = append(events, *c.Event)
		}
	}
	return events
}

// A countingEmbedder keeps what it was asked, and fails at its failAt-th call,
// counted from 1.
type countingEmbedder struct {
	calls  [][]string
	failAt int
}

var errEmbedder = errors.New("the embedder is out of order")

func (e *countingEmbedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, errors.New("asked to embed nothing")
	}
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			return nil, errors.New("asked to embed a blank text")
		}
	}
	e.calls = append(e.calls, texts)
	if len(e.calls) == e.failAt {
		return nil, errEmbedder
	}
	return embed.NewHashing().Embed(ctx, texts)
}

// A modelFunc answers the n-th request, counted from 0.
type modelFunc struct {
	answer   func(n int, req agent.Request) (string, error)
	requests []agent.Request
}

func (m *modelFunc) Name() string { return "fake" }

func (m *modelFunc) Complete(ctx context.Context, req agent.Request) (agent.Response, error) {
	if err := ctx.Err(); err != nil {
		return agent.Response{}, err
	}
	m.requests = append(m.requests, req)
	text, err := m.answer(len(m.requests)-1, req)
	return agent.Response{Text: text, Usage: agent.Usage{InputTokens: 10, OutputTokens: 2}}, err
}

// always answers every request alike.
func always(text string) *modelFunc {
	return &modelFunc{answer: func(int, agent.Request) (string, error) { return text, nil }}
}

// saying is an answer that cites numbers in the list of short memories.
func saying(action agent.Action, reason string, numbers ...int) string {
	cited := strings.Join(strings.Fields(fmt.Sprint(numbers)), ",")
	return fmt.Sprintf(`{"investment_decision": %q, "summary_reason": %q, "short_memory_index": %s}`, action, reason, cited)
}

func constantCloses(n int, price float64) []float64 {
	closes := make([]float64, n)
	for i := range closes {
		closes[i] = price
	}
	return closes
}

func failureOf(t *testing.T, err error) *agent.Failure {
	t.Helper()
	var f *agent.Failure
	if !errors.As(err, &f) {
		t.Fatalf("error = %v, want a failure", err)
	}
	return f
}
