package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and the charting library
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"finmem/data"
)

var (
	//go:embed page/page.html
	pageSource string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/charts.js
	chartScript string

	//go:embed assets/uPlot.iife.min.js
	uplotScript string
	//go:embed assets/uPlot.min.css
	uplotStyle string
	//go:embed assets/uPlot.LICENSE
	uplotLicence string
)

// A page is what the template is given.
type page struct {
	Run      Run
	Notice   template.HTML // the licence of the charting library
	Policy   string
	Style    template.CSS
	Symbols  []section
	Data     template.JS
	Scripts  []template.JS
	Rolling  int
	Warnings []string
}

// A section is the part of the page about one symbol.
type section struct {
	ID, Name  string
	Sessions  string // how many, of the test
	From, To  data.Session
	Tiles     []tile
	Errors    []decisionRow
	FewErrors bool // few enough to be listed openly

	Equity   chart
	Drawdown chart
	Sharpe   *chart // nil where the test is too short
	Price    chart
	Position chart

	Leading []string // traders of the months
	Months  []monthRow
	Left    string // traders that the tables leave out, "" for none

	ShortHeads []string
	Short      []shortRow
	Figures    resultTable
	All        *resultTable // nil where Figures has all traders
	Lists      []listTable

	Reading []string
	Chance  resultTable

	Layers    []chart
	Flows     []chart
	Balance   []layerRow
	Tokens    []tokenRow
	TokenNote string
	Trades    []tradeRow
	Decisions []decisionRow
}

// A tile is one of the few figures at the top.
type tile struct {
	Label, Value, Note string
	Alert              bool
}

// A tradeRow is a round trip as the table shows it.
type tradeRow struct {
	Trade
	Return cell
}

// Write draws the run. The page is complete or there is an error and nothing is
// written.
func Write(w io.Writer, run Run) error {
	p, err := pageOf(run)
	if err != nil {
		return fmt.Errorf("report of %s: %w", run.Name, err)
	}
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("report of %s: %w", run.Name, err)
	}
	_, err = b.WriteTo(w)
	return err
}

func pageOf(run Run) (page, error) {
	run = run.printable()
	p := page{
		Run:     run,
		Notice:  template.HTML("<!--\nThe charts are drawn by uPlot 1.6.32, https://github.com/leeoniya/uPlot\n\n" + uplotLicence + "\n-->"),
		Style:   template.CSS(uplotStyle + "\n" + pageStyle),
		Scripts: []template.JS{template.JS(uplotScript), template.JS(chartScript)},
		Rolling: rollingWindow,
	}
	p.Policy = policy(p.Scripts)
	for _, line := range run.Warnings {
		p.Warnings = append(p.Warnings, capital(line))
	}
	if len(run.Symbols) == 0 {
		return p, errors.New("it has no symbols")
	}
	var d drawing
	for i, s := range run.Symbols {
		sec, err := sectionOf(&d, s, run, fmt.Sprintf("symbol%d", i+1))
		if err != nil {
			return p, fmt.Errorf("%s: %w", s.Name, err)
		}
		p.Symbols = append(p.Symbols, sec)
	}
	// The encoder writes <, > and & as escapes, so that nothing inside can close
	// the element, nor open a comment in it.
	data, err := json.Marshal(d)
	if err != nil {
		return p, err
	}
	p.Data = template.JS(data)
	return p, nil
}

