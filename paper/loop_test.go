package paper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
	"finmem/internal/alpacatest"
	"finmem/paper"
)

// A script decides as it is told, and holds else.
type script map[data.Session]agent.Action

func (s script) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	action, ok := s[obs.Day.Session]
	if !ok {
		action = agent.Hold
	}
	return agent.Decision{Action: action}, nil
}

// scripted makes the world's traders follow s.
func (w *world) scripted(s script) { w.trader = func(backtest.Trader) backtest.Trader { return s } }

// A failing trader reaches no decision.
type failing struct{}

func (failing) Decide(_ context.Context, obs agent.Observation) (agent.Decision, error) {
	return agent.Decision{}, &agent.Failure{Session: obs.Day.Session, Reason: "no answer"}
}

// flatMarket makes every bar of a symbol the same price.
func (w *world) flatMarket(symbol string, price float64) {
	h := w.histories[symbol]
	for i := range h.Bars {
		b := &h.Bars[i]
		b.Open, b.High, b.Low, b.Close = price, price, price, price
	}
}

// scriptedWorld is a week of one symbol at 100 a share, without costs.
func scriptedWorld(t testing.TB, s script) *world {
	w := newWorld(t, "2024-11-18", "2024-11-18", "2024-11-22", "AAA")
	w.flatMarket("AAA", 100)
	w.settings.Engine.Sim.Costs = broker.Costs{}
	w.scripted(s)
	return w
}

func wantTexts(t *testing.T, w *world, kind paper.Kind, want ...string) {
	t.Helper()
	got := w.notes.of(kind)
	if len(got) != len(want) {
		t.Errorf("%s: %q, want %q", kind, got, want)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("%s %d: %q, want it to say %q", kind, i+1, got[i], want[i])
		}
	}
}

// hold are the shares and the cash at the end of each session.
func (w *world) holds(symbol string) string {
	var list []string
	for _, r := range w.records(symbol) {
		list = append(list, fmt.Sprintf("%g/%g", r.Account.Shares, r.Account.Cash))
	}
	return strings.Join(list, " ")
}

