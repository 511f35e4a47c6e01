package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"finmem/agent/llm/transport"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/data/fetch"
	"finmem/internal/secret"
	"finmem/internal/waiting"
	"finmem/paper"
	"finmem/paper/alpaca"
	"finmem/paper/simulated"
)

// A paperLoop is a loop with all that it works with.
type paperLoop struct {
	*paper.Loop
	dir     string
	plan    *plan
	journal *journal.Journal
	watch   *watcher
	close   []func() error
}

// Close lets go of everything, last first.
func (l *paperLoop) Close() error {
	var err error
	for i := len(l.close) - 1; i >= 0; i-- {
		err = errors.Join(err, l.close[i]())
	}
	return err
}

// A watcher counts what decides the exit code, and passes everything on.
type watcher struct {
	paper.Observer
	errorDays, missed int
}

func (w *watcher) Observe(e paper.Event) {
	switch e.Kind {
	case paper.ErrorDay:
		w.errorDays++
	case paper.Missed:
		w.missed++
	}
	w.Observer.Observe(e)
}

// missedDays says that a loop did what was due, but had missed sessions or error
// days.
type missedDays struct{ errorDays, missed int }

func (m missedDays) Error() string {
	return fmt.Sprintf("done, with %s and %s; nothing was ordered on those", count(m.errorDays, "error day"), count(m.missed, "missed session"))
}

func (l *paperLoop) counted() error {
	if l.watch.errorDays+l.watch.missed > 0 {
		return missedDays{l.watch.errorDays, l.watch.missed}
	}
	return nil
}

func (l *paperLoop) run(ctx, stop context.Context, once bool) error {
	if once {
		return l.Once(ctx, stop)
	}
	return l.Run(ctx, stop)
}

// tellNext says when a loop that did what was due is needed again.
func (l *paperLoop) tellNext(w io.Writer) error {
	h, ok, err := paper.ReadHealth(l.dir)
	if err != nil || !ok || h.Next == "" {
		return err
	}
	fmt.Fprintf(w, "Next decision: session %s at %s\nLoop kept in %s\n", h.Next, h.NextTime.UTC().Format("2006-01-02 15:04 MST"), l.dir)
	return nil
}

// openPaper makes the loop of a folder, or opens it to go on.
func openPaper(ctx context.Context, s *streams, c config, o paperOptions, speed float64) (*paperLoop, error) {
	l := &paperLoop{dir: o.folder()}
	if err := l.make(ctx, s, c, o, speed); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *paperLoop) make(ctx context.Context, s *streams, c config, o paperOptions, speed float64) error {
	if err := o.watch.check(c.Paper.Webhook, o.replay != ""); err != nil {
		return err
	}
	limits, err := c.Paper.Limits.limits()
	if err != nil {
		return usagef(nil, "%v", err)
	}
	if o.replay != "" {
		c.Paper.Broker, c.Paper.Update = brokerSim, false
	}
	switch b := c.Paper.Broker; {
	case b != brokerSim && b != brokerAlpaca:
		return usagef(nil, "paper.broker %q: want %s or %s", b, brokerSim, brokerAlpaca)
	case b == brokerAlpaca && limits.Collar == 0:
		limits.Collar = defaultCollar
	}
	if o.replay != "" {
		err = l.planReplay(ctx, c)
	} else {
		err = l.planLive(ctx, c)
	}
	if err != nil {
		return err
	}
	p := l.plan
	l.close = append(l.close, p.connection.Close)
	if c.Paper.Broker == brokerAlpaca {
		// The broker fills, and its word is booked. Orders are sized at the worst
		// price that they may fill at, so that cash pays for them.
		p.engine.Follow = true
		p.engine.Sim.Costs = broker.Costs{SlippageBps: limits.Collar * 10_000}
	}
	p.engine.Live = o.replay == ""
	schedule := c.Paper.schedule(p.calendar)
	settings := paper.Settings{Engine: p.engine, Schedule: schedule, Start: p.config.Window.WarmupFrom, Limits: limits,
		HaltOn: c.Paper.HaltOn, MaxDifference: c.Paper.MaxDifference}
	settings.Engine.Parallel = len(p.symbols)
	var clock paper.Clock = wallClock{}
	if o.replay != "" {
		settings.End, settings.GiveUp = p.config.Window.To, true
		settings.Start = p.sessions[0]
		clock = paper.NewSimClock(schedule.Decision(p.config.Window.From).Add(-time.Hour), speed, waiting.Sleep)
	} else {
		settings.Beat, settings.GiveUp = time.Minute, o.once
	}
	if err := settings.Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	var account paper.Broker
	if c.Paper.Broker == brokerAlpaca {
		if account, err = alpaca.Dial(ctx, alpaca.Config{Lookup: os.LookupEnv, Calendar: p.calendar, Clock: clock}); err != nil {
			return err
		}
	}
	fresh, err := l.open(ctx, s, o)
	if err != nil {
		return err
	}
	if err := l.sameBroker(ctx, c.Paper.Broker); err != nil {
		return err
	}
	settings.FreshMoney, settings.ReadUpTo = fresh, fresh != ""
	if o.replay == "" {
		if err := l.remark(s.err, c.Paper.Update, time.Now()); err != nil {
			return err
		}
	}
	if account == nil {
		if account, err = l.simulated(ctx, clock); err != nil {
			return err
		}
	}
	observer, err := l.observers(s, c, o, schedule.Tolerance)
	if err != nil {
		return err
	}
	l.watch = &watcher{Observer: observer}
	l.Loop, err = paper.New(settings, paper.Parts{
		Dir: l.dir, Record: l.journal, Market: l.market(s, c, o, schedule, clock), Broker: account, Clock: clock, Observer: l.watch,
		Books: func(ctx context.Context) ([]*backtest.Book, error) { return l.books(ctx, fresh) },
		Hide:  secret.Hider("[secret]", c.Paper.Webhook.secrets(os.LookupEnv)...).Replace,
		Hopeless: func(err error) bool {
			kind := transport.KindOf(err)
			vendor := fetch.KindOf(err)
			return kind == transport.KeyMissing || kind == transport.KeyRefused || kind == transport.NoCredit || kind == transport.UnknownModel ||
				vendor == fetch.KeyMissing || vendor == fetch.KeyRefused
		},
	})
	return err
}