// policy lets the browser run these scripts and nothing else, and load nothing.
func policy(scripts []template.JS) string {
	var hashes []string
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return "default-src 'none'; script-src " + strings.Join(hashes, " ") + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

// check refuses what cannot be drawn.
func (s Symbol) check() error {
	switch {
	case len(s.Traders) == 0:
		return errors.New("it has no traders")
	case len(s.Traders[0].Curve) < 2:
		return fmt.Errorf("%s has no scored session", s.Traders[0].Name)
	case len(tested(s.Sessions)) == 0:
		return errors.New("it has no session of the test")
	}
	known := map[string]bool{"": true}
	for _, layer := range s.Layers {
		known[layer] = true
	}
	for _, m := range s.Moves {
		if !known[m.From] || !known[m.To] {
			return fmt.Errorf("a move on %s from layer %q to layer %q: the layers are %s", m.Session, m.From, m.To, strings.Join(s.Layers, ", "))
		}
	}
	return nil
}

// fewErrors is how many error days are listed openly; a long list comes closed.
const fewErrors = 10

// widest is how many traders stand side by side in a table; the list of all has
// one below the other.
const widest = 5

func sectionOf(d *drawing, s Symbol, run Run, id string) (section, error) {
	sec := section{ID: id, Name: s.Name}
	if err := s.check(); err != nil {
		return sec, err
	}
	var results []result
	var names []string
	for _, t := range s.Traders {
		r, err := parseResult(t.Result)
		if err != nil {
			return sec, fmt.Errorf("results of %s: %w", t.Name, err)
		}
		results = append(results, r)
		names = append(names, t.Name)
	}
	sec.Equity = equityChart(d, s, id)
	sec.Drawdown = drawdownChart(d, s, id, sec.Equity.Axis)
	if c, ok := sharpeChart(d, s, run.Basis, id); ok {
		sec.Sharpe = &c
	}
	sec.Price = priceChart(d, s, id)
	sec.Position = positionChart(d, s, id, sec.Price.Axis)

	beside := min(len(names), widest)
	sec.Leading = names[:beside]
	sec.Months = monthRows(s.Traders[:beside])
	if beside < len(names) {
		sec.Left = "Not shown here: " + strings.Join(names[beside:], "; ") + "."
	}
	sec.ShortHeads, sec.Short = shortRows(s.Traders, results)
	sec.Figures, sec.Chance = resultTables(names[:beside], results[:beside])
	if beside < len(names) {
		all, _ := resultTables(names, results)
		sec.All = &all
	}
	sec.Lists = listTables(results[0])
	sec.Reading = reading(results[0])

	if len(s.Moves) > 0 {
		sec.Layers, sec.Flows, sec.Balance = layerCharts(d, s, id), flowCharts(d, s, id), layerRows(s)
	}
	sec.Tokens, sec.TokenNote = tokenRows(s.Sessions)
	for _, t := range s.Trades {
		sec.Trades = append(sec.Trades, tradeRow{t, returnCell(t.Return)})
	}
	sec.Decisions, sec.Errors = decisionRows(s)
	sec.FewErrors = len(sec.Errors) <= fewErrors
	sec.Tiles = tiles(s, results, len(sec.Errors))
	test := tested(s.Sessions)
	sec.Sessions, sec.From, sec.To = plural(len(test), "session"), test[0].Date, test[len(test)-1].Date
	return sec, nil
}

// tiles are what a reader looks for first, each beside buying and holding.
func tiles(s Symbol, results []result, errorDays int) []tile {
	market := -1
	for i, t := range s.Traders {
		if t.Name == buyAndHold {
			market = i
		}
	}
	beside := func(u unit, key string) string {
		if market < 0 {
			return ""
		}
		return buyAndHold + " " + withSymbol(u, results[market].number(key))
	}
	list := []tile{}
	for _, f := range []struct {
		label, key string
		unit       unit
	}{
		{"Return", "cumulativeReturn", inPercent},
		{"Sharpe ratio", "sharpe", asRatio},
		{"Deepest drawdown", "maxDrawdown", inPercent},
		{"Sessions with a position", "exposureTime", inPercent},
	} {
		list = append(list, tile{Label: f.label, Value: withSymbol(f.unit, results[0].number(f.key)), Note: beside(f.unit, f.key)})
	}
	list = append(list, tile{Label: "Round trips", Value: asCount.format(results[0].number("trades")), Note: "costs paid " + inMoney.format(results[0].paid())})
	days := tile{Label: "Error days", Value: asCount.format(float64(errorDays)), Note: "sessions without a usable answer", Alert: errorDays > 0}
	return append(list, days)
}

func withSymbol(u unit, v float64) string {
	if math.IsNaN(v) || u.symbol() == "" {
		return u.format(v)
	}
	return u.format(v) + "\u00a0" + u.symbol()
}
