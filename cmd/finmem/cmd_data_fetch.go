package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/internal/nearest"
	"finmem/internal/printable"
)

type fetchOptions struct {
	symbols  []string
	from, to string
	out      string
	update   string
	vendors  fetchVendors
	cache    string
	settle   time.Duration
	name     string
	json     bool
}

func newDataFetchCmd(s *streams) *cobra.Command {
	var o fetchOptions
	cmd := &cobra.Command{
		Use:   "fetch SYMBOL... --from DATE --out DATASET | --update DATASET [SYMBOL...]",
		Short: "Fetch prices, news and filings from vendors into a dataset folder",
		Long: `fetch asks vendors on the internet for what a dataset needs. A folder that is there
is added to: only what is missing is asked for, and what cannot be continued is
refused. --update brings a fetched dataset up to now, from the vendors it came from.

The bar of a session is taken once the session is over. A symbol is stored as a
whole or stays as it was; one that could not be fetched is named, and the exit code
is then 3, or 1 where nothing could be fetched. Answers are kept in the folder for
some hours, so a fetch that was interrupted goes on where it was.

Keys come from the environment: APCA_API_KEY_ID and APCA_API_SECRET_KEY (alpaca),
TIINGO_API_KEY, FINNHUB_API_KEY, ALPHAVANTAGE_API_KEY. EDGAR wants your name and
e-mail address in FINMEM_EDGAR_AGENT. docs/fetch.md describes the vendors.`,
		Example: `  finmem data fetch TSLA MSFT --from 2021-08-17 --to 2023-04-10 --out ds
  finmem data fetch TSLA --from 2024-01-02 --out ds --prices alpaca --news alpaca --filings edgar
  finmem data fetch --update ds`,
		RunE: func(cmd *cobra.Command, a []string) error {
			symbols, err := canonicalSymbols(a)
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			o.symbols = symbols
			if err := o.check(cmd); err != nil {
				return err
			}
			return runFetch(cmd, s, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "first `date` to fetch")
	f.StringVar(&o.to, "to", "", "last `date` to fetch; default today")
	f.StringVar(&o.out, "out", "", "dataset `folder` to write or add to")
	f.StringVar(&o.update, "update", "", "bring this dataset `folder` up to now")
	o.vendors.add(cmd)
	f.StringVar(&o.cache, "cache", "", "`folder` in which answers are kept for some hours; default .fetch in the dataset")
	f.DurationVar(&o.settle, "settle", 20*time.Minute, "how long after its close the bar of a session is taken")
	f.StringVar(&o.name, "dataset-name", "", "`name` of a new dataset; default the folder's")
	f.BoolVar(&o.json, "json", false, "print the summary as JSON")
	return cmd
}

// check reports wrong use before anything is asked or written.
func (o *fetchOptions) check(cmd *cobra.Command) error {
	switch {
	case o.update != "" && (o.out != "" || o.from != "" || o.to != "" || o.name != ""):
		return usagef(cmd, "--update goes with no --out, --from, --to or --dataset-name: the dataset says what it holds")
	case o.update == "" && len(o.symbols) == 0:
		return usagef(cmd, "name the symbols to fetch, such as TSLA; or --update and a dataset")
	case o.update == "" && o.out == "":
		return usagef(cmd, "--out is needed: the dataset folder to write")
	case o.update == "" && o.from == "":
		return usagef(cmd, "--from is needed: the first date to fetch")
	case o.settle < 0:
		return usagef(cmd, "--settle %s: must not be negative", o.settle)
	}
	for _, d := range []struct{ flag, text string }{{"from", o.from}, {"to", o.to}} {
		if d.text == "" {
			continue
		}
		if _, err := data.ParseSession(d.text); err != nil {
			return usagef(cmd, "--%s: %v", d.flag, err)
		}
	}
	if o.to != "" && o.to < o.from {
		return usagef(cmd, "--from %s lies after --to %s", o.from, o.to)
	}
	return o.vendors.check(cmd)
}

func runFetch(cmd *cobra.Command, s *streams, o fetchOptions) error {
	ctx := cmd.Context()
	dir := o.out + o.update
	network := newFetchNetwork(s, dir, o.cache)
	bar := newCountProgress(s.err, "symbols", len(o.symbols))
	opts := fetch.Options{Now: network.Now, Settle: o.settle, Name: o.name, Progress: showStep(bar, network)}
	var summary fetch.Summary
	var err error
	if o.update != "" {
		summary, err = updateDataset(ctx, dir, o.symbols, o.vendors.given(cmd), network, opts)
	} else {
		var sources fetch.Sources
		if sources, err = o.vendors.open(network, os.LookupEnv); err == nil {
			to := data.Session(o.to)
			if to == "" {
				to = data.SessionOf(network.Now().UTC())
			}
			summary, err = fetch.Fetch(ctx, dir, o.symbols, fetch.Days(data.Session(o.from), to), sources, opts)
		}
	}
	bar.end()
	if summary.Through != "" && data.Session(o.to) > summary.Through {
		fmt.Fprintf(s.err, "note: the last session that is over is %s\n", summary.Through)
	}
	sent, kept := network.Requests()
	result := fetchResult{Summary: summary, Requests: sent, KeptAnswers: kept}
	var part *fetch.Incomplete
	if errors.As(err, &part) {
		for _, x := range summary.Symbols {
			if x.Error != "" && len(part.Failed) > 1 {
				fmt.Fprintf(s.err, "note: %s: %s\n", x.Symbol, printable.Line(x.Error))
			}
		}
		if len(part.Failed) < part.Total {
			err = partFetched{part}
		}
	}
	if err != nil && !errors.As(err, &partFetched{}) {
		return err
	}
	if err == nil {
		if err := network.Cache.Prune(network.Now()); err != nil {
			return err
		}
	}
	if o.json {
		return errors.Join(writeJSON(s.out, result), err)
	}
	printFetch(s.out, result)
	return err
}

// newFetchNetwork is what all requests of a command share.
func newFetchNetwork(s *streams, dir, cache string) *fetch.Network {
	if cache == "" {
		cache = filepath.Join(dir, fetch.HiddenFolder)
	}
	return &fetch.Network{
		Now: time.Now, Jitter: rand.Float64, Cache: fetch.NewCache(cache),
		Notify: func(n fetch.Notice) {
			fmt.Fprintf(s.err, "note: %s; asking again in %s\n", printable.Line(n.Err.Error()), n.Wait.Round(time.Second))
		},
	}
}

// updateDataset brings a dataset up to the clock's time, each symbol from the
// vendors it came from; given are the vendors to ask besides or instead. It prints
// nothing.
func updateDataset(ctx context.Context, dir string, symbols []string, given fetchVendors, network *fetch.Network, opts fetch.Options) (fetch.Summary, error) {
	meta, there, err := data.Describe(ctx, dir)
	if err != nil {
		return fetch.Summary{}, err
	}
	if len(symbols) == 0 {
		symbols = there
	}
	for _, symbol := range symbols {
		if !slices.Contains(there, symbol) {
			return fetch.Summary{}, fmt.Errorf("%s has no symbol %s%s; it has %s", dir, symbol, nearest.Hint(symbol, there), strings.Join(there, ", "))
		}
	}
	var groups []fetchVendors
	members := map[fetchVendors][]string{}
	for _, symbol := range symbols {
		v := fetchVendors{}
		for _, kind := range []struct {
			name, given string
			into        *string
		}{
			{data.FetchedPrices, given.prices, &v.prices}, {data.FetchedNews, given.news, &v.news}, {data.FetchedFilings, given.filings, &v.filings},
		} {
			*kind.into = kind.given
			if x, ok := meta.FetchedOf(symbol, kind.name); ok && kind.given == "" {
				*kind.into = x.Vendor
			}
		}
		if v == (fetchVendors{}) {
			return fetch.Summary{}, hinted{fmt.Errorf("nothing of %s in %s was fetched", symbol, dir), "say where to ask with --prices, --news or --filings"}
		}
		if members[v] == nil {
			groups = append(groups, v)
		}
		members[v] = append(members[v], symbol)
	}
	// All keys are looked for before anybody is asked.
	sources := make([]fetch.Sources, len(groups))
	for i, v := range groups {
		if sources[i], err = v.open(network, os.LookupEnv); err != nil {
			return fetch.Summary{}, err
		}
	}
	var whole fetch.Summary
	failure := &fetch.Incomplete{}
	for i, v := range groups {
		opts.Symbols = members[v]
		summary, err := fetch.Update(ctx, dir, sources[i], opts)
		var part *fetch.Incomplete
		if errors.As(err, &part) {
			failure.Failed = append(failure.Failed, part.Failed...)
			if failure.First == nil {
				failure.First = part.First
			}
		} else if err != nil {
			return whole, err
		}
		failure.Total += len(summary.Symbols)
		summary.Written = summary.Written || whole.Written
		summary.Symbols = append(whole.Symbols, summary.Symbols...)
		whole = summary
	}
	if len(failure.Failed) > 0 {
		return whole, failure
	}
	return whole, nil
}

// partFetched says that some of the symbols were fetched and others not.
type partFetched struct{ *fetch.Incomplete }

func (e partFetched) Error() string {
	return fmt.Sprintf("%d of %d symbols could not be fetched and stay as they were: %s: %v",
		len(e.Failed), e.Total, strings.Join(e.Failed, ", "), e.First)
}
