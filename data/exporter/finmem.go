package exporter

import (
	"fmt"
	"io"
	"strings"
)

// A Shape is one of the two forms in which FinMem's env_data.pkl is around.
type Shape string

// The shapes. Both are a dict from datetime.date.
const (
	// Dicts has one dict a date: {"price": {…}, "news": {…}, "filing_q": {…},
	// "filing_k": {…}}.
	Dicts Shape = "dict"
	// Tuples has a tuple of four dicts a date: ({"price": {…}}, {"news": {…}},
	// {"filing_q": {…}}, {"filing_k": {…}}).
	Tuples Shape = "tuple"
)

// FinMem writes an env as a pickle of protocol 4 that plain Python 3.4 or later
// loads: dicts, lists, str, float, datetime.date, nothing else. Prices are float,
// news a list of str for each symbol that has a price, the filings of a kind one
// str for each symbol that has any, in one where there are several. The same env
// gives the same bytes.
func FinMem(w io.Writer, e Env, shape Shape) error {
	if shape != Dicts && shape != Tuples {
		return fmt.Errorf("shape %q: want %q or %q", shape, Dicts, Tuples)
	}
	p := newPickler(w)
	p.dict(func() {
		for _, d := range e.Dates {
			p.date(d.Session)
			if shape == Tuples {
				p.tuple(func() {
					for _, s := range e.sections(p, d) {
						p.dict(s)
					}
				})
				continue
			}
			p.dict(func() {
				for _, s := range e.sections(p, d) {
					s()
				}
			})
		}
	})
	if err := p.end(); err != nil {
		return fmt.Errorf("write the pickle: %w", err)
	}
	return nil
}

// sections write the parts of a date, each a key and a dict by symbol.
func (e Env) sections(p *pickler, d Date) []func() {
	section := func(name string, write func(Entry)) func() {
		return func() {
			p.text(name)
			p.dict(func() {
				for _, entry := range d.Entries {
					write(entry)
				}
			})
		}
	}
	filings := func(of func(Entry) []string) func(Entry) {
		return func(entry Entry) {
			if texts := of(entry); len(texts) > 0 {
				p.text(entry.Symbol)
				p.text(strings.Join(texts, "\n\n"))
			}
		}
	}
	return []func(){
		section("price", func(entry Entry) {
			p.text(entry.Symbol)
			p.float(entry.Price)
		}),
		section("news", func(entry Entry) {
			p.text(entry.Symbol)
			p.list(func() {
				for _, n := range entry.News {
					if e.sentiment {
						p.text(n.scored())
					} else {
						p.text(n.Text)
					}
				}
			})
		}),
		section("filing_q", filings(func(entry Entry) []string { return entry.Quarterly })),
		section("filing_k", filings(func(entry Entry) []string { return entry.Annual })),
	}
}
