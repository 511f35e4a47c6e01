package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"finmem/backtest/metrics"
	"finmem/backtest/report"
	"finmem/data"
)

// hostile is what a news item or a model can put into a reason.
const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)"> --> ]]> "quoted" 'too'` + " \u2028\u202eback"

// small is a run of two warm-up and four test sessions whose figures can be
// checked by hand. One session has no price, one no decision.
func small() report.Run {
	confidence := 0.625
	cost := 0.0125
	dates := []data.Session{"2024-01-30", "2024-01-31", "2024-02-01", "2024-02-28", "2024-02-29", "2024-03-01"}
	decisions := []report.Decision{
		{Action: "buy", Reason: "a lesson"}, {},
		{Action: "buy", Reason: hostile, Confidence: &confidence}, {Action: "hold", Reason: "nothing new"},
		{Failed: true, Reason: "3 unusable answers, the last: " + hostile}, {Action: "sell", Reason: "enough"},
	}
	prices := []float64{10, 10.5, 11, math.NaN(), 10, 12}
	positions := []float64{0, 0, 0, 0.9, 0.875, 0}
	var sessions []report.Session
	for i, date := range dates {
		s := report.Session{Date: date, Test: i >= 2, Price: prices[i], Position: positions[i], Decision: decisions[i]}
		if s.Decision.Action == "sell" {
			s.Notes = []string{"no order: the position is flat <b>"}
		}
		switch {
		case s.Decision.Failed:
			s.Usage = report.Usage{Calls: 3, Refused: 3, Estimated: 3, InputTokens: 3600, OutputTokens: 30, Cost: &cost}
		case s.Decision.Action != "":
			s.Usage = report.Usage{Calls: 1, InputTokens: 1000, OutputTokens: 50, EmbeddingTokens: 200, Cost: &cost}
		}
		sessions = append(sessions, s)
	}
	return report.Run{
		Name: "small & <b>bold</b>", Version: "0.0.0-test", Lead: "Test from 2024-02-01 to 2024-03-01", Synthetic: true,
		Basis:       metrics.Basis{PeriodsPerYear: 252},
		About:       []report.Fact{{Name: "model", Value: "<i>script</i>"}},
		Conventions: []report.Fact{{Name: "fill", Value: "next session's open"}},
		Warnings:    []string{"there is no warm-up " + hostile},
		Symbols: []report.Symbol{{
			Name: "AAA", Sessions: sessions,
			Traders: []report.Trader{
				{Name: "finmem", Curve: curve(dates[1:], 100, 110, 121, 99, 108.9), Result: json.RawMessage(smallResult)},
				{Name: "buy and hold", Curve: curve(dates[1:], 100, 100, 120, 120, 132), Result: json.RawMessage(`{"symbol":"AAA","trader":"buy and hold","cumulativeReturn":0.32,"sharpe":null,"maxDrawdown":0}`)},
			},
			Layers: []string{"short", "mid", "long", "reflection"},
			Moves: []report.Move{
				{Session: "2024-01-30", Op: report.Added, To: "short", Events: 10},
				{Session: "2024-01-31", Op: report.Promoted, From: "short", To: "mid", Events: 3},
				{Session: "2024-02-01", Op: report.Promoted, From: "mid", To: "long", Events: 1},
				{Session: "2024-02-28", Op: report.Demoted, From: "mid", To: "short", Events: 1},
				{Session: "2024-02-28", Op: report.Forgotten, From: "short", Events: 6},
				{Session: "2024-03-01", Op: report.Added, To: "reflection", Events: 2},
			},
			Trades: []report.Trade{
				{Side: "buy", Entry: "2024-02-28", Exit: "2024-03-01", Shares: "9", EntryPrice: "11", ExitPrice: "12", Profit: "8.9", Return: 0.0899},
				{Side: "buy", Entry: "2024-03-01", Shares: "1", EntryPrice: "12", Return: math.NaN()},
			},
		}},
	}
}

// smallResult has figures that the catalogue knows and one that it does not,
// undefined ones, a list, and statistics.
const smallResult = `{"symbol":"AAA","trader":"finmem","firstSession":"2024-02-01","lastSession":"2024-03-01",
"initialEquity":100,"finalEquity":108.9,"sessions":4,"cumulativeReturn":0.089,"logReturn":0.0853,"sharpe":1.25,"sortino":null,
"maxDrawdown":0.18181818,"drawdownStart":"2024-02-28","drawdownTrough":"2024-02-29","drawdownRecovery":"",
"bestSession":{"period":"2024-02-01","return":0.1,"sessions":1},
"months":[{"period":"2024-02","return":-0.01,"sessions":3}],
"drawdowns":[{"start":"2024-02-28","trough":"2024-02-29","recovery":"","depth":0.18181818,"sessions":2}],
"brandNewFigure":1234.5678,"limitedSessions":{"max-weight":3},"ruined":"","trades":1,"winRate":1,"fees":1.5,"slippage":0.5,"errorDays":1,
"relative":{"benchmark":"buy and hold","excessReturn":-0.231,"alpha":null,"betaP":0.00001,"sharpe":1.25},
"significance":{"level":0.95,"block":1,"resamples":2000,"seed":1,"returnLow":-0.2,"returnHigh":0.4,"sharpeLow":-1,"sharpeHigh":3,
"resamplesWithoutSharpe":0,"probabilisticSharpe":0.61,"deflatedSharpe":0.3,"trials":4,"minimumTrackRecord":812.3,
"wilcoxonStatistic":3,"wilcoxonP":0.625,"wilcoxonPairs":4,"wilcoxonExact":true,"circularShiftP":0.5,"breakEvenBps":42.3,
"logReturn":0.0853,"logReturnWithoutBest5":0,"logReturnWithoutBest10":0,"best5Share":1,"best10Share":1}}`