// planReplay is the plan of a backtest over the same sessions.
func (l *paperLoop) planReplay(ctx context.Context, c config) (err error) {
	l.plan, err = newPlan(ctx, c)
	return err
}

// remark says what a person should know before a live loop begins: what was found
// about data and profiles, and prices that end before the loop needs them where
// nothing fetches more.
func (l *paperLoop) remark(w io.Writer, update bool, now time.Time) error {
	notes := l.plan.warnings
	before, err := l.plan.calendar.Prev(data.SessionOf(now.In(l.plan.calendar.Location())))
	if err != nil {
		return err
	}
	for _, symbol := range l.plan.symbols {
		bars := l.plan.histories[symbol].Bars
		if n := len(bars); !update && n > 0 && bars[n-1].Session < before {
			notes = append(notes, fmt.Sprintf("the prices of %s end on %s, and paper.update is off: without newer ones nothing is decided", symbol, bars[n-1].Session))
		}
	}
	for _, note := range notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	return nil
}

// settingAfter names, in a journal that goes on from another run, that run's last
// session.
const settingAfter = "paper.after"

// planLive is a plan without an end. Its first decision is that of the loop's
// first start.
func (l *paperLoop) planLive(ctx context.Context, c config) error {
	if c.Data == "" {
		return hinted{usagef(nil, "a loop needs a dataset that can grow: --data, or data in the configuration file"),
			"finmem data import makes one; finmem paper run --replay plays one back"}
	}
	recorded, begun, err := recordedSettings(ctx, l.dir)
	if err != nil {
		return err
	}
	if begun {
		c.Window.From = data.Session(recorded["window.from"])
		c.Window.WarmupFrom = data.Session(recorded["window.warmup_from"])
	} else {
		ds, err := openDataset(ctx, c.Data)
		if err != nil {
			return err
		}
		calendar, err := data.CalendarByName(ds.Meta.Calendar)
		if err != nil {
			return err
		}
		schedule := c.Paper.schedule(calendar)
		if err := schedule.Validate(); err != nil {
			return usagef(nil, "%v", err)
		}
		if c.Window.From, err = schedule.First(time.Now()); err != nil {
			return err
		}
		if c.Window.WarmupFrom >= c.Window.From {
			c.Window.WarmupFrom = ""
		}
	}
	if l.plan, err = newOpenPlan(ctx, c); err != nil {
		return err
	}
	if err := c.Paper.schedule(l.plan.calendar).ValidateLive(); err != nil {
		return usagef(nil, "%v", err)
	}
	// The data grows, and a new version goes on.
	maps.DeleteFunc(l.plan.settings, func(name, _ string) bool {
		return name == "version" || strings.HasPrefix(name, contentOf+"the data of ")
	})
	if after := recorded[settingAfter]; after != "" {
		l.plan.settings[settingAfter] = after
	}
	return nil
}

