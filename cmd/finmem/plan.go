package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
	"finmem/data/sample"
	"finmem/data/sentiment"
	"finmem/profile"
)

// sampleFrom is where the sample's test window starts; what lies before is
// warm-up.
const sampleFrom data.Session = "2024-01-02"

// A plan is a run that has been checked as far as it can be without asking a
// model: its data, its sessions, who trades, and all that names it.
type plan struct {
	config   config
	meta     data.Meta
	calendar *data.Calendar
	sessions []data.Session // warm-up and test
	before   data.Session   // the session before the test window
	symbols  []string
	feeds    map[string]*data.Feed
	// histories are what the feeds were made of.
	histories map[string]data.History
	actions   map[string][]data.Action
	profiles  map[string]profile.Profile
	engine    backtest.Config
	settings  map[string]string
	warnings  []string
	// connection is nil where no model is called.
	connection *connection
	// embedder makes the embedder, the same each time. A remote one is first
	// called when it is first needed.
	embedder func() (embedder, error)
	// spending follows what the run takes of its models.
	spending *spending
}

// newPlan reads the data and the profiles and checks that they fit the
// configuration, which it completes with what the dataset decides.
func newPlan(ctx context.Context, c config) (*plan, error) {
	return makePlan(ctx, c, (*plan).window)
}

// newOpenPlan is the plan of a run that goes on from c.Window.From for as long as
// there are sessions. Its dataset need not reach that far.
func newOpenPlan(ctx context.Context, c config) (*plan, error) {
	return makePlan(ctx, c, (*plan).openWindow)
}