// The sessions and the times of the loop across a change of the clocks,
// Thanksgiving and Christmas, by hand: half days are decided early, B85.
func TestDecisionTimes(t *testing.T) {
	after := paper.Schedule{Calendar: nyse, After: 15 * time.Minute, Tolerance: 30 * time.Minute}
	before := paper.Schedule{Calendar: nyse, After: -15 * time.Minute}
	for _, tt := range []struct {
		now    string // RFC 3339
		next   data.Session
		after  string // UTC
		before string // UTC
	}{
		{"2024-11-01T20:46:00Z", "2024-11-04", "2024-11-04T21:15:00Z", "2024-11-04T20:45:00Z"}, // the clocks change on the Sunday
		{"2024-11-01T20:45:00Z", "2024-11-01", "2024-11-01T20:15:00Z", "2024-11-01T19:45:00Z"}, // still within the tolerance
		{"2024-11-27T22:00:00Z", "2024-11-29", "2024-11-29T18:15:00Z", "2024-11-29T17:45:00Z"}, // Thanksgiving, then a half day
		{"2024-11-29T20:00:00Z", "2024-12-02", "2024-12-02T21:15:00Z", "2024-12-02T20:45:00Z"},
		{"2024-12-24T12:00:00Z", "2024-12-24", "2024-12-24T18:15:00Z", "2024-12-24T17:45:00Z"},
		{"2025-01-08T22:00:00Z", "2025-01-10", "2025-01-10T21:15:00Z", "2025-01-10T20:45:00Z"}, // B15: a day of mourning
		{"2025-03-07T22:00:00Z", "2025-03-10", "2025-03-10T20:15:00Z", "2025-03-10T19:45:00Z"}, // summer time
		{"2025-11-26T22:00:00Z", "2025-11-28", "2025-11-28T18:15:00Z", "2025-11-28T17:45:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		next, err := after.First(now)
		if err != nil {
			t.Fatal(err)
		}
		if next != tt.next {
			t.Errorf("at %s: first session %s, want %s", tt.now, next, tt.next)
		}
		if got := after.Decision(tt.next).UTC().Format(time.RFC3339); got != tt.after {
			t.Errorf("session %s is decided at %s, want %s", tt.next, got, tt.after)
		}
		if got := before.Decision(tt.next).UTC().Format(time.RFC3339); got != tt.before {
			t.Errorf("before the close, session %s is decided at %s, want %s", tt.next, got, tt.before)
		}
	}
}

// Times at which a session would be decided into the next one are refused, and in a
// live loop those after the open that is to fill the order.
func TestScheduleRefuses(t *testing.T) {
	always := data.Always()
	for _, tt := range []struct {
		calendar         *data.Calendar
		after, tolerance time.Duration
		valid, live      bool
	}{
		{nyse, 15 * time.Minute, 30 * time.Minute, true, true},
		{nyse, 12 * time.Hour, 5 * time.Hour, true, true},
		// 16:00 and 17½ hours are the open at 9:30.
		{nyse, 12 * time.Hour, 5*time.Hour + time.Minute, false, false},
		{nyse, 6 * time.Hour, 12 * time.Hour, false, false},
		{nyse, -15 * time.Minute, 10 * time.Minute, true, true},
		{nyse, -15 * time.Minute, 16 * time.Minute, false, false},
		{always, 15 * time.Minute, 30 * time.Minute, true, false}, // opened when the session closed
		{always, 0, time.Minute, true, false},
		{always, -15 * time.Minute, 10 * time.Minute, true, true}, // fills at the close that is still to come
		{always, 12 * time.Hour, 12 * time.Hour, false, false},
	} {
		c := paper.Schedule{Calendar: tt.calendar, After: tt.after, Tolerance: tt.tolerance}
		if err := c.Validate(); (err == nil) != tt.valid {
			t.Errorf("%s, %s after the close, tolerance %s: %v, want valid %t", tt.calendar.Name(), tt.after, tt.tolerance, err, tt.valid)
		}
		if err := c.ValidateLive(); (err == nil) != tt.live {
			t.Errorf("%s, %s after the close, tolerance %s: live %v, want valid %t", tt.calendar.Name(), tt.after, tt.tolerance, err, tt.live)
		}
		if !tt.live {
			continue
		}
		// What was decided in time can still be sent.
		for _, s := range []data.Session{"2024-11-26", "2024-11-29"} {
			by, err := c.SendBy(s)
			if err != nil {
				t.Fatal(err)
			}
			if by.Before(c.Deadline(s)) {
				t.Errorf("%s: an order of %s is sent until %s, and decided until %s", tt.calendar.Name(), s, by, c.Deadline(s))
			}
		}
	}
}

// A month of sessions across the change of the clocks and Thanksgiving week, in
// two years: exactly one decision a session, at its time.
func TestMonthOfSessions(t *testing.T) {
	for _, tt := range []struct {
		from, to data.Session
		sessions int
		at       map[data.Session]string // UTC
	}{
		// November 2024 has 20 sessions: 21 weekdays less Thanksgiving.
		{"2024-11-01", "2024-11-29", 20, map[data.Session]string{
			"2024-11-01": "2024-11-01T20:15:00Z", "2024-11-04": "2024-11-04T21:15:00Z",
			"2024-11-27": "2024-11-27T21:15:00Z", "2024-11-29": "2024-11-29T18:15:00Z"}},
		// From 2025-10-27: five weeks of five, less Thanksgiving.
		{"2025-10-27", "2025-11-28", 24, map[data.Session]string{
			"2025-10-31": "2025-10-31T20:15:00Z", "2025-11-03": "2025-11-03T21:15:00Z",
			"2025-11-26": "2025-11-26T21:15:00Z", "2025-11-28": "2025-11-28T18:15:00Z"}},
	} {
		w := newWorld(t, tt.from, tt.from, tt.to, "AAA")
		w.scripted(script{})
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		at := map[data.Session][]string{}
		decisions := 0
		for _, e := range w.notes.events {
			if e.Kind == paper.Decided {
				decisions++
				at[e.Session] = append(at[e.Session], e.At.Format(time.RFC3339))
			}
		}
		if decisions != tt.sessions || len(at) != tt.sessions {
			t.Errorf("%s to %s: %d decisions on %d sessions, want %d", tt.from, tt.to, decisions, len(at), tt.sessions)
		}
		for s, want := range tt.at {
			if got := at[s]; !slices.Equal(got, []string{want}) {
				t.Errorf("session %s decided at %v, want %s", s, got, want)
			}
		}
		wantTexts(t, w, paper.Missed)
	}
}

// A machine that slept over a session reports it, reads it and trades nothing of
// it; the order of before is settled, and the next session is decided.
func TestSleptOverASession(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-19": agent.Sell, "2024-11-20": agent.Sell})
	w.notes.hook = func(e paper.Event) {
		if e.Kind == paper.Sent && e.Session == "2024-11-18" {
			if err := w.clock.Sleep(t.Context(), nyse.Close("2024-11-19").Add(46*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Missed, "session 2024-11-19 was to be decided at 2024-11-19T16:15:00-05:00, 31m0s ago")
	if got, want := w.holds("AAA"), "0/10000 100/0 100/0 0/10000 0/10000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	r := w.records("AAA")[1]
	if r.Status != backtest.StatusMissed || r.Order != nil || r.Settled == nil {
		t.Errorf("the missed session: %s, order %v, settled %v", r.Status, r.Order, r.Settled)
	}
	health, ok, err := paper.ReadHealth(w.dir)
	if err != nil || !ok || health.Missed != 1 || health.Last != "2024-11-22" {
		t.Errorf("health %+v, %t, %v; want one missed session", health, ok, err)
	}
}

// A lateMarket has a session's bar only from a time on.
type lateMarket struct {
	paper.Market
	clock paper.Clock
	s     data.Session
	from  time.Time
}

func (m lateMarket) Session(ctx context.Context, s data.Session) (map[string]paper.View, error) {
	views, err := m.Market.Session(ctx, s)
	if err != nil || s != m.s || !m.clock.Now().Before(m.from) {
		return views, err
	}
	late := map[string]paper.View{}
	for symbol, v := range views {
		v.Feed = without{v.Feed, m.s}
		late[symbol] = v
	}
	return late, nil
}

type without struct {
	backtest.Feed
	s data.Session
}

func (f without) Day(s data.Session) (data.Day, error) {
	day, err := f.Feed.Day(s)
	if s == f.s {
		day.Bar, day.HasBar = data.Bar{}, false
	}
	return day, err
}

func (f without) Bars(upTo data.Session) []data.Bar {
	return slices.DeleteFunc(slices.Clone(f.Feed.Bars(upTo)), func(b data.Bar) bool { return b.Session == f.s })
}

// A price that comes late is waited for; one that does not come leaves the
// session without one.
func TestLatePrice(t *testing.T) {
	for _, tt := range []struct {
		late      time.Duration // after the close
		decided   bool
		decidedAt string
	}{
		{20 * time.Minute, true, "21:20:15"}, // tries 0, 5, 15, 35 … seconds after the decision time
		{time.Hour, false, ""},
	} {
		w := scriptedWorld(t, script{"2024-11-20": agent.Buy})
		w.market = func(m paper.Market) paper.Market {
			return lateMarket{m, w.clock, "2024-11-20", nyse.Close("2024-11-20").Add(tt.late)}
		}
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		r := w.records("AAA")[2]
		if got := r.Status == backtest.StatusDecided; got != tt.decided || r.HasBar != tt.decided {
			t.Errorf("%s late: %s with price %t", tt.late, r.Status, r.HasBar)
		}
		for _, e := range w.notes.events {
			if e.Kind == paper.Decided && e.Session == "2024-11-20" && e.At.Format(time.TimeOnly) != tt.decidedAt {
				t.Errorf("%s late: decided at %s, want %s", tt.late, e.At.Format(time.TimeOnly), tt.decidedAt)
			}
		}
		if len(w.notes.of(paper.Trouble)) == 0 {
			t.Errorf("%s late: nothing was said of it", tt.late)
		}
		wantTexts(t, w, paper.Missed)
	}
}

// B10: the bar of a session that is not over is not seen, whatever the data has:
// at 11:00 indicators end with the day before.
func TestPartialBarIsNotSeen(t *testing.T) {
	clock := paper.NewSimClock(nyse.Open("2024-11-20").Add(90*time.Minute), 0, nil)
	shelf := paper.Shelf{Calendar: nyse, Clock: clock, Read: func(context.Context) (*paper.Snapshot, error) {
		return &paper.Snapshot{Histories: map[string]data.History{"AAA": {Symbol: "AAA",
			Bars: []data.Bar{data.CloseBar("2024-11-19", 90), data.CloseBar("2024-11-20", 101)}}}}, nil
	}}
	views, err := shelf.Session(t.Context(), "2024-11-20")
	if err != nil {
		t.Fatal(err)
	}
	feed := views["AAA"].Feed
	day, err := feed.Day("2024-11-20")
	if err != nil {
		t.Fatal(err)
	}
	if bars := feed.Bars("2024-11-20"); day.HasBar || len(bars) != 1 || bars[0].Close != 90 {
		t.Errorf("at 11:00: a price %t, bars %v; want none of the day", day.HasBar, bars)
	}
	if err := clock.Sleep(t.Context(), nyse.Close("2024-11-20")); err != nil {
		t.Fatal(err)
	}
	if bars := feed.Bars("2024-11-20"); len(bars) != 2 {
		t.Errorf("after the close: %d bars, want 2", len(bars))
	}
}

// A faulty broker fails as its functions say, where they are set.
type faulty struct {
	paper.Broker
	submit  func(context.Context, paper.Ticket) (paper.Receipt, error)
	account func(paper.Account) paper.Account
	asset   func(paper.Asset) paper.Asset
}

func (f faulty) Submit(ctx context.Context, t paper.Ticket) (paper.Receipt, error) {
	if f.submit != nil {
		return f.submit(ctx, t)
	}
	return f.Broker.Submit(ctx, t)
}

func (f faulty) Account(ctx context.Context) (paper.Account, error) {
	a, err := f.Broker.Account(ctx)
	if err == nil && f.account != nil {
		a = f.account(a)
	}
	return a, err
}

func (f faulty) Asset(ctx context.Context, symbol string) (paper.Asset, error) {
	a, err := f.Broker.Asset(ctx, symbol)
	if err == nil && f.asset != nil {
		a = f.asset(a)
	}
	return a, err
}

func (f faulty) Tell(ctx context.Context, day data.Day, actions []data.Action) error {
	return f.Broker.(paper.Told).Tell(ctx, day, actions)
}

// B79: the broker takes the order and the answer is lost. The loop looks instead
// of sending again: one submission, one order, one fill.
func TestLostAnswer(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	submissions := 0
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(ctx context.Context, k paper.Ticket) (paper.Receipt, error) {
			submissions++
			if _, err := b.Submit(ctx, k); err != nil {
				return paper.Receipt{}, err
			}
			return paper.Receipt{}, fmt.Errorf("reading the answer: %w", paper.ErrUnavailable)
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if submissions != 1 {
		t.Errorf("%d submissions, want 1", submissions)
	}
	wantTexts(t, w, paper.Sent, "buy 100 shares")
	wantTexts(t, w, paper.Fill, "buy 100 shares at 100")
	if got, want := w.holds("AAA"), "0/10000 100/0 100/0 100/0 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A broker that cannot be reached is tried again with longer and longer pauses,
// until the market opens that was to fill the order. Then it ends unfilled.
func TestBrokerOutOfReach(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-20": agent.Buy})
	back := nyse.Open("2024-11-19").Add(time.Hour)
	tries := 0
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(ctx context.Context, k paper.Ticket) (paper.Receipt, error) {
			if w.clock.Now().Before(back) {
				tries++
				return paper.Receipt{}, paper.ErrUnavailable
			}
			return b.Submit(ctx, k)
		}}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if tries < 100 {
		t.Errorf("%d tries over a night, want one at least every five minutes", tries)
	}
	wantTexts(t, w, paper.NotFilled, "not sent: the broker never had the order")
	if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 100/0 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// B83: an order that the broker refuses leaves the ledger as it was, and is on
// record with the reason.
func TestRejectedOrder(t *testing.T) {
	for _, refusal := range []*paper.Rejected{{Code: 422, Reason: "qty is too large"}, {Code: 403, Reason: "insufficient buying power"}} {
		w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
		tries := 0
		w.broker = func(b paper.Broker) paper.Broker {
			return faulty{Broker: b, submit: func(context.Context, paper.Ticket) (paper.Receipt, error) {
				tries++
				return paper.Receipt{}, refusal
			}}
		}
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		if tries != 1 {
			t.Errorf("%d: %d submissions, want 1", refusal.Code, tries)
		}
		if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 0/10000 0/10000"; got != want {
			t.Errorf("%d: held %s, want %s", refusal.Code, got, want)
		}
		settled := w.records("AAA")[1].Settled
		if settled == nil || settled.Fill != nil || !strings.Contains(settled.Note, refusal.Reason) {
			t.Errorf("%d: settled %+v, want no fill and the reason", refusal.Code, settled)
		}
	}
}

// What the broker takes bounds what is sent: B80, B81, the least order, buying
// power, an asset that is halted and an account that is blocked. B71: nothing is
// sold that is not held.
func TestOrdersAreCutToWhatTheBrokerTakes(t *testing.T) {
	buys := script{"2024-11-18": agent.Buy}
	sells := script{"2024-11-18": agent.Buy, "2024-11-20": agent.Sell}
	for _, tt := range []struct {
		name   string
		script script
		lot    string
		cash   string
		broker faulty
		sent   []string
		not    []string
		note   string
	}{
		{name: "B81: 3.654 shares of an asset without fractions", script: buys, lot: "0.001", cash: "365.4",
			broker: faulty{asset: func(a paper.Asset) paper.Asset { a.Fractional = false; return a }},
			sent:   []string{"buy 3 shares; 3 of 3.654 shares: the broker takes no fractions"}, note: "3 of 3.654 shares"},
		{name: "B81: 0.4 shares of it", script: buys, lot: "0.1", cash: "40",
			broker: faulty{asset: func(a paper.Asset) paper.Asset { a.Fractional = false; return a }},
			not:    []string{"below one share", "below one share"}, note: "not sent: 0.4 shares of AAA are below one share"},
		{name: "B80: six of ten shares are held by another order", script: sells, lot: "1", cash: "1000",
			broker: faulty{account: func(a paper.Account) paper.Account {
				if p, ok := a.Positions["AAA"]; ok && p.Shares.Equal(dec("10")) {
					p.Available = dec("4")
					a.Positions["AAA"] = p
				}
				return a
			}},
			sent: []string{"buy 10 shares", "sell 4 shares; 4 of 10 shares: 10 held, 4 of them by no open order"}, note: "4 of 10 shares: 10 held"},
		{name: "the least order", script: buys, lot: "0.001", cash: "0.5",
			broker: faulty{asset: func(a paper.Asset) paper.Asset { a.MinNotional = dec("1"); return a }},
			not:    []string{"below the broker's least order of 1", "below the broker's least order of 1"}, note: "worth 0.5, below"},
		{name: "buying power", script: buys, lot: "1", cash: "1000",
			broker: faulty{account: func(a paper.Account) paper.Account { a.BuyingPower = dec("350"); return a }},
			sent:   []string{"buy 3 shares; 3 of 10 shares: buying power of 350 at 100"}, note: "3 of 10 shares"},
		{name: "a halted asset", script: buys, lot: "1", cash: "1000",
			broker: faulty{asset: func(paper.Asset) paper.Asset { return paper.Asset{Note: "inactive"} }},
			not:    []string{"AAA cannot be traded: inactive", "AAA cannot be traded: inactive"}, note: "not sent: AAA cannot be traded"},
		{name: "a blocked account", script: buys, lot: "1", cash: "1000",
			broker: faulty{account: func(a paper.Account) paper.Account { a.Blocked = "trading is suspended"; return a }},
			not:    []string{"trading is suspended", "trading is suspended"}, note: "not sent: the account may not trade"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := scriptedWorld(t, tt.script)
			w.settings.Engine.Sim.Lot, w.settings.Engine.Cash = dec(tt.lot), dec(tt.cash)
			w.broker = func(b paper.Broker) paper.Broker { f := tt.broker; f.Broker = b; return f }
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			wantTexts(t, w, paper.Sent, tt.sent...)
			wantTexts(t, w, paper.NotFilled, tt.not...)
			var notes []string
			for _, r := range w.records("AAA") {
				if r.Settled != nil {
					notes = append(notes, r.Settled.Note)
				}
			}
			if n := len(notes); n == 0 || !strings.Contains(notes[n-1], tt.note) {
				t.Errorf("settled with %q, want %q", notes, tt.note)
			}
			wantTexts(t, w, paper.Corrected)
		})
	}
}

// What the broker says wins: a position that somebody changed by hand is taken
// over and told of, and beyond the limit the loop halts.
func TestReconcile(t *testing.T) {
	for _, tt := range []struct {
		name   string
		shares string // held at the broker from the third session on
		cash   string
		halts  bool
		holds  string
	}{
		{"as it should be", "100", "0", false, "0/10000 100/0 100/0 100/0 0/10000"},
		{"a dividend that nobody told", "100", "40", false, "0/10000 100/0 100/40 100/40 0/10040"},
		{"a dividend of 2 % is no reason to halt", "100", "200", false, "0/10000 100/0 100/200 100/200 0/10200"},
		{"cash that nobody has is gone", "100", "-200", true, "0/10000 100/0 100/0 100/0 100/0"},
		{"ten shares sold by hand", "90", "1000", true, "0/10000 100/0 90/1000 90/1000 90/1000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-21": agent.Sell})
			w.broker = func(b paper.Broker) paper.Broker {
				return faulty{Broker: b, account: func(a paper.Account) paper.Account {
					now := w.clock.Now()
					if now.Before(nyse.Close("2024-11-20")) {
						return a
					}
					a.Cash = a.Cash.Add(dec(tt.cash))
					if p, ok := a.Positions["AAA"]; ok {
						p.Shares = p.Shares.Sub(dec("100")).Add(dec(tt.shares))
						p.Available = p.Shares
						a.Positions["AAA"] = p
					}
					return a
				}}
			}
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			if got := w.holds("AAA"); got != tt.holds {
				t.Errorf("held %s, want %s", got, tt.holds)
			}
			halt, err := paper.ReadHalt(w.dir)
			if err != nil || halt.Halted != tt.halts {
				t.Errorf("halted %+v, %v; want %t", halt, err, tt.halts)
			}
			if tt.cash == "200" {
				wantTexts(t, w, paper.Corrected, "the broker has 200 in cash, the ledgers 0")
			}
			if tt.shares != "100" {
				wantTexts(t, w, paper.Corrected, "the broker holds 90 shares, the ledger had 100; the broker has 1000 in cash, the ledgers 0")
				wantTexts(t, w, paper.Halted, "ledger and broker differ by 2000, 20.00 % of equity")
			}
		})
	}
}

// Whose a difference in cash is: that of the one symbol whose shares differ too,
// if it has enough; else it is taken where most is, and no ledger goes below zero.
// By hand: each symbol has 50 shares at 100 and 5,000 in cash.
func TestReconcileSharesCash(t *testing.T) {
	for _, tt := range []struct {
		name, shares, cash string // what comes to BBB's shares, and to the account's cash
		a, b               string // the last holdings
	}{
		{"ten shares of BBB sold", "-10", "1000", "50/5000", "40/6000"},
		{"ten shares of BBB bought", "10", "-1000", "50/5000", "60/4000"},
		{"more bought than BBB has cash for", "60", "-6000", "50/0", "110/4000"},
		{"a fee", "0", "-20", "50/4980", "50/5000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := twoSymbols(t, script{"2024-11-18": agent.Buy})
			w.settings.Engine.Sizing.TargetWeight, w.settings.MaxDifference = 0.5, 0
			w.broker = func(b paper.Broker) paper.Broker {
				return faulty{Broker: b, account: func(a paper.Account) paper.Account {
					if p, ok := a.Positions["BBB"]; ok && !w.clock.Now().Before(nyse.Close("2024-11-20")) {
						a.Cash, p.Shares = a.Cash.Add(dec(tt.cash)), p.Shares.Add(dec(tt.shares))
						a.Positions["BBB"] = p
					}
					return a
				}}
			}
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			if a, b := w.holds("AAA"), w.holds("BBB"); !strings.HasSuffix(a, " "+tt.a) || !strings.HasSuffix(b, " "+tt.b) {
				t.Errorf("held %s and %s, want %s and %s in the end", a, b, tt.a, tt.b)
			}
		})
	}
}

