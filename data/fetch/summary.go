package fetch

import (
	"time"

	"finmem/data"
)

// A Summary says what a fetch did.
type Summary struct {
	Dataset   string    `json:"dataset"`
	FetchedAt time.Time `json:"fetchedAt"`
	// Through is the last session that was over; bars are fetched up to it.
	Through data.Session    `json:"through"`
	Written bool            `json:"written"` // something of the dataset changed
	Symbols []SymbolSummary `json:"symbols"`
}

// A SymbolSummary says what became of one symbol.
type SymbolSummary struct {
	Symbol string `json:"symbol"`
	// First and Last are the symbol's first and last bar in the dataset, "" for none.
	First data.Session `json:"first"`
	Last  data.Session `json:"last"`
	Parts []Part       `json:"parts"`
	// Error is why nothing of the symbol was stored, "" where it was.
	Error string `json:"error,omitempty"`
}

// A Part says what became of one kind of data of a symbol.
type Part struct {
	Kind   string `json:"kind"`
	Vendor string `json:"vendor"`
	// Asked are the ranges that the vendor was asked for; none where nothing was
	// missing.
	Asked []Range `json:"asked"`
	// Added counts what is new in the dataset, Known what it had already, Replaced
	// the bars that the vendor has mended since.
	Added    int `json:"added"`
	Known    int `json:"known"`
	Replaced int `json:"replaced"`
	// Restated is set where the vendor had rewritten the past, so that the whole
	// series was fetched anew.
	Restated bool `json:"restated"`
	Tally
}

func newPart(kind, vendor string) Part {
	return Part{Kind: kind, Vendor: vendor, Asked: []Range{}, Tally: Tally{Skipped: []Skip{}, Notes: []string{}}}
}

// add takes over what a vendor's answer says of itself.
func (p *Part) add(t Tally) {
	p.Read += t.Read
	p.Skipped = append(p.Skipped, t.Skipped...)
	p.Notes = append(p.Notes, t.Notes...)
}