// recordedSettings are those of the run in dir; begun is false where there is none.
func recordedSettings(ctx context.Context, dir string) (settings map[string]string, begun bool, err error) {
	j, err := journal.Read(ctx, dir)
	if errors.Is(err, journal.ErrNoRun) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	meta, err := j.Meta(ctx)
	return meta.Settings, true, errors.Join(err, j.Close())
}

// open starts the journal, as a branch of another run or empty, or opens it to go
// on. fresh is the last session of the run that it branched from, "" for none.
func (l *paperLoop) open(ctx context.Context, s *streams, o paperOptions) (fresh data.Session, err error) {
	p := l.plan
	fresh = data.Session(p.settings[settingAfter])
	j, err := journal.Resume(ctx, l.dir)
	switch {
	case err == nil:
		l.journal = j
		l.close = append(l.close, j.Close)
		if o.fromRun != "" && fresh == "" {
			return "", fmt.Errorf("%s has begun already: --from-run is for the first start", l.dir)
		}
		err := p.sameRun(ctx, j)
		var h hinted
		if errors.As(err, &h) {
			err = hinted{h.err, fmt.Sprintf("--config %s goes on with the settings it was started with; --dir starts another loop", filepath.Join(l.dir, journal.ConfigName))}
		}
		return fresh, err
	case !errors.Is(err, journal.ErrNoRun):
		return "", err
	}
	if o.fromRun != "" {
		if fresh, err = p.branch(ctx, o, l.dir); err != nil {
			return "", err
		}
		if l.journal, err = journal.Resume(ctx, l.dir); err != nil {
			return "", err
		}
		fmt.Fprintf(s.err, "note: the memory is that of %s up to session %s; the money starts anew\n", o.fromRun, fresh)
	} else if l.journal, _, err = p.openJournal(ctx, l.dir, false); err != nil {
		return "", err
	}
	l.close = append(l.close, l.journal.Close)
	return fresh, writeProfiles(l.dir, p.profiles)
}

// branch copies a run to dir, for the loop to go on from its memory, and gives its
// last session.
func (p *plan) branch(ctx context.Context, o paperOptions, dir string) (data.Session, error) {
	from, err := findRun(o.runsDir, o.fromRun)
	if err != nil {
		return "", err
	}
	j, err := journal.Read(ctx, from)
	if err != nil {
		return "", err
	}
	defer j.Close()
	meta, err := j.Meta(ctx)
	if err != nil {
		return "", err
	}
	embedder, err := p.embedder()
	if err != nil {
		return "", err
	}
	if err := embedder.Identity().Check(meta.Embedder); err != nil {
		return "", hinted{fmt.Errorf("%s: %w", from, err), "the loop needs the embedder of the run that its memory comes from"}
	}
	symbols, err := j.Symbols(ctx)
	if err != nil {
		return "", err
	}
	if have, want := strings.Join(symbols, ", "), strings.Join(p.symbols, ", "); have != want {
		return "", fmt.Errorf("%s remembers %s, and the loop trades %s: they have to be the same", from, have, want)
	}
	sessions, err := j.Sessions(ctx)
	if err != nil {
		return "", err
	}
	last := sessions[len(sessions)-1]
	if last >= p.config.Window.From {
		return "", fmt.Errorf("%s ends on %s, which is not before the loop's first session %s", from, last, p.config.Window.From)
	}
	p.settings[settingAfter] = string(last)
	text, err := p.config.TOML()
	if err != nil {
		return "", err
	}
	return last, j.Branch(ctx, dir, journal.Meta{Version: version, Config: text, Embedder: meta.Embedder, Settings: p.settings})
}

// books are those of the agents as the journal left them. Up to session fresh the
// money was another run's.
func (l *paperLoop) books(ctx context.Context, fresh data.Session) ([]*backtest.Book, error) {
	books, store, agents, err := l.plan.agentBooks(nil)
	if err != nil {
		return nil, err
	}
	sessions, err := l.journal.Sessions(ctx)
	if err != nil || len(sessions) == 0 {
		return books, err
	}
	if err := l.plan.remember(ctx, l.journal, books, store, agents); err != nil {
		return nil, err
	}
	if sessions[len(sessions)-1] <= fresh {
		return books, nil
	}
	return books, l.plan.restoreBooks(ctx, l.journal, books)
}