// Cash that the account lacks, and that the symbols do not have, was not the
// loop's: it is taken from what was set apart at the start, once.
func TestReconcileLeavesStrangersCash(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, account: func(a paper.Account) paper.Account {
			a.Cash = a.Cash.Add(dec("5000"))
			if !w.clock.Now().Before(nyse.Close("2024-11-20")) {
				a.Cash = a.Cash.Sub(dec("3000"))
			}
			return a
		}}
	}
	w.settings.MaxDifference = 0
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Trouble, "the account lacks 3000 in cash that the symbols do not have: is anybody else trading there? 3000 of it was not the loop's")
	wantTexts(t, w, paper.Corrected)
	if got, want := w.holds("AAA"), "0/10000 100/0 100/0 100/0 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// At a real broker a dividend comes on its pay date: nothing differs on the
// ex-date, and the cash is taken over, whatever it is, when it is there.
func TestDividendIsPaidLater(t *testing.T) {
	w, server, _ := alpacaWorld(t, "2024-11-18", "2024-11-22", "AAA")
	w.flatMarket("AAA", 100)
	h := w.histories["AAA"]
	h.Actions = []data.Action{{Session: "2024-11-20", Dividend: 2}}
	w.histories["AAA"] = h
	w.scripted(script{"2024-11-18": agent.Buy})
	w.notes.hook = func(e paper.Event) {
		if e.Kind == paper.Finished && e.Session == "2024-11-21" {
			server.SetCash("90690") // 90,500 and 2 for each of 95 shares
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if got, want := w.holds("AAA"), "0/10000 95/500 95/500 95/500 95/690"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	wantTexts(t, w, paper.Corrected, "the broker has 90690 in cash, the ledgers 90500")
	wantTexts(t, w, paper.Halted)
}

// The kill switch holds: what is open is cancelled, nothing is decided, also after
// a restart, until it is taken back.
func TestHaltAndResume(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy, "2024-11-19": agent.Buy, "2024-11-20": agent.Buy, "2024-11-21": agent.Buy})
	w.settings.Beat = time.Hour
	flip := func(e paper.Event) {
		var err error
		switch {
		case e.Kind == paper.Sent && e.Session == "2024-11-18":
			err = paper.Halt(w.dir, "by hand", e.At)
		case e.Kind == paper.Finished && e.Session == "2024-11-20":
			err = paper.Resume(w.dir, e.At)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.notes.hook = flip
	w.settings.End = "2024-11-19"
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.settings.End = "2024-11-22"
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Halted, "by hand")
	wantTexts(t, w, paper.Resumed, "orders are sent again")
	if got, want := w.holds("AAA"), "0/10000 0/10000 0/10000 0/10000 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	records := w.records("AAA")
	if s := records[1].Settled; s == nil || s.Fill != nil || !strings.Contains(s.Note, "cancelled") {
		t.Errorf("the open order: %+v, want it cancelled", s)
	}
	for _, r := range records[1:3] {
		if r.Status != backtest.StatusMissed || !slices.Equal(r.Notes, []string{"nothing was decided: trading is halted: by hand"}) {
			t.Errorf("session %s: %s, %q", r.Session, r.Status, r.Notes)
		}
	}
}

// An error that trying again does not help ends the loop.
func TestHopelessErrorEndsTheLoop(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, submit: func(context.Context, paper.Ticket) (paper.Receipt, error) {
			return paper.Receipt{}, fmt.Errorf("submitting: %w", paper.ErrKey)
		}}
	}
	if err := w.run(); !errors.Is(err, paper.ErrKey) {
		t.Errorf("ended with %v, want ErrKey", err)
	}
}

