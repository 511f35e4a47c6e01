package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"finmem/data/importer"
)

// An importProgress shows on a terminal how far an import is; elsewhere it is
// silent.
type importProgress struct {
	w       io.Writer // nil when silent
	start   time.Time
	shown   time.Time
	writing bool
}

func newImportProgress(w io.Writer) *importProgress {
	p := &importProgress{start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

func (p *importProgress) show(at importer.NewsProgress) {
	if p.w == nil {
		return
	}
	now := time.Now()
	if at.Writing && !p.writing {
		p.writing, p.start = true, now
	}
	if now.Sub(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = now
	fmt.Fprint(p.w, "\r\x1b[K"+progressLine(at, now.Sub(p.start)))
}

// progressLine is how far an import is after a time.
func progressLine(at importer.NewsProgress, spent time.Duration) string {
	share := float64(at.Done) / float64(max(at.Total, 1))
	left := "…"
	if at.Done > 0 {
		left = time.Duration(float64(spent) * (1 - share) / share).Round(time.Second).String()
	}
	seconds := max(spent.Seconds(), 1e-3)
	if at.Writing {
		return fmt.Sprintf("writing  %d/%d items  %.0f items/s  %s left", at.Done, at.Total, float64(at.Done)/seconds, left)
	}
	return fmt.Sprintf("reading  %3.0f %%  %d items  %.0f items/s  %s left", 100*share, at.Items, float64(at.Items)/seconds, left)
}

// end leaves the line.
func (p *importProgress) end() {
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprintln(p.w)
	}
}
