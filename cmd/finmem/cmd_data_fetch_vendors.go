package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"finmem/data/fetch"
	"finmem/data/fetch/alpaca"
	"finmem/data/fetch/alphavantage"
	"finmem/data/fetch/edgar"
	"finmem/data/fetch/finnhub"
	"finmem/data/fetch/stooq"
	"finmem/data/fetch/tiingo"
	"finmem/data/fetch/yahoo"
	"finmem/internal/nearest"
)

// fetchVendors are the names of the vendors to ask; "" and none ask nobody.
type fetchVendors struct{ prices, news, filings string }

const noVendor = "none"

func priceVendors() []string {
	return []string{yahoo.Name, stooq.Name, alpaca.Name, tiingo.Name, alphavantage.Name}
}

func newsVendors() []string {
	return []string{alpaca.Name, tiingo.Name, finnhub.Name, alphavantage.Name}
}

func filingVendors() []string { return []string{"edgar"} }

func (v *fetchVendors) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&v.prices, "prices", yahoo.Name, "`vendor` of prices: "+strings.Join(priceVendors(), ", ")+" or none")
	f.StringVar(&v.news, "news", noVendor, "`vendor` of news: "+strings.Join(newsVendors(), ", ")+" or none")
	f.StringVar(&v.filings, "filings", noVendor, "`vendor` of filings: "+strings.Join(filingVendors(), ", ")+" or none")
}

func (v *fetchVendors) check(cmd *cobra.Command) error {
	for _, kind := range []struct {
		flag, name string
		known      []string
	}{{"prices", v.prices, priceVendors()}, {"news", v.news, newsVendors()}, {"filings", v.filings, filingVendors()}} {
		known := append(kind.known, noVendor)
		if !slices.Contains(known, kind.name) {
			return usagef(cmd, "--%s %q%s: want one of %s", kind.flag, kind.name, nearest.Hint(kind.name, known), strings.Join(known, ", "))
		}
	}
	return nil
}

// given are the vendors that the command line names, and no defaults.
func (v *fetchVendors) given(cmd *cobra.Command) fetchVendors {
	var g fetchVendors
	for flag, x := range map[string]struct {
		from string
		into *string
	}{"prices": {v.prices, &g.prices}, "news": {v.news, &g.news}, "filings": {v.filings, &g.filings}} {
		if cmd.Flags().Changed(flag) {
			*x.into = x.from
		}
	}
	return g
}

// open makes the sources. lookup finds a variable of the environment, as
// os.LookupEnv does.
func (v fetchVendors) open(n *fetch.Network, lookup func(string) (string, bool)) (fetch.Sources, error) {
	var s fetch.Sources
	o := vendorOpener{network: n, lookup: lookup}
	for _, kind := range []struct {
		vendor string
		take   func(source any) bool
	}{
		{v.prices, func(x any) (ok bool) { s.Prices, ok = x.(fetch.PriceSource); return ok }},
		{v.news, func(x any) (ok bool) { s.News, ok = x.(fetch.NewsSource); return ok }},
		{v.filings, func(x any) (ok bool) { s.Filings, ok = x.(fetch.FilingSource); return ok }},
	} {
		if kind.vendor == "" || kind.vendor == noVendor {
			continue
		}
		source, err := o.open(kind.vendor)
		if err != nil {
			return fetch.Sources{}, err
		}
		if !kind.take(source) {
			return fetch.Sources{}, fmt.Errorf("vendor %q does not have what it is asked for", kind.vendor)
		}
	}
	return s, nil
}

// A vendorOpener makes sources, each at the address that the environment has for
// it, such as FINMEM_YAHOO_URL, or at its own.
type vendorOpener struct {
	network *fetch.Network
	lookup  func(string) (string, bool)
}

func (o vendorOpener) open(vendor string) (any, error) {
	base, err := o.base(vendor)
	if err != nil {
		return nil, err
	}
	switch vendor {
	case yahoo.Name:
		return yahoo.New(o.network, base), nil
	case stooq.Name:
		return stooq.New(o.network, base, o.lookup), nil
	case alpaca.Name:
		return alpaca.New(o.network, base, o.lookup)
	case tiingo.Name:
		return tiingo.New(o.network, base, o.lookup)
	case finnhub.Name:
		return finnhub.New(o.network, base, o.lookup)
	case alphavantage.Name:
		return alphavantage.New(o.network, base, o.lookup)
	case "edgar":
		agent, _ := o.lookup(edgar.AgentVariable)
		return edgar.New(o.network, agent, edgar.Options{WWW: base, Data: base})
	}
	return nil, fmt.Errorf("vendor %q is not known here", vendor)
}

// base is the address that the environment has for a vendor, "" for none.
func (o vendorOpener) base(vendor string) (string, error) {
	name := "FINMEM_" + strings.ToUpper(vendor) + "_URL"
	text, _ := o.lookup(name)
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return "", fmt.Errorf("%s: want an address such as http://127.0.0.1:8080", name)
	}
	return text, nil
}