// curve is equity on sessions, the first value before the first of them.
func curve(sessions []data.Session, values ...float64) metrics.EquityCurve {
	var c metrics.EquityCurve
	for i, s := range sessions {
		c = append(c, metrics.Point{Session: s, Value: values[i]})
	}
	return c
}

// long is a run of n sessions with everything that a page can show: more traders
// than fit side by side, and enough sessions for all charts.
func long(n int) report.Run {
	run := small()
	s := &run.Symbols[0]
	s.Sessions = nil
	s.Moves = nil
	dates := []data.Session{}
	for day := data.Session("2024-01-02"); len(dates) < n+1; day = day.AddDays(1) {
		if w := day.In(time.UTC).Weekday(); w != time.Saturday && w != time.Sunday {
			dates = append(dates, day)
		}
	}
	actions := []string{"buy", "sell", "hold"}
	for i, day := range dates {
		x := report.Session{Date: day, Test: i > 0, Price: 100 + 10*math.Sin(float64(i)/7), Position: float64(i / 5 % 2)}
		x.Decision = report.Decision{Action: actions[i%3], Reason: fmt.Sprintf("reason %d", i)}
		if i%29 == 28 {
			x.Decision = report.Decision{Failed: true, Reason: hostile}
		}
		x.Usage = report.Usage{Calls: 1, Estimated: 1, InputTokens: 900 + i, OutputTokens: 40}
		s.Sessions = append(s.Sessions, x)
		s.Moves = append(s.Moves,
			report.Move{Session: day, Op: report.Added, To: "short", Events: 3 + i%4},
			report.Move{Session: day, Op: report.Promoted, From: "short", To: "mid", Events: 1},
			report.Move{Session: day, Op: report.Added, To: "reflection", Events: 1})
		if i > 10 {
			s.Moves = append(s.Moves,
				report.Move{Session: day, Op: report.Forgotten, From: "short", Events: 2 + i%3},
				report.Move{Session: day, Op: report.Promoted, From: "mid", To: "long", Events: i % 2},
				report.Move{Session: day, Op: report.Demoted, From: "mid", To: "short", Events: i % 2})
		}
	}
	names := []string{"finmem", "buy and hold", "flat", "finmem, no memory", "momentum 20", "SMA cross 20/50", "random, seed 1"}
	s.Traders = nil
	for k, name := range names {
		var values []float64
		for i := range dates {
			values = append(values, 1e5*(1+0.05*float64((k+2)%4)*math.Sin(float64(i)/float64(9+k))))
		}
		s.Traders = append(s.Traders, report.Trader{Name: name, Curve: curve(dates, values...), Result: json.RawMessage(smallResult)})
	}
	return run
}

// write is the page of a run.
func write(t *testing.T, run report.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A drawing is what the page gives to its script.
type drawing struct {
	Axes   [][]int `json:"axes"`
	Charts []struct {
		ID     string `json:"id"`
		Axis   int    `json:"axis"`
		Unit   string `json:"unit"`
		Start  int    `json:"start"`
		Series []struct {
			Name   string     `json:"name"`
			Style  string     `json:"style"`
			Color  string     `json:"color"`
			Hidden bool       `json:"hidden"`
			Values []*float64 `json:"values"`
		} `json:"series"`
	} `json:"charts"`
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="drawing">(.*?)</script>`)

// drawn reads the data out of a page.
func drawn(t *testing.T, page string) drawing {
	t.Helper()
	found := dataElement.FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("%d elements with data, want 1", len(found))
	}
	var d drawing
	if err := json.Unmarshal([]byte(found[0][1]), &d); err != nil {
		t.Fatalf("the data of the charts: %v", err)
	}
	return d
}

// values are those of a series of the chart under a heading, gaps as NaN.
func values(t *testing.T, page, heading, name string) []float64 {
	t.Helper()
	at := regexp.MustCompile(`(?s)<h4>` + regexp.QuoteMeta(heading) + `</h4>.*?id="(chart[0-9]+)"`).FindStringSubmatch(page)
	if at == nil {
		t.Fatalf("no chart under %q", heading)
	}
	for _, c := range drawn(t, page).Charts {
		if c.ID != at[1] {
			continue
		}
		for _, s := range c.Series {
			if s.Name != name {
				continue
			}
			list := make([]float64, len(s.Values))
			for i, v := range s.Values {
				list[i] = math.NaN()
				if v != nil {
					list[i] = *v
				}
			}
			return list
		}
	}
	t.Fatalf("no series %q in the chart %q", name, heading)
	return nil
}

// rowOf is the cells of the first table row that starts with label after the
// heading.
func rowOf(t *testing.T, page, heading, label string) []string {
	t.Helper()
	_, after, ok := strings.Cut(page, heading)
	if !ok {
		t.Fatalf("no %q", heading)
	}
	row := regexp.MustCompile(`(?s)<tr[^>]*><th scope="row">` + regexp.QuoteMeta(label) + `(?: <span class="unit">[^<]*</span>)?</th>(.*?)</tr>`).FindStringSubmatch(after)
	if row == nil {
		t.Fatalf("no row %q after %q", label, heading)
	}
	var cells []string
	for _, c := range regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`).FindAllStringSubmatch(row[1], -1) {
		cells = append(cells, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(c[1], " "))
	}
	return cells
}
