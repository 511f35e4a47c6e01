package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"finmem/backtest"
	"finmem/data"
)

// A progress shows on a terminal how far a run is; elsewhere it is silent.
type progress struct {
	w     io.Writer // nil when silent
	total int
	done  int
	first int
	start time.Time
	shown time.Time
	// spent is what the run took so far, nil where nobody counts.
	spent *spending
}

func newProgress(w io.Writer, sessions []data.Session, done int) *progress {
	p := &progress{total: len(sessions), done: done, first: done, start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

// session says that one more is recorded.
func (p *progress) session(s data.Session, records []backtest.Record) {
	p.done++
	if p.w == nil || (time.Since(p.shown) < 100*time.Millisecond && p.done < p.total) {
		return
	}
	p.shown = time.Now()
	var equity float64
	for _, r := range records {
		equity += r.Account.Equity
	}
	left := time.Since(p.start) / time.Duration(max(p.done-p.first, 1)) * time.Duration(p.total-p.done)
	spent := ""
	if p.spent != nil {
		spent = fmt.Sprintf("  %d tokens  cost %s", p.spent.total.Tokens(), shortDollars(p.spent.rates.USD(p.spent.total)))
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s  %d/%d sessions  equity %.2f%s  %s left",
		s, p.done, p.total, equity, spent, left.Round(time.Second))
}

// end leaves the line.
func (p *progress) end() {
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprintln(p.w)
	}
}
