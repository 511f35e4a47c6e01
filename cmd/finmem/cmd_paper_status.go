package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
	"finmem/paper"
	"finmem/paper/watch"
)

// paperDir is where loops are kept unless told otherwise.
const paperDir = "paper"

func newPaperStatusCmd(s *streams) *cobra.Command {
	var dir string
	var asJSON bool
	var events int
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what a loop does, holds, waits for and remembers",
		Long: `status reads a loop's folder, whether the loop runs or not, and changes nothing in
it. It shows the position, cash and orders of each symbol, the last decision and
the next, what the memory holds, and what happened last.`,
		Example: "  finmem paper status\n  finmem paper status --dir paper/mine --json",
		Args:    args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if events < 0 {
				return usagef(cmd, "--events %d: want a number from 0", events)
			}
			folder, err := loopFolder(dir)
			if err != nil {
				return err
			}
			st, err := readPaperStatus(cmd.Context(), folder, events, time.Now())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.out, st)
			}
			st.print(s.out)
			return nil
		},
	}
	addLoopDir(cmd, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().IntVar(&events, "events", 10, "how many of the last events to show")
	return cmd
}

func addLoopDir(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "dir", "", "`folder` of the loop; default the one below "+paperDir+", where there is only one")
}

// loopFolder finds the folder of a loop: the one named, or the only one there is.
// Replays count only where there is nothing else.
func loopFolder(dir string) (string, error) {
	isLoop := func(dir string) bool {
		_, ran, err := paper.ReadHealth(dir)
		return ran || err != nil
	}
	if dir != "" {
		if !isLoop(dir) {
			return "", hinted{fmt.Errorf("%s is not the folder of a loop", dir), "finmem paper run makes one"}
		}
		return dir, nil
	}
	entries, err := os.ReadDir(paperDir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	var loops, replays []string
	for _, e := range entries {
		path := filepath.Join(paperDir, e.Name())
		switch {
		case !isLoop(path):
		case strings.HasPrefix(e.Name(), "replay_"):
			replays = append(replays, path)
		default:
			loops = append(loops, path)
		}
	}
	if len(loops) == 0 {
		loops = replays
	}
	switch len(loops) {
	case 0:
		return "", hinted{fmt.Errorf("there is no loop below %s", paperDir), "finmem paper run makes one; --dir names one elsewhere"}
	case 1:
		return loops[0], nil
	}
	return "", hinted{fmt.Errorf("there are several loops: %s", strings.Join(loops, ", ")), "name one with --dir"}
}

// A paperStatus is what can be said of a loop from its folder.
type paperStatus struct {
	Dir    string `json:"dir"`
	Broker string `json:"broker,omitempty"`
	// Running is whether the loop's last word is recent and was not that it ended.
	Running bool `json:"running"`
	// NotReady are the reasons for which no order would be sent, empty where one
	// would be.
	NotReady []string       `json:"notReady"`
	Halt     paper.HaltFlag `json:"halt"`
	Health   *paper.Health  `json:"health"` // null before the loop first ran
	Symbols  []symbolStatus `json:"symbols"`
	// MemoryAsOf is the session at whose end Memory is counted.
	MemoryAsOf data.Session  `json:"memoryAsOf,omitempty"`
	Memory     []layerStats  `json:"memory"`
	Events     []paper.Event `json:"events"`
}

// A symbolStatus is the account of one symbol at the last session.
type symbolStatus struct {
	Symbol  string       `json:"symbol"`
	Session data.Session `json:"session"`
	Cash    string       `json:"cash"`
	Shares  string       `json:"shares"`
	// AverageCost and Close are null where there is no position or no price.
	AverageCost *float64 `json:"averageCost"`
	Close       *float64 `json:"close"`
	Equity      float64  `json:"equity"`
	// Status says how the session ended, Action and Reason what was decided.
	Status string       `json:"status"`
	Action string       `json:"action,omitempty"`
	Reason string       `json:"reason,omitempty"`
	Order  *orderStatus `json:"order"` // the open one, null for none
}

// An orderStatus is an order that has not ended.
type orderStatus struct {
	ID      string       `json:"id"`
	Decided data.Session `json:"decided"`
	Side    broker.Side  `json:"side"`
	Shares  string       `json:"shares"`
	paper.Sending
}

// readPaperStatus looks into a loop's folder.
func readPaperStatus(ctx context.Context, dir string, events int, now time.Time) (st paperStatus, err error) {
	st = paperStatus{Dir: dir, NotReady: []string{}, Symbols: []symbolStatus{}, Memory: []layerStats{}}
	if st.Halt, err = paper.ReadHalt(dir); err != nil {
		return st, err
	}
	if st.Events, err = watch.LastEvents(filepath.Join(dir, watch.EventsName), events); err != nil {
		return st, err
	}
	if st.Events == nil {
		st.Events = []paper.Event{}
	}
	settings := defaultPaper()
	if err := st.readJournal(ctx, &settings); err != nil && !errors.Is(err, journal.ErrNoRun) {
		return st, err
	}
	st.Broker = settings.Broker
	h, ran, err := paper.ReadHealth(dir)
	if err != nil {
		return st, err
	}
	if !ran {
		st.NotReady = append(st.NotReady, "it has not run yet")
		return st, nil
	}
	st.Health = &h
	st.Running = h.Doing != "stopped" && watch.Alive(h, now) == ""
	if h.Doing == "stopped" {
		st.NotReady = append(st.NotReady, "it has stopped")
	} else {
		st.NotReady = append(st.NotReady, watch.Ready(h, now, time.Duration(settings.Tolerance))...)
	}
	if st.Halt.Halted && h.Halted == "" { // the loop has not seen it yet
		st.NotReady = append(st.NotReady, "halted: "+printable.Line(st.Halt.Reason))
	}
	return st, nil
}

// readJournal takes in what the journal says.
func (st *paperStatus) readJournal(ctx context.Context, settings *paperConfig) (err error) {
	j, err := journal.Read(ctx, st.Dir)
	if err != nil {
		return err
	}
	sessions, err := j.Sessions(ctx)
	if err = errors.Join(err, j.Close()); err != nil || len(sessions) == 0 {
		return err
	}
	sending, err := paper.ReadSending(st.Dir)
	if err != nil {
		return err
	}
	f := inspectFlags{}
	return f.look(ctx, st.Dir, func(v *view) error {
		if v.config.Paper != nil {
			*settings = *v.config.Paper
		}
		for _, symbol := range v.symbols {
			records, err := v.journal.Records(ctx, symbol)
			if err != nil {
				return err
			}
			r := records[len(records)-1]
			one := symbolStatus{Symbol: symbol, Session: r.Session, Cash: r.State.Ledger.Cash, Shares: r.State.Ledger.Shares,
				Equity: r.Account.Equity, Status: string(r.Status)}
			if r.Account.Shares != 0 {
				one.AverageCost = &r.Account.AverageCost
			}
			if r.Close > 0 {
				one.Close = &r.Close
			}
			if r.Decision != nil {
				one.Action, one.Reason = string(r.Decision.Action), r.Decision.Reason
			}
			if r.Failure != nil {
				one.Reason = r.Failure.Reason
			}
			if o := r.State.Pending; o != nil {
				one.Order = &orderStatus{ID: o.ID, Decided: o.Decided, Side: o.Side, Shares: o.Shares.String(), Sending: sending[o.ID]}
			}
			st.Symbols = append(st.Symbols, one)
		}
		st.MemoryAsOf = v.asOf
		st.Memory, _, err = v.layers(ctx)
		return err
	})
}

func (st paperStatus) print(w io.Writer) {
	state := "stopped"
	switch {
	case st.Health == nil:
		state = "has not run yet"
	case st.Running:
		state = "running: " + printable.Line(st.Health.Doing)
	case st.Health.Doing != "stopped":
		state = "not running, or hanging: " + strings.Join(st.NotReady, "; ")
	}
	fmt.Fprintf(w, "Loop %s, broker %s, %s\n", st.Dir, st.Broker, state)
	if st.Halt.Halted {
		fmt.Fprintf(w, "Halted since %s: %s\n", moment(st.Halt.At), printable.Line(st.Halt.Reason))
	}
	if h := st.Health; h != nil {
		fmt.Fprintf(w, "Last beat %s, last session %s, missed sessions %d, error days in a row %d\n", moment(h.Beat), orNone(string(h.Last)), h.Missed, h.ErrorDays)
		if h.Next > h.Last {
			fmt.Fprintf(w, "Next decision: session %s at %s\n", h.Next, moment(h.NextTime))
		}
		if h.Fault != "" {
			fmt.Fprintf(w, "Last failure: %s\n", printable.Line(h.Fault))
		}
	}
	if st.Running && len(st.NotReady) > 0 {
		fmt.Fprintf(w, "Not ready: %s\n", strings.Join(st.NotReady, "; "))
	}
	st.printSymbols(w)
	st.printMemory(w)
	if len(st.Events) > 0 {
		fmt.Fprintln(w, "\nLast events")
	}
	for _, e := range st.Events {
		words := []string{moment(e.At), string(e.Kind)}
		for _, word := range []string{string(e.Session), e.Symbol, printable.Cut(printable.Line(e.Text), 120)} {
			if word != "" {
				words = append(words, word)
			}
		}
		fmt.Fprintln(w, strings.Join(words, "  "))
	}
}

func (st paperStatus) printSymbols(w io.Writer) {
	if len(st.Symbols) == 0 {
		return
	}
	fmt.Fprintf(w, "\nAt the end of %s\n\n", st.Symbols[0].Session)
	t := newTable(w)
	t.AppendHeader(table.Row{"symbol", "shares", "average cost", "close", "cash", "equity", "decision", "open order"})
	right(t, 2, 6)
	for _, s := range st.Symbols {
		decision := s.Action
		if decision == "" {
			decision = s.Status
		}
		t.AppendRow(table.Row{s.Symbol, s.Shares, money(s.AverageCost), money(s.Close), s.Cash, fmt.Sprintf("%.2f", s.Equity), decision, s.Order.words()})
	}
	t.Render()
}

func money(x *float64) string {
	if x == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.2f", *x)
}

func (o *orderStatus) words() string {
	if o == nil {
		return "none"
	}
	text := fmt.Sprintf("%s %s, ", o.Side, o.Shares)
	switch {
	case o.Accepted:
		return text + "at the broker"
	case o.Dropped != "":
		return text + printable.Cut(printable.Line(o.Dropped), 60)
	}
	return text + "not sent yet"
}

func (st paperStatus) printMemory(w io.Writer) {
	if len(st.Memory) == 0 {
		return
	}
	fmt.Fprintln(w, "\nLive memories")
	fmt.Fprintln(w)
	t := newTable(w)
	header := table.Row{"symbol"}
	for _, l := range memory.Layers() {
		header = append(header, fmt.Sprint(l))
	}
	t.AppendHeader(header)
	right(t, 2, len(header))
	for _, s := range st.Symbols {
		row := table.Row{s.Symbol}
		for _, l := range memory.Layers() {
			i := slices.IndexFunc(st.Memory, func(r layerStats) bool { return r.Symbol == s.Symbol && r.Layer == l })
			row = append(row, st.Memory[i].Live)
		}
		t.AppendRow(row)
	}
	t.Render()
}

// moment is a time as a status shows it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
