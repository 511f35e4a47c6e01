package report

import (
	"encoding/json"

	"finmem/backtest/metrics"
	"finmem/data"
)

// A Run is all that a report shows.
type Run struct {
	Name string
	// Version is of the finmem that made the page.
	Version string
	// Lead says in a line what was run: window, model, data.
	Lead string
	// Synthetic says that the market was made up.
	Synthetic bool
	// Basis is what the rolling Sharpe ratio rests on.
	Basis       metrics.Basis
	About       []Fact // settings that name the run
	Conventions []Fact // what the numbers rest on
	Warnings    []string
	Symbols     []Symbol
}

// A Fact is a name and what it is.
type Fact struct{ Name, Value string }

// A Symbol is the part of a run that is about one symbol.
type Symbol struct {
	Name string
	// Traders are the agent, which comes first, and what it is compared with.
	Traders  []Trader
	Sessions []Session // of the whole run, in order
	Moves    []Move    // of the memory, in order of time
	// Layers names the layers of the memory, the shallowest first.
	Layers []string
	Trades []Trade
}

// A Trader is one strategy on one symbol.
type Trader struct {
	Name string
	// Curve is equity over the test window; its first point is the value before
	// the first session.
	Curve metrics.EquityCurve
	// Result is its entry in metrics.json. All figures in it are shown, also
	// those that this package has no name for.
	Result json.RawMessage
}

// A Session is what one session came to.
type Session struct {
	Date data.Session
	Test bool
	// Price is the close, NaN where there was none.
	Price float64
	// Position is the share of equity held at the close; negative is short.
	Position float64
	Decision Decision
	Notes    []string // what became of the decision: limits, orders not placed
	Usage    Usage
}

// A Decision is what the agent wanted after the session. The zero value is a
// session on which nothing was asked.
type Decision struct {
	Action     string   // "buy", "sell" or "hold"; "" where none was reached
	Confidence *float64 // in [0, 1], nil where none was given
	Reason     string   // why, or on an error day what went wrong
	Failed     bool     // an error day
}

// Usage is what a session took of the models.
type Usage struct {
	Calls     int // answers of the model
	Refused   int // of these, answers that could not be used
	Estimated int // of these, answers whose tokens we counted, not the provider
	// InputTokens and OutputTokens are the model's, EmbeddingTokens an estimate of
	// the embedder's.
	InputTokens, OutputTokens, EmbeddingTokens int
	// Cost is in US dollars, nil where a price that it needs is not known.
	Cost *float64
}

// A Move is a number of events of the memory that went the same way in one
// session.
type Move struct {
	Session data.Session
	Op      Op
	From    string // the layer they left, "" for new ones
	To      string // the layer they came to, "" for forgotten ones
	Events  int
}

// An Op is a way of the memory's events.
type Op string

const (
	Added     Op = "added"
	Promoted  Op = "promoted"
	Demoted   Op = "demoted"
	Forgotten Op = "forgotten"
)

// A Trade is a round trip. Amounts are decimals as text.
type Trade struct {
	Side        string
	Entry, Exit data.Session // Exit is "" while it is open
	Shares      string
	EntryPrice  string
	ExitPrice   string  // "" while it is open
	Profit      string  // "" while it is open
	Return      float64 // of what was put in; NaN while it is open
}
