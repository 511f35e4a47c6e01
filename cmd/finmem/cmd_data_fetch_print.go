package main

import (
	"fmt"
	"io"

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

// showStep shows on a progress what is being asked.
func showStep(p *countProgress, n *fetch.Network) func(fetch.Step) {
	return func(s fetch.Step) {
		p.total = s.Total // symbols of a dataset that is updated are known only now
		sent, _ := n.Requests()
		p.show(s.Done, fmt.Sprintf("%s: %s from %s of %s  %s", s.Symbol, s.Kind, s.Vendor, s.Range, count(sent, "request")))
	}
}
