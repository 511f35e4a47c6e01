package watch

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"finmem/agent"
	"finmem/data"
	"finmem/paper"
)

// Usage is what the model has cost since the process started.
type Usage struct {
	InputTokens, OutputTokens int
	// USD is the price of it, nil where it is not known.
	USD *float64
}

// Metrics are figures for Prometheus, in a registry of their own. They count from
// the start of the process. It is a [paper.Observer].
type Metrics struct {
	registry *prometheus.Registry

	decisions, orders, fills, unfilled, breaches *prometheus.CounterVec
	errorDays, corrections                       *prometheus.CounterVec
	missed, troubles                             prometheus.Counter
	equity, cash, shares                         *prometheus.GaugeVec
	filledShares, filledValue                    *prometheus.CounterVec

	mu      sync.Mutex
	dropped map[string]string // by symbol, the last order that filled nothing
}

// NewMetrics makes metrics. health is asked at each scrape, and usage too; usage
// may be nil.
func NewMetrics(health func() (paper.Health, error), usage func() Usage) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "finmem", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "finmem", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		decisions:    counter("decisions_total", "Decisions reached.", "symbol", "action"),
		errorDays:    counter("error_days_total", "Sessions on which no decision was reached.", "symbol"),
		orders:       counter("orders_total", "Orders that the broker accepted.", "symbol", "side"),
		fills:        counter("fills_total", "Orders that ended with something filled.", "symbol", "side"),
		filledShares: counter("filled_shares_total", "Shares filled.", "symbol", "side"),
		filledValue:  counter("filled_value_total", "Shares filled times their price.", "symbol", "side"),
		unfilled:     counter("orders_unfilled_total", "Orders that came to nothing: rejected, not sent, or not filled.", "symbol", "reason"),
		breaches:     counter("breaches_total", "Limits that changed or refused an order.", "symbol", "limit"),
		corrections:  counter("corrections_total", "Sessions on which the ledger followed the broker.", "symbol"),
		equity:       gauge("equity", "Equity at the last session.", "symbol"),
		cash:         gauge("cash", "Cash at the last session.", "symbol"),
		shares:       gauge("position_shares", "Shares held at the last session, negative when short.", "symbol"),
		missed:       prometheus.NewCounter(prometheus.CounterOpts{Namespace: "finmem", Name: "missed_sessions_total", Help: "Sessions whose decision time passed."}),
		troubles:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "finmem", Name: "troubles_total", Help: "Failures that were, or will be, tried again."}),
		dropped:      map[string]string{},
	}
	m.registry.MustRegister(m.decisions, m.errorDays, m.orders, m.fills, m.filledShares, m.filledValue, m.unfilled, m.breaches,
		m.corrections, m.equity, m.cash, m.shares, m.missed, m.troubles, &healthCollector{health, usage})
	return m
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Observe implements [paper.Observer].
func (m *Metrics) Observe(e paper.Event) {
	side := label(e.Fields["side"], "buy", "sell")
	switch e.Kind {
	case paper.Decided:
		m.decisions.WithLabelValues(e.Symbol, label(e.Fields["action"], string(agent.Buy), string(agent.Sell), string(agent.Hold))).Inc()
	case paper.ErrorDay:
		m.errorDays.WithLabelValues(e.Symbol).Inc()
	case paper.Missed:
		m.missed.Inc()
	case paper.Sent:
		m.orders.WithLabelValues(e.Symbol, side).Inc()
	case paper.Fill:
		m.fills.WithLabelValues(e.Symbol, side).Inc()
		shares, ok1 := number(e.Fields["shares"])
		price, ok2 := number(e.Fields["price"])
		if ok1 && shares > 0 {
			m.filledShares.WithLabelValues(e.Symbol, side).Add(shares)
		}
		if ok1 && ok2 && shares > 0 && price > 0 {
			m.filledValue.WithLabelValues(e.Symbol, side).Add(float64(shares * price))
		}
	case paper.NotFilled:
		if m.first(e.Symbol, e.Fields["order"]) {
			m.unfilled.WithLabelValues(e.Symbol, reason(e.Text)).Inc()
		}
	case paper.Breach:
		m.breaches.WithLabelValues(e.Symbol, e.Fields["limit"]).Inc()
	case paper.Corrected:
		m.corrections.WithLabelValues(e.Symbol).Inc()
	case paper.Trouble:
		m.troubles.Inc()
	}
	if e.Kind != paper.Finished {
		return
	}
	for _, g := range []struct {
		name string
		into *prometheus.GaugeVec
	}{{"equity", m.equity}, {"cash", m.cash}, {"shares", m.shares}} {
		if x, ok := number(e.Fields[g.name]); ok {
			g.into.WithLabelValues(e.Symbol).Set(x)
		}
	}
}