// An account with less than the books are to start with is refused.
func TestShortOfCash(t *testing.T) {
	w := scriptedWorld(t, script{})
	w.broker = func(b paper.Broker) paper.Broker {
		return faulty{Broker: b, account: func(a paper.Account) paper.Account { a.Cash = dec("9999"); return a }}
	}
	var short *paper.ShortOfCash
	if err := w.run(); !errors.As(err, &short) {
		t.Errorf("ended with %v, want ShortOfCash", err)
	}
}

// B82: of 100 shares 40 fill at 10.00 and the rest does not: the position is 40,
// cash is 400 less, and what the agent sees next is 40.
func TestPartialFill(t *testing.T) {
	w, server, _ := alpacaWorld(t, "2024-11-18", "2024-11-20", "AAA")
	w.flatMarket("AAA", 10)
	w.settings.Engine.Cash = dec("1050") // 100 shares at the worst price of 10.50
	server.SetSize("AAA", "40")
	var seen []agent.Observation
	w.trader = func(backtest.Trader) backtest.Trader { return watcher{script{"2024-11-18": agent.Buy}, &seen} }
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Sent, "buy 100 shares up to a price of 10.5")
	if got, want := w.holds("AAA"), "0/1050 40/650 40/650"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
	if got := seen[1].Account.Shares; got != 40 {
		t.Errorf("the agent sees %v shares, want 40", got)
	}
	if s := w.records("AAA")[1].Settled; !s.Clamped || s.Order.Shares.String() != "100" || s.Fill.Shares.String() != "40" || s.Note == "" {
		t.Errorf("settled %+v, want 40 of 100 with a note", s)
	}
}

