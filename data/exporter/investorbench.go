package exporter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// benchDate is one date of INVESTOR-BENCH's JSON, in the order of its files.
type benchDate struct {
	Price     float64  `json:"prices"`
	News      []string `json:"news"`
	Annual    []string `json:"10k"`
	Quarterly []string `json:"10q"`
}

// InvestorBench writes an env of one symbol as INVESTOR-BENCH's JSON,
//
//	{"2020-03-12": {"prices": 133.6, "news": ["…"], "10k": [], "10q": ["…"]}, …}
//
// dates from the oldest on. The format does not name its symbol, so an env of
// several is an error. The same env gives the same bytes.
func InvestorBench(w io.Writer, e Env) error {
	buffered := bufio.NewWriter(w) // keeps its first error for Flush
	fmt.Fprint(buffered, "{")
	symbol, before := "", "\n"
	for _, d := range e.Dates {
		for _, entry := range d.Entries {
			if symbol != "" && entry.Symbol != symbol {
				return fmt.Errorf("INVESTOR-BENCH's JSON holds one symbol a file, not %s and %s", symbol, entry.Symbol)
			}
			symbol = entry.Symbol
			var line bytes.Buffer
			out := json.NewEncoder(&line)
			out.SetEscapeHTML(false)
			if err := out.Encode(e.benchDate(entry)); err != nil {
				return fmt.Errorf("write %s: %w", d.Session, err)
			}
			fmt.Fprintf(buffered, "%s%q: %s", before, d.Session, bytes.TrimSpace(line.Bytes()))
			before = ",\n"
		}
	}
	fmt.Fprintln(buffered, "\n}")
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write the JSON: %w", err)
	}
	return nil
}

func (e Env) benchDate(entry Entry) benchDate {
	d := benchDate{Price: entry.Price, News: []string{}, Annual: []string{}, Quarterly: []string{}}
	for _, n := range entry.News {
		if e.sentiment {
			d.News = append(d.News, n.labelled())
		} else {
			d.News = append(d.News, n.Text)
		}
	}
	d.Annual = append(d.Annual, entry.Annual...)
	d.Quarterly = append(d.Quarterly, entry.Quarterly...)
	return d
}
