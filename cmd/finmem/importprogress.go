package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"finmem/data/importer"
	"finmem/internal/printable"
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

// rows shows how far the reading of a table is, of which a share is read; nil
// where nobody looks.
func (p *importProgress) rows(file string) func(rows int, share float64) {
	if p.w == nil {
		return nil
	}
	p.start = time.Now()
	return func(rows int, share float64) {
		now := time.Now()
		if now.Sub(p.shown) < 100*time.Millisecond {
			return
		}
		p.shown = now
		fmt.Fprint(p.w, "\r\x1b[K"+rowsLine(printable.Cut(printable.Line(file), 40), rows, share, now.Sub(p.start)))
	}
}

// rowsLine is how far the reading of a table is after a time. The share is 0
// where it is not known.
func rowsLine(file string, rows int, share float64, spent time.Duration) string {
	rate := float64(rows) / max(spent.Seconds(), 1e-3)
	if share <= 0 {
		return fmt.Sprintf("reading %s  %d rows  %.0f rows/s", file, rows, rate)
	}
	left := time.Duration(float64(spent) * (1 - share) / share).Round(time.Second)
	return fmt.Sprintf("reading %s  %3.0f %%  %d rows  %.0f rows/s  %s left", file, 100*share, rows, rate, left)
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