// first reports whether an order is told of for the first time: one that was never
// sent is told of when that is known and again when its session is settled.
func (m *Metrics) first(symbol, order string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if order != "" && m.dropped[symbol] == order {
		return false
	}
	m.dropped[symbol] = order
	return true
}

// reason is the class of a text that says why an order came to nothing.
func reason(text string) string {
	switch {
	case strings.HasPrefix(text, "rejected"):
		return "rejected"
	case strings.HasPrefix(text, "not sent"):
		return "not sent"
	}
	return "not filled"
}

// label is a value where it is one of those that are meant: a label takes no
// words from outside.
func label(value string, meant ...string) string {
	for _, m := range meant {
		if value == m {
			return value
		}
	}
	return "other"
}

func number(text string) (float64, bool) {
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil
}

// A healthCollector makes figures of the loop's health when it is asked.
type healthCollector struct {
	health func() (paper.Health, error)
	usage  func() Usage
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("finmem_"+name, help, labels, nil)
}

// The figures of the health. They are made anew for each use, so that there is no
// state of the package.
func healthDescs() map[string]*prometheus.Desc {
	return map[string]*prometheus.Desc{
		"ready":         desc("ready", "1 once the loop has reconciled with the broker, 0 before and after."),
		"halted":        desc("halted", "1 while no orders are sent."),
		"beat":          desc("last_beat_timestamp_seconds", "When the loop last said that it is alive."),
		"session":       desc("last_session_timestamp_seconds", "Midnight UTC of the last session in the journal."),
		"decision":      desc("next_decision_timestamp_seconds", "When the next decision is due."),
		"streak":        desc("error_days_in_a_row", "Error days in a row up to the last session."),
		"open":          desc("open_orders", "Orders that have not ended."),
		"unreadable":    desc("health_unreadable", "1 while what the loop says of itself cannot be read."),
		"input tokens":  desc("model_input_tokens_total", "Tokens sent to the model."),
		"output tokens": desc("model_output_tokens_total", "Tokens that the model answered with."),
		"usd":           desc("model_cost_usd_total", "Price of the tokens in US dollars; absent where it is not known."),
	}
}

func (c *healthCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range healthDescs() {
		ch <- d
	}
}

func (c *healthCollector) Collect(ch chan<- prometheus.Metric) {
	d := healthDescs()
	gauge := func(name string, x float64) {
		ch <- prometheus.MustNewConstMetric(d[name], prometheus.GaugeValue, x)
	}
	counter := func(name string, x float64) {
		ch <- prometheus.MustNewConstMetric(d[name], prometheus.CounterValue, x)
	}
	h, err := c.health()
	gauge("unreadable", bit(err != nil))
	if err == nil {
		gauge("ready", bit(h.Ready))
		gauge("halted", bit(h.Halted != ""))
		gauge("streak", float64(h.ErrorDays))
		gauge("open", float64(h.Orders))
		for name, t := range map[string]time.Time{"beat": h.Beat, "decision": h.NextTime, "session": midnight(h.Last)} {
			if !t.IsZero() {
				gauge(name, float64(t.UnixNano())/1e9)
			}
		}
	}
	if c.usage == nil {
		return
	}
	u := c.usage()
	counter("input tokens", float64(u.InputTokens))
	counter("output tokens", float64(u.OutputTokens))
	if u.USD != nil {
		counter("usd", *u.USD)
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func midnight(s data.Session) time.Time {
	if s == "" {
		return time.Time{}
	}
	return s.In(time.UTC)
}
