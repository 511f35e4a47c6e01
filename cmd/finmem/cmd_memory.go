package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/backtest/journal"
	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
)

func newMemoryCmd(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "memory",
		Short: "Look into what a run remembered",
		Long: `memory looks into what a run remembered, at its end or at the end of any
earlier session. Looking changes nothing: not the file, not a score, not a count.`,
	}
	cmd.AddCommand(
		newMemoryStatsCmd(s),
		newMemoryDynamicsCmd(s),
		newMemoryListCmd(s),
		newMemoryShowCmd(s),
		newMemorySearchCmd(s),
		newMemoryTraceCmd(s),
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
	if _, err = toml.Decode(v.meta.Config, &v.config); err != nil {
		return nil, fmt.Errorf("the configuration kept in %s: %w", dir, tomlError(err))
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
			if len(c.ID) < len(id) || c.ID[:len(id)] != id {
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

func newMemoryStatsCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "stats RUN",
		Short:   "Count what each layer holds",
		Example: "  finmem memory stats RUN --as-of 2024-03-28",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			v, err := f.open(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			defer v.journal.Close()
			return v.stats(cmd.Context(), s, f.json)
		},
	}
	f.add(cmd)
	return cmd
}

// layerStats is what one layer of one symbol holds.
type layerStats struct {
	Symbol         string       `json:"symbol"`
	Layer          memory.Layer `json:"layer"`
	Live           int          `json:"live"`
	MeanImportance *float64     `json:"meanImportance"`
	MeanAge        *float64     `json:"meanAge"`
	Oldest         string       `json:"oldest,omitempty"`
	Newest         string       `json:"newest,omitempty"`
	Cited          int          `json:"cited"`   // events that feedback reached
	Offered        int          `json:"offered"` // events shown to a decision
}

func (v *view) stats(ctx context.Context, s *streams, asJSON bool) error {
	var rows []layerStats
	ever := map[string]int{}
	for _, symbol := range v.symbols {
		changes, err := v.journal.Changes(ctx, symbol, v.asOf)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if c.Op == memory.OpAdd {
				ever[symbol]++
			}
		}
		live := v.store.Live(symbol)
		for _, l := range memory.Layers() {
			row := layerStats{Symbol: symbol, Layer: l}
			var importance, age float64
			for _, e := range live {
				if e.Layer != l {
					continue
				}
				row.Live++
				importance += e.Importance
				age += float64(e.Age)
				if row.Oldest == "" || e.Session < row.Oldest {
					row.Oldest = e.Session
				}
				row.Newest = max(row.Newest, e.Session)
				if e.Access != 0 {
					row.Cited++
				}
				if e.Recalled > 0 {
					row.Offered++
				}
			}
			if row.Live > 0 {
				importance /= float64(row.Live)
				age /= float64(row.Live)
				row.MeanImportance, row.MeanAge = &importance, &age
			}
			rows = append(rows, row)
		}
	}
	if asJSON {
		return writeJSON(s.out, rows)
	}
	fmt.Fprintf(s.out, "Memory at the end of %s, constants %s, embedder %s\n\n", v.asOf, v.config.Memory.Preset, v.meta.Embedder)
	t := newTable(s.out)
	t.AppendHeader(table.Row{"symbol", "layer", "live", "mean importance", "mean age (sessions)", "oldest", "newest", "offered", "with feedback"})
	right(t, 3, 9)
	for _, r := range rows {
		t.AppendRow(table.Row{r.Symbol, r.Layer, r.Live, optional(r.MeanImportance), optional(r.MeanAge), orNone(r.Oldest), orNone(r.Newest), r.Offered, r.Cited})
	}
	t.Render()
	fmt.Fprintln(s.out)
	for _, symbol := range v.symbols {
		live := len(v.store.Live(symbol))
		fmt.Fprintf(s.out, "%s: %d live, %d forgotten, %d ever remembered\n", symbol, live, ever[symbol]-live, ever[symbol])
	}
	return nil
}

