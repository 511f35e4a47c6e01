package evaluation

import (
	"finmem/backtest"
	"finmem/backtest/metrics"
	"finmem/backtest/protocol"
	"finmem/backtest/published"
	"finmem/backtest/significance"
	"finmem/data"
)

// An Evaluation is one row for each series of decisions, buy and hold first.
type Evaluation struct {
	Symbol      string       `json:"symbol"`
	From        data.Session `json:"from"` // first price
	To          data.Session `json:"to"`   // last price
	PriceCount  int          `json:"priceCount"`
	Conventions Conventions  `json:"conventions"`
	Rows        []Row        `json:"rows"`
	Pairs       []Pair       `json:"pairs"`
	Warnings    []string     `json:"warnings"`
}

// Conventions are what the figures rest on.
type Conventions struct {
	Protocol        string  `json:"protocol"`
	Fill            string  `json:"fill"`
	Price           string  `json:"price"`
	CommissionBps   float64 `json:"commissionBps"`
	SlippageBps     float64 `json:"slippageBps"`
	Short           bool    `json:"short"`
	InitialCash     string  `json:"initialCash,omitempty"`
	MissingDecision string  `json:"missingDecision"`
	PeriodsPerYear  float64 `json:"periodsPerYear"`
	RiskFree        float64 `json:"riskFree"`
}

// A Row is one series of decisions. Of FinMem, Carry and Broker it has the one
// that the protocol is.
type Row struct {
	Name         string                `json:"name"`
	File         string                `json:"file"` // "" for buy and hold
	Decisions    *Coverage             `json:"decisions"`
	FinMem       *protocol.FinMemTable `json:"finmem,omitempty"`
	Carry        *protocol.CarryTable  `json:"carry,omitempty"`
	Broker       *backtest.Result      `json:"broker,omitempty"`
	Trading      *metrics.TradeSummary `json:"trading,omitempty"` // broker: its closed trades
	Held         *Held                 `json:"held,omitempty"`
	Performance  metrics.Performance   `json:"performance"`
	Relative     metrics.Relative      `json:"relative"`
	Significance significance.Summary  `json:"significance"`
	Execution    []Execution           `json:"execution,omitempty"`
	Stated       []Stated              `json:"stated,omitempty"`

	evidence significance.Evidence
}

// Held counts the sessions by position.
type Held struct {
	Long     int     `json:"long"`
	Flat     int     `json:"flat"`
	Short    int     `json:"short"`
	Turnover float64 `json:"turnoverUnits"`
}

// An Execution is what unit positions return under one fill and cost per side.
type Execution struct {
	Fill             protocol.Fill  `json:"fill"`
	CostBps          float64        `json:"costBps"`
	CumulativeReturn metrics.Figure `json:"cumulativeReturn"`
}

// A Pair is the Wilcoxon test of two rows' rewards.
type Pair struct {
	A         string         `json:"a"`
	B         string         `json:"b"`
	Statistic metrics.Figure `json:"statistic"`
	P         metrics.Figure `json:"p"`
	Pairs     int            `json:"pairs"`
	Exact     bool           `json:"exact"`
}

// A Stated is a published figure beside ours.
type Stated struct {
	Table string `json:"table"`
	// From and To are the window its source states, "" where it states none.
	From   data.Session     `json:"statedFrom"`
	To     data.Session     `json:"statedTo"`
	Figure published.Figure `json:"figure"`
	Stated float64          `json:"stated"`
	Ours   metrics.Figure   `json:"ours"`
	Holds  bool             `json:"holds"`
}
