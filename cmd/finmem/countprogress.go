package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A countProgress shows on a terminal how many of a known number of things are done;
// elsewhere it is silent. It is for one goroutine at a time.
type countProgress struct {
	w     io.Writer // nil when silent
	unit  string    // of several
	total int
	start time.Time
	shown time.Time
}

func newCountProgress(w io.Writer, unit string, total int) *countProgress {
	p := &countProgress{unit: unit, total: total, start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

// show says how many are done; more is what else there is to say, or "".
func (p *countProgress) show(done int, more string) {
	now := time.Now()
	if p.w == nil || now.Sub(p.shown) < 100*time.Millisecond && done < p.total {
		return
	}
	p.shown = now
	fmt.Fprint(p.w, "\r\x1b[K"+p.line(done, more, now.Sub(p.start)))
}

// line is how far the work is after a time.
func (p *countProgress) line(done int, more string, spent time.Duration) string {
	left := "…"
	if done > 0 {
		left = time.Duration(float64(spent) / float64(done) * float64(p.total-done)).Round(time.Second).String()
	}
	if more != "" {
		more = "  " + more
	}
	return fmt.Sprintf("%d/%d %s  %.3g %s/s%s  %s left", done, p.total, p.unit, float64(done)/max(spent.Seconds(), 1e-3), p.unit, more, left)
}

// end leaves the line.
func (p *countProgress) end() {
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprintln(p.w)
	}
}