func makePlan(ctx context.Context, c config, window func(*plan, *config, map[string]data.History) error) (*plan, error) {
	ds, err := openDataset(ctx, c.Data)
	if err != nil {
		return nil, err
	}
	p := &plan{meta: ds.Meta, feeds: map[string]*data.Feed{}, actions: map[string][]data.Action{}, profiles: map[string]profile.Profile{}}
	if p.calendar, err = data.CalendarByName(ds.Meta.Calendar); err != nil {
		return nil, err
	}
	if len(c.Symbols) == 0 {
		c.Symbols = ds.Symbols()
	}
	p.symbols = c.Symbols
	if p.histories, err = scoredHistories(ctx, ds, p.symbols); err != nil {
		return nil, err
	}
	for _, s := range p.symbols {
		if p.feeds[s], err = data.NewFeed(p.calendar, p.histories[s], data.FeedOptions{}); err != nil {
			return nil, err
		}
		if p.actions[s], err = p.calendar.OnSessions(p.histories[s].Actions); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	if err := window(p, &c, p.histories); err != nil {
		return nil, err
	}
	if err := p.readProfiles(c); err != nil {
		return nil, err
	}
	p.config = c
	if err := p.engineConfig(); err != nil {
		return nil, err
	}
	p.warn()
	if err := p.name(ds); err != nil {
		return nil, err
	}
	if remote(c.Model.Name) || remote(c.Model.Embedder) {
		if p.connection, err = connect(ctx, c.calling); err != nil {
			return nil, err
		}
	}
	if p.spending, err = (&budgetFlags{}).spending(c.Model.Name, c.Model.Embedder); err != nil {
		return nil, err
	}
	p.embedder = sync.OnceValues(func() (embedder, error) { return newEmbedder(ctx, p.config.Model, p.connection) })
	return p, nil
}

// scoredHistories are those of some symbols with the tone of their news.
func scoredHistories(ctx context.Context, ds *data.Dataset, symbols []string) (map[string]data.History, error) {
	analyzer := sentiment.New()
	histories := map[string]data.History{}
	for _, s := range symbols {
		h, err := ds.History(s)
		if err != nil {
			return nil, err
		}
		h.News = slices.Clone(h.News) // the dataset's own stays as it is
		if _, err := analyzer.Fill(ctx, &h); err != nil {
			return nil, err
		}
		histories[s] = h
	}
	return histories, nil
}

// openDataset reads a dataset folder, or makes the sample.
func openDataset(ctx context.Context, dir string) (*data.Dataset, error) {
	if dir == "" {
		return sample.Generate(sample.DefaultSeed)
	}
	return data.ReadDataset(ctx, dir)
}

// window completes and checks the window: which sessions there are, and that
// every symbol has prices in the part that is scored.
func (p *plan) window(c *config, histories map[string]data.History) error {
	first, last := data.Session(""), data.Session("")
	for _, s := range p.symbols {
		bars := histories[s].Bars
		if len(bars) == 0 {
			return fmt.Errorf("no prices for %s in the dataset", s)
		}
		if first == "" || bars[0].Session < first {
			first = bars[0].Session
		}
		last = max(last, bars[len(bars)-1].Session)
	}
	w := &c.Window
	if w.From == "" && c.Data == "" {
		w.From = sampleFrom
	}
	if w.From == "" {
		return usagef(nil, "--from is needed: the first date of the scored test window; the dataset has %s to %s", first, last)
	}
	if w.WarmupFrom == "" {
		w.WarmupFrom = min(first, w.From)
	}
	if w.To == "" && w.From > last {
		return fmt.Errorf("no prices for %s from %s on; the dataset has %s to %s", strings.Join(p.symbols, ", "), w.From, first, last)
	}
	if w.To == "" {
		w.To = last
	}
	for _, date := range []struct {
		flag string
		is   *data.Session
	}{{"warmup-from", &w.WarmupFrom}, {"from", &w.From}} {
		if *date.is < first && w.To >= first {
			p.warnings = append(p.warnings, fmt.Sprintf("prices start on %s: --%s %s is taken as that", first, date.flag, *date.is))
			*date.is = first
		}
	}
	if err := (backtest.Window{WarmupFrom: w.WarmupFrom, From: w.From, To: w.To}).Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	sessions, err := p.calendar.Range(w.WarmupFrom, w.To)
	if err != nil {
		return usagef(nil, "%v", err)
	}
	if n := len(sessions); n > 0 && sessions[n-1] > last {
		cut := sessions
		sessions = slices.DeleteFunc(slices.Clone(sessions), func(s data.Session) bool { return s > last })
		cut = cut[len(sessions):]
		p.warnings = append(p.warnings, fmt.Sprintf("prices end on %s; %s missing (%s); the test ends on %s", last, count(len(cut), "session"), span(cut), last))
	}
	test := slices.IndexFunc(sessions, func(s data.Session) bool { return s >= w.From })
	if test < 0 {
		return fmt.Errorf("no prices for %s in [%s, %s]; the dataset has %s to %s", strings.Join(p.symbols, ", "), w.From, w.To, first, last)
	}
	for _, s := range p.symbols {
		if err := p.coverage(s, sessions[test:]); err != nil {
			return err
		}
	}
	w.From, w.To = sessions[test], sessions[len(sessions)-1]
	if p.before, err = p.calendar.Prev(w.From); err != nil {
		return err
	}
	p.sessions = sessions
	return nil
}

// openWindow completes and checks a window that has no end. c.Window.From is a
// session already.
func (p *plan) openWindow(c *config, histories map[string]data.History) (err error) {
	w := &c.Window
	w.To = ""
	if w.WarmupFrom == "" {
		w.WarmupFrom = w.From
	}
	if w.WarmupFrom < w.From {
		first := w.From
		for _, s := range p.symbols {
			if bars := histories[s].Bars; len(bars) > 0 {
				first = min(first, bars[0].Session)
			}
		}
		w.WarmupFrom = max(w.WarmupFrom, first)
	}
	if err := (backtest.Window{WarmupFrom: w.WarmupFrom, From: w.From}).Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	if w.WarmupFrom, err = p.calendar.RollDate(w.WarmupFrom); err != nil {
		return usagef(nil, "%v", err)
	}
	p.before, err = p.calendar.Prev(w.From)
	return err
}

// coverage warns of scored sessions without a price and refuses a window that
// has none at all.
func (p *plan) coverage(symbol string, sessions []data.Session) error {
	var missing []data.Session
	for _, s := range sessions {
		day, err := p.feeds[symbol].Day(s)
		if err != nil {
			return err
		}
		if !day.HasBar {
			missing = append(missing, s)
		}
	}
	if len(missing) == len(sessions) {
		return fmt.Errorf("no prices for %s in [%s, %s]", symbol, sessions[0], sessions[len(sessions)-1])
	}
	if len(missing) > 0 {
		p.warnings = append(p.warnings, fmt.Sprintf("%s has no price on %s of the test window (%s): equity is carried, nothing trades", symbol, count(len(missing), "session"), span(missing)))
	}
	return nil
}

// readProfiles finds who trades each symbol: a file that names it, a file that
// names none, the built-in profile, or the generic one.
func (p *plan) readProfiles(c config) error {
	own := map[string]profile.Profile{}
	for _, path := range c.Profile.Files {
		f, err := profile.Load(path)
		if err != nil {
			return err
		}
		if _, twice := own[f.Symbol]; twice {
			return usagef(nil, "two profiles for symbol %q; the second is %s", f.Symbol, path)
		}
		own[f.Symbol] = f
	}
	for symbol := range own {
		if symbol != "" && !slices.Contains(p.symbols, symbol) {
			return usagef(nil, "a profile is about %s, which this run does not trade; it trades %s", symbol, strings.Join(p.symbols, ", "))
		}
	}
	for _, s := range p.symbols {
		who, found := own[s]
		if !found {
			who, found = own[""]
		}
		if !found {
			who = p.builtin(s, c.Window.From)
		}
		who, err := who.For(s)
		if err != nil {
			return err
		}
		if c.Profile.Inclination != "" {
			who.Inclination = profile.Inclination(c.Profile.Inclination)
		}
		if c.Profile.Query != "" {
			who.Query = profile.Query(c.Profile.Query)
		}
		if err := who.Validate(); err != nil {
			return usagef(nil, "%v", err)
		}
		if err := who.CheckDates(string(c.Window.From)); err != nil {
			return err
		}
		p.profiles[s] = who
	}
	return nil
}

// builtin is the built-in profile of a symbol, or the generic one where there is
// none or where it states what was not known before the test.
func (p *plan) builtin(symbol string, from data.Session) profile.Profile {
	who, found := profile.Builtin(symbol)
	if !found {
		return profile.Generic(symbol)
	}
	if who.CheckDates(string(from)) != nil {
		p.warnings = append(p.warnings, fmt.Sprintf("the built-in profile of %s states what was not known before %s: the generic one is used", symbol, from))
		return profile.Generic(symbol)
	}
	return who
}

func (p *plan) engineConfig() error {
	c := p.config
	cash, err := udecimal.Parse(c.Broker.Cash)
	if err != nil || !cash.IsPos() {
		return usagef(nil, "cash %q: want an amount of money above zero", c.Broker.Cash)
	}
	lot, err := udecimal.Parse(c.Broker.Lot)
	if err != nil || !lot.IsPos() {
		return usagef(nil, "lot %q: want a number of shares above zero", c.Broker.Lot)
	}
	p.engine = backtest.Config{
		Window: backtest.Window(c.Window),
		Cash:   cash,
		Sim: broker.Sim{
			Costs: broker.Costs{CommissionBps: c.Broker.CommissionBps, SlippageBps: c.Broker.SlippageBps},
			Lot:   lot, Short: c.Broker.Short,
		},
		Sizing:       broker.Sizing{TargetWeight: c.Broker.TargetWeight, Short: c.Broker.Short},
		Adjustment:   p.meta.Adjustment,
		LookBack:     c.Run.LookBackBars,
		MaxErrorDays: c.Agent.MaxErrorDays,
	}
	if err := p.engine.Sim.Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	if err := p.engine.Sizing.Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	if p.engine.Limits, err = backtest.LimitSettings(c.Limits).Limits(backtest.PeriodsPerYear(p.meta.Calendar)); err != nil {
		return usagef(nil, "limits: %v", err)
	}
	thinking := c.agent()
	if err := thinking.Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	if c.Run.LookBackBars < thinking.Bars() {
		return usagef(nil, "look_back_bars %d: with these settings the agent needs to see at least %d bars", c.Run.LookBackBars, thinking.Bars())
	}
	if !(c.Run.RiskFree > -1 && c.Run.RiskFree < 1) {
		return usagef(nil, "risk-free rate %v: want a yearly rate as a fraction, such as 0.04 for 4 %%", c.Run.RiskFree)
	}
	if c.Agent.MaxErrorDays < 0 {
		return usagef(nil, "max-error-days %d: want 0 (never stop) or more", c.Agent.MaxErrorDays)
	}
	if c.Run.Seed > math.MaxInt64 {
		return usagef(nil, "seed %d: want at most %d", c.Run.Seed, int64(math.MaxInt64))
	}
	if c.Run.Variants < 1 {
		return usagef(nil, "variants %d: want at least 1, the one that is shown", c.Run.Variants)
	}
	if err := c.Memory.Validate(); err != nil {
		return usagef(nil, "%v", err)
	}
	return nil
}

// warn collects what a reader of the results must know about the data.
func (p *plan) warn() {
	if p.meta.PriceKind == data.CloseOnly {
		p.warnings = append(p.warnings, "the dataset has one price a session: orders fill at the next session's close, not at its open")
	}
	if p.meta.Adjustment == data.UnknownAdjustment {
		p.warnings = append(p.warnings, "the dataset does not say whether its prices contain splits and dividends: none are added")
	}
	if p.config.Window.WarmupFrom == p.config.Window.From {
		p.warnings = append(p.warnings, "there is no warm-up: the agent starts the test with an empty memory")
	}
	p.warnings = append(p.warnings, p.training().Notes()...)
}

// contentOf begins the names of settings that are digests.
const contentOf = "content of "

// name settles what the run is, setting by setting, down to the digests of data
// and profiles. The folder that the data lies in does not matter.
func (p *plan) name(ds *data.Dataset) error {
	settings, err := p.config.settings()
	if err != nil {
		return err
	}
	delete(settings, "data")
	delete(settings, "profile.files")
	delete(settings, "run.variants") // how many were tried is known only in the end
	delete(settings, "model.training_cutoff")
	maps.DeleteFunc(settings, func(name, _ string) bool { return strings.HasPrefix(name, "paper.") })
	delete(settings, "model.embedding.url")
	delete(settings, "model.embedding.batch")
	settings["version"] = version
	settings["dataset.calendar"] = p.meta.Calendar
	settings["dataset.adjustment"] = string(p.meta.Adjustment)
	settings["dataset.price_kind"] = string(p.meta.PriceKind)
	for _, s := range p.symbols {
		settings[contentOf+"the data of "+s] = ds.Digest(s)
		var text strings.Builder
		if err := p.profiles[s].WriteTOML(&text); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(text.String()))
		settings[contentOf+"the profile of "+s] = hex.EncodeToString(sum[:])
	}
	p.settings = settings
	return nil
}

// id names what is run: who, when and with which model. Runs that differ in
// anything else need a name of their own.
func (p *plan) id() string {
	who := strings.Join(p.symbols, "-")
	if len(p.symbols) > 4 {
		who = strconv.Itoa(len(p.symbols)) + "-symbols"
	}
	parts := []string{who, string(p.config.Window.From), string(p.config.Window.To), fileName(p.config.Model.Name)}
	if p.config.Data == "" {
		parts = append([]string{"sample"}, parts...)
	}
	return strings.Join(parts, "_")
}

// fileName replaces what does not belong into the name of a folder.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.':
			return r
		}
		return '-'
	}, s)
}

// count is "1 session" or "3 sessions".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// span names sessions: all of a few, the ends of many.
func span(sessions []data.Session) string {
	if len(sessions) > 5 {
		return fmt.Sprintf("%s to %s", sessions[0], sessions[len(sessions)-1])
	}
	names := make([]string, len(sessions))
	for i, s := range sessions {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
