package edgar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
)

// A cik is the number of a company in EDGAR.
type cik int64

// padded is the number as file names have it.
func (c cik) padded() string { return fmt.Sprintf("%010d", int64(c)) }

// company finds the number of the company whose shares have a symbol.
func (s *Source) company(ctx context.Context, symbol string) (cik, error) {
	if data.IsPair(symbol) {
		return 0, &fetch.Error{Kind: fetch.NoSymbol, Vendor: s.Name(), Message: symbol + " is a pair of currencies, not a company"}
	}
	address := s.www + "/files/company_tickers.json"
	// {"0": {"cik_str": 789019, "ticker": "MSFT", "title": "MICROSOFT CORP"}, …}
	var listed map[string]struct {
		CIK    int64  `json:"cik_str"`
		Ticker string `json:"ticker"`
	}
	if err := s.json(ctx, address, 24*time.Hour, time.Time{}, &listed); err != nil {
		return 0, err
	}
	var found []cik
	for _, l := range listed {
		canonical, err := data.Canonical(strings.TrimSpace(l.Ticker))
		if err == nil && canonical == symbol && l.CIK > 0 {
			found = append(found, cik(l.CIK))
		}
	}
	slices.Sort(found)
	switch found = slices.Compact(found); len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, &fetch.Error{
			Kind: fetch.NoSymbol, Vendor: s.Name(),
			Message: fmt.Sprintf("none of the %d tickers that EDGAR lists is %s; it lists companies that are traded today", len(listed), symbol),
		}
	}
	return 0, &fetch.Error{Kind: fetch.BadFormat, Vendor: s.Name(), Message: fmt.Sprintf("EDGAR lists %s for %d companies", symbol, len(found))}
}