// A slow broker has an order open beyond its session, until it is cancelled and
// asked often enough.
type slow struct {
	faulty
	cancelled *int
}

func (s slow) Find(ctx context.Context, id string) (paper.Receipt, bool, error) {
	r, ok, err := s.Broker.Find(ctx, id)
	if *s.cancelled > 0 {
		*s.cancelled++
	}
	if *s.cancelled < 4 {
		r.Status, r.Result = paper.Open, broker.Result{}
	}
	return r, ok, err
}

func (s slow) Cancel(context.Context, string) error {
	if *s.cancelled == 0 {
		*s.cancelled = 1
	}
	return nil
}

// An order that is still open at the next decision is cancelled, and its end
// waited for: it has filled meanwhile.
func TestOpenOrderIsCancelledFirst(t *testing.T) {
	w := scriptedWorld(t, script{"2024-11-18": agent.Buy})
	cancelled := 0
	w.broker = func(b paper.Broker) paper.Broker { return slow{faulty{Broker: b}, &cancelled} }
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if cancelled != 4 {
		t.Errorf("looked %d times after the cancellation, want 3", cancelled-1)
	}
	if got, want := w.holds("AAA"), "0/10000 100/0 100/0 100/0 100/0"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A lingering broker has orders open until they are cancelled.
type lingering struct {
	paper.Broker
	cancelled map[string]bool
}

func (b lingering) Find(ctx context.Context, id string) (paper.Receipt, bool, error) {
	r, ok, err := b.Broker.Find(ctx, id)
	if !b.cancelled[id] {
		r.Status = paper.Open
	}
	return r, ok, err
}

func (b lingering) Cancel(ctx context.Context, id string) error {
	b.cancelled[id] = true
	return b.Broker.Cancel(ctx, id)
}

// An order at a real broker is ended though the session has no price in the data:
// what it has filled is booked as its end, once, and is no difference.
func TestOpenOrderIsCancelledWithoutAPrice(t *testing.T) {
	w, server, _ := alpacaWorld(t, "2024-11-18", "2024-11-21", "AAA")
	w.flatMarket("AAA", 100)
	w.scripted(script{"2024-11-18": agent.Buy})
	h := w.histories["AAA"]
	h.Bars = slices.DeleteFunc(h.Bars, func(b data.Bar) bool { return b.Session == "2024-11-19" })
	w.histories["AAA"] = h
	w.broker = func(b paper.Broker) paper.Broker { return lingering{b, map[string]bool{}} }
	w.notes.hook = func(e paper.Event) {
		if e.Kind == paper.Sent {
			server.Fill(e.Fields["clientOrderId"], "40", "100")
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Corrected)
	wantTexts(t, w, paper.Fill, "buy 40 shares at 100")
	if got, want := w.holds("AAA"), "0/10000 40/6000 40/6000 40/6000"; got != want {
		t.Errorf("held %s, want %s", got, want)
	}
}

// A start looks at the account: positions and orders that are not the loop's are
// told of, and a ledger that is far from the account halts.
func TestStartLooksAtTheAccount(t *testing.T) {
	w, server, clock := alpacaWorld(t, "2024-11-18", "2024-11-22", "AAA")
	server.AddAsset(alpacatest.Asset{Symbol: "ZZZ"})
	w.flatMarket("AAA", 100)
	w.scripted(script{"2024-11-18": agent.Buy})
	w.settings.End = "2024-11-20"
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t, server, clock).Submit(t.Context(), paper.Ticket{ClientID: "by-hand", Symbol: "AAA", Side: broker.Sell, Shares: dec("6"), Limit: dec("300"), For: "2024-11-21"}); err != nil {
		t.Fatal(err)
	}
	server.SetPosition("ZZZ", "7", "10")
	server.SetPosition("AAA", "45", "100")
	w.settings.End = "2024-11-22"
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, w, paper.Trouble, "holds 7 shares of ZZZ, which this loop does not trade", "an open order to sell 6 shares of AAA, by-hand, that is not this loop's",
		"the broker holds 45 shares, the ledger had 95; the next session follows the broker")
	wantTexts(t, w, paper.Halted, "ledger and broker differ by 5000, 100.00 % of equity")
	wantTexts(t, w, paper.Corrected, "the broker holds 45 shares, the ledger had 95")
}