// optional is a mean that may not exist.
func optional(f *float64) string {
	if f == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.1f", *f)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func newMemoryListCmd(s *streams) *cobra.Command {
	var f inspectFlags
	var layer string
	var limit int
	cmd := &cobra.Command{
		Use:     "list RUN",
		Short:   "List the live events, most important first",
		Example: "  finmem memory list RUN --symbol TSLA --layer long",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error {
			var only *memory.Layer
			if layer != "" {
				l, err := memory.ParseLayer(layer)
				if err != nil {
					return usagef(cmd, "--layer: %v", err)
				}
				only = &l
			}
			if limit < 0 {
				return usagef(cmd, "--limit %d: want 0 (all) or more", limit)
			}
			v, err := f.open(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			defer v.journal.Close()
			return v.list(s, only, limit, f.json)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&layer, "layer", "", "only this `layer`: short, mid, long or reflection")
	cmd.Flags().IntVar(&limit, "limit", 20, "show at most so many per symbol; 0 for all")
	return cmd
}

func (v *view) list(s *streams, only *memory.Layer, limit int, asJSON bool) error {
	shown := []eventJSON{}
	left := 0
	for _, symbol := range v.symbols {
		events := slices.DeleteFunc(v.store.Live(symbol), func(e memory.Event) bool { return only != nil && e.Layer != *only })
		slices.SortStableFunc(events, func(a, b memory.Event) int {
			switch {
			case a.Importance > b.Importance:
				return -1
			case a.Importance < b.Importance:
				return 1
			}
			return 0
		})
		if limit > 0 && len(events) > limit {
			left += len(events) - limit
			events = events[:limit]
		}
		for _, e := range events {
			shown = append(shown, toJSON(e))
		}
	}
	if asJSON {
		return writeJSON(s.out, shown)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"id", "symbol", "layer", "session", "source", "importance", "recency", "age", "access", "offered", "text"})
	right(t, 6, 10)
	for _, e := range shown {
		t.AppendRow(table.Row{e.ID, e.Symbol, e.Layer, e.Session, e.Source, fmt.Sprintf("%.2f", e.Importance), fmt.Sprintf("%.4f", e.Recency), e.Age, e.Access, e.Recalled, printable.Cut(printable.Line(e.Text), 60)})
	}
	t.Render()
	if left > 0 {
		fmt.Fprintf(s.out, "\n%d more; --limit 0 lists all\n", left)
	}
	return nil
}

func newMemoryShowCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "show RUN ID",
		Short:   "Show one event whole",
		Example: "  finmem memory show RUN 3f2a90c1",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			v, err := f.open(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			defer v.journal.Close()
			e, changes, err := v.find(cmd.Context(), a[1])
			if err != nil {
				return err
			}
			live, alive := v.store.Get(e.Symbol, e.ID)
			if alive {
				e = live
			} else {
				e = after(e, changes[len(changes)-1])
			}
			if f.json {
				return writeJSON(s.out, struct {
					eventJSON
					Forgotten bool `json:"forgotten"`
				}{toJSON(e), !alive})
			}
			printEvent(s, e, alive)
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

// after is the event as its last change left it.
func after(e memory.Event, c memory.Change) memory.Event {
	e.Layer, e.Importance, e.Recency, e.Age, e.Access, e.Recalled = c.Layer, c.Importance, c.Recency, c.Age, c.Access, c.Recalled
	return e
}

func printEvent(s *streams, e memory.Event, alive bool) {
	state := "live"
	if !alive {
		state = "forgotten"
	}
	fmt.Fprintf(s.out, "%s  %s, %s layer, %s\n", e.ID, e.Symbol, e.Layer, state)
	fmt.Fprintf(s.out, "source      %s, session %s", printable.Line(e.Source), e.Session)
	if e.Part != "" {
		fmt.Fprintf(s.out, ", part %s", e.Part)
	}
	if e.Copies > 1 {
		fmt.Fprintf(s.out, ", %d copies", e.Copies)
	}
	fmt.Fprintln(s.out)
	if e.Tone != nil {
		fmt.Fprintf(s.out, "tone        %+.3f\n", *e.Tone)
	}
	fmt.Fprintf(s.out, "importance  %.4f\nrecency     %.6f (age %s)\naccess      %+d\noffered     %s\n\n%s\n",
		e.Importance, e.Recency, count(e.Age, "session"), e.Access, count(e.Recalled, "time"), printable.Text(e.Text))
}

func newMemorySearchCmd(s *streams) *cobra.Command {
	var f inspectFlags
	var topK int
	var minRelevancy float64
	cmd := &cobra.Command{
		Use:   "search RUN QUERY",
		Short: "Recall the best events of each layer for a question",
		Long: `search recalls what a decision with this question would have been offered: per
layer the events with the highest score, which is the raw cosine similarity plus
recency plus importance/100. Nothing is rescaled: an off-topic question has low
similarities throughout.`,
		Example: `  finmem memory search RUN "battery supply" --symbol TSLA --as-of 2024-03-28`,
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			v, err := f.open(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			defer v.journal.Close()
			symbol, err := v.one(cmd)
			if err != nil {
				return err
			}
			q := memory.Query{Symbol: symbol, AsOf: string(v.asOf), K: topK}
			if cmd.Flags().Changed("min-relevancy") {
				q.MinRelevancy = &minRelevancy
			}
			return v.search(cmd.Context(), s, q, a[1], f.json)
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&topK, "top-k", 0, "events per layer; default as in the run")
	cmd.Flags().Float64Var(&minRelevancy, "min-relevancy", 0, "leave out events with a lower cosine similarity")
	return cmd
}

func (v *view) search(ctx context.Context, s *streams, q memory.Query, text string, asJSON bool) error {
	embedder, err := newEmbedder(v.config.Model.Embedder)
	if err != nil {
		return err
	}
	if err := embedder.Identity().Check(v.meta.Embedder); err != nil {
		return err
	}
	vectors, err := embedder.Embed(ctx, []string{text})
	if err != nil {
		return fmt.Errorf("embedding the question: %w", err)
	}
	q.Vector = vectors[0]
	hits, err := v.store.Recall(ctx, q)
	if err != nil {
		return err
	}
	if asJSON {
		shown := []eventJSON{}
		for _, h := range hits {
			e := toJSON(h.Event)
			e.Score = &h.Score
			shown = append(shown, e)
		}
		return writeJSON(s.out, shown)
	}
	t := newTable(s.out)
	t.AppendHeader(table.Row{"layer", "id", "session", "score", "similarity", "recency", "importance", "text"})
	right(t, 4, 7)
	for _, h := range hits {
		t.AppendRow(table.Row{h.Event.Layer, h.Event.ID, h.Event.Session, fmt.Sprintf("%.4f", h.Score.Total), fmt.Sprintf("%.4f", h.Score.Relevancy),
			fmt.Sprintf("%.4f", h.Score.Recency), fmt.Sprintf("%.4f", h.Score.Importance), printable.Cut(printable.Line(h.Event.Text), 60)})
	}
	t.Render()
	return nil
}

func newMemoryTraceCmd(s *streams) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:     "trace RUN ID",
		Short:   "Tell the life of one event: born, offered, rewarded, moved, forgotten",
		Example: "  finmem memory trace RUN 3f2a90c1",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			v, err := f.open(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			defer v.journal.Close()
			e, changes, err := v.find(cmd.Context(), a[1])
			if err != nil {
				return err
			}
			if f.json {
				return writeJSON(s.out, traceJSON(changes))
			}
			fmt.Fprintf(s.out, "%s  %s, %s of session %s: %s\n\n", e.ID, e.Symbol, printable.Line(e.Source), e.Session, printable.Cut(printable.Line(e.Text), 100))
			t := newTable(s.out)
			t.AppendHeader(table.Row{"session", "what", "layer", "importance", "recency", "age", "access", "offered"})
			right(t, 4, 8)
			for _, c := range changes {
				what := string(c.Op)
				if c.Op == memory.OpFeedback {
					what = fmt.Sprintf("feedback %+d", c.Points)
				}
				t.AppendRow(table.Row{c.Session, what, c.Layer, fmt.Sprintf("%.4f", c.Importance), fmt.Sprintf("%.6f", c.Recency), c.Age, c.Access, c.Recalled})
			}
			t.Render()
			if live, ok := v.store.Get(e.Symbol, e.ID); ok {
				fmt.Fprintf(s.out, "\nat the end of %s: %s layer, importance %.4f, recency %.6f, age %s\n", v.asOf, live.Layer, live.Importance, live.Recency, count(live.Age, "session"))
			}
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

// changeJSON is one step of an event's life.
type changeJSON struct {
	Session    string       `json:"session"`
	Op         memory.Op    `json:"op"`
	Points     int          `json:"points"`
	Layer      memory.Layer `json:"layer"`
	Importance float64      `json:"importance"`
	Recency    float64      `json:"recency"`
	Age        int          `json:"age"`
	Access     int          `json:"access"`
	Recalled   int          `json:"recalled"`
}

func traceJSON(changes []memory.Change) []changeJSON {
	list := make([]changeJSON, len(changes))
	for i, c := range changes {
		list[i] = changeJSON{c.Session, c.Op, c.Points, c.Layer, c.Importance, c.Recency, c.Age, c.Access, c.Recalled}
	}
	return list
}