// market is what the loop sees: the dataset, read anew for each session, or the
// one that is played.
func (l *paperLoop) market(s *streams, c config, o paperOptions, schedule paper.Schedule, clock paper.Clock) paper.Market {
	p := l.plan
	shelf := &paper.Shelf{Calendar: p.calendar, Clock: clock, Before: max(-schedule.After, 0)}
	if o.replay != "" {
		shelf.Until = p.config.Window.To
		played := &paper.Snapshot{Histories: p.histories}
		shelf.Read = func(context.Context) (*paper.Snapshot, error) { return played, nil }
		return shelf
	}
	var last *paper.Snapshot
	var lastState string
	shelf.Read = func(ctx context.Context) (*paper.Snapshot, error) {
		state, err := folderState(c.Data)
		if err != nil {
			return nil, err
		}
		if last != nil && state == lastState {
			return last, nil
		}
		ds, err := data.ReadDataset(ctx, c.Data)
		if err != nil {
			return nil, err
		}
		histories, err := scoredHistories(ctx, ds, p.symbols)
		if err != nil {
			return nil, err
		}
		last, lastState = &paper.Snapshot{Histories: histories}, state
		return last, nil
	}
	if !c.Paper.Update {
		return shelf
	}
	return &paper.Refreshed{Market: shelf, Clock: clock, Final: schedule.Deadline, Refresh: func(ctx context.Context, _ data.Session) error {
		network := newFetchNetwork(s, c.Data, "")
		opts := fetch.Options{Now: clock.Now, Settle: max(schedule.After, 0)}
		if _, err := updateDataset(ctx, c.Data, p.symbols, fetchVendors{}, network, opts); err != nil {
			return err
		}
		return network.Cache.Prune(clock.Now())
	}}
}

// folderState tells whether a file in dir has changed: names, sizes and times.
func folderState(dir string) (string, error) {
	var state strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&state, path, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("looking at the dataset: %w", err)
	}
	return state.String(), nil
}

// sameBroker refuses to go on with another broker than the loop began with: the
// ledger is that of an account there, and so are the orders on their way.
func (l *paperLoop) sameBroker(ctx context.Context, name string) error {
	meta, err := l.journal.Meta(ctx)
	if err != nil {
		return err
	}
	kept, err := keptConfig(meta, l.dir)
	if err != nil {
		return err
	}
	if kept.Paper != nil && kept.Paper.Broker != name {
		return hinted{fmt.Errorf("%s began with paper.broker %q and cannot go on with %q", l.dir, kept.Paper.Broker, name),
			"another --dir is another loop; --from-run carries the memory over"}
	}
	return nil
}

// accountFile is where a simulated account is, in the loop's folder.
const accountFile = "account.db"

// simulated opens the account that the loop keeps itself.
func (l *paperLoop) simulated(ctx context.Context, clock paper.Clock) (paper.Broker, error) {
	p := l.plan
	adjustment := p.engine.Adjustment
	if p.engine.Live {
		adjustment = data.Raw // the account meets each price on its day
	}
	b, err := simulated.Open(ctx, filepath.Join(l.dir, accountFile), simulated.Config{Symbols: p.symbols, Cash: p.engine.Cash,
		Sim: p.engine.Sim, Adjustment: adjustment, Clock: clock})
	if err != nil {
		return nil, err
	}
	l.close = append(l.close, b.Close)
	return b, nil
}

// report prints the results of a replay.
func (l *paperLoop) report(ctx context.Context, s *streams) error {
	against, err := l.plan.comparison(baselineFlags{set: "basic"})
	if err != nil {
		return err
	}
	r, err := l.plan.report(ctx, l.journal, filepath.Base(l.dir), against)
	if err != nil {
		return err
	}
	if err := l.journal.Finish(ctx); err != nil {
		return err
	}
	if err := writePage(ctx, l.journal, r); err != nil {
		return err
	}
	if err := writeArtifacts(l.dir, r); err != nil {
		return err
	}
	printReport(s.out, r)
	fmt.Fprintf(s.out, "\nDigest %s, that of a backtest with the same settings\nLoop kept in %s\n", r.Digest, l.dir)
	return nil
}
