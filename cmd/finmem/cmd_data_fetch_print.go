package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"finmem/data/fetch"
	"finmem/internal/printable"
)

// fetchResult is the summary as --json shows it.
type fetchResult struct {
	fetch.Summary
	Requests    int `json:"requests"`
	KeptAnswers int `json:"keptAnswers"`
}

// printFetch says what was asked, what came and what became of it.
func printFetch(w io.Writer, r fetchResult) {
	for _, x := range r.Symbols {
		if x.Error != "" {
			fmt.Fprintf(w, "%s: not fetched: %s\n", x.Symbol, printable.Line(x.Error))
			continue
		}
		fmt.Fprintf(w, "%s: %s to %s\n", x.Symbol, x.First, x.Last)
		for _, p := range x.Parts {
			printPart(w, p)
		}
	}
	state := "unchanged"
	if r.Written {
		state = "written"
	}
	fmt.Fprintf(w, "Dataset %s %s; %s, %s from before\n", r.Dataset, state, count(r.Requests, "request"), count(r.KeptAnswers, "answer"))
}

func printPart(w io.Writer, p fetch.Part) {
	if len(p.Asked) == 0 {
		fmt.Fprintf(w, "  %-8s %s: nothing is missing\n", p.Kind, p.Vendor)
		return
	}
	fmt.Fprintf(w, "  %-8s %s: %d read, %d added, %d known, %d replaced, %d skipped\n", p.Kind, p.Vendor, p.Read, p.Added, p.Known, p.Replaced, len(p.Skipped))
	for _, n := range p.Notes {
		fmt.Fprintf(w, "    note: %s\n", printable.Line(n))
	}
	const most = 20
	for i, s := range p.Skipped {
		if i == most {
			fmt.Fprintf(w, "    … and %d more; --json lists all\n", len(p.Skipped)-i)
			break
		}
		fmt.Fprintf(w, "    skipped %s\n", printable.Line(s.String()))
	}
}

// A fetchProgress shows on a terminal how far a fetch is; elsewhere it is silent.
type fetchProgress struct {
	w       io.Writer // nil when silent
	network *fetch.Network
	start   time.Time
	shown   bool
}

func newFetchProgress(w io.Writer, n *fetch.Network) *fetchProgress {
	p := &fetchProgress{network: n, start: n.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = w
	}
	return p
}

func (p *fetchProgress) show(s fetch.Step) {
	if p.w == nil {
		return
	}
	p.shown = true
	sent, _ := p.network.Requests()
	fmt.Fprint(p.w, "\r\x1b[K"+fetchLine(s, sent, p.network.Now().Sub(p.start)))
}

// fetchLine is how far a fetch is after a time.
func fetchLine(s fetch.Step, requests int, spent time.Duration) string {
	left := "…"
	if s.Done > 0 {
		left = (spent / time.Duration(s.Done) * time.Duration(s.Total-s.Done)).Round(time.Second).String()
	}
	return fmt.Sprintf("%s %s from %s %s  %d/%d symbols  %d requests  %s left", s.Symbol, s.Kind, s.Vendor, s.Range, s.Done, s.Total, requests, left)
}

// end leaves the line.
func (p *fetchProgress) end() {
	if p.shown {
		fmt.Fprintln(p.w)
	}
}
