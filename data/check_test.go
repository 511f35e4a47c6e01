package data_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
)

// check is the report on the only symbol of a dataset.
func check(t testing.TB, d *data.Dataset) data.SymbolReport {
	t.Helper()
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Symbols) != 1 {
		t.Fatalf("report is about %d symbols, want 1", len(report.Symbols))
	}
	return report.Symbols[0]
}

// closes are bars with closes alone, on the sessions of the calendar from one
// on.
func closes(t testing.TB, from data.Session, prices ...float64) []data.Bar {
	t.Helper()
	sessions, err := data.NYSE().Range(from, "2030-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	for i, p := range prices {
		bars = append(bars, data.CloseBar(sessions[i], p))
	}
	return bars
}

func warnings(r data.SymbolReport) []string {
	var texts []string
	for _, f := range r.Findings {
		if f.Warning {
			texts = append(texts, f.Text)
		}
	}
	return texts
}

func TestCheckMissingSessions(t *testing.T) {
	bars := closes(t, "2024-03-07", 1, 2, 3, 4, 5, 6, 7, 8) // to 2024-03-18
	bars = slices.Delete(bars, 1, 2)                        // Friday 2024-03-08
	bars = slices.Delete(bars, 3, 5)                        // 2024-03-13 and 14
	r := check(t, newDataset(t, meta(), data.History{Symbol: "TSLA", Bars: bars}))
	want := []data.Gap{{From: "2024-03-08", To: "2024-03-08", Sessions: 1}, {From: "2024-03-13", To: "2024-03-14", Sessions: 2}}
	if diff := cmp.Diff(want, r.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if r.ExpectedSessions != 8 || r.MissingCount != 3 || r.Bars != 5 || r.First != "2024-03-07" || r.Last != "2024-03-18" {
		t.Errorf("report = %+v", r)
	}
	if got := warnings(r); !slices.Contains(got, "3 of 8 sessions missing: 2024-03-08, 2024-03-13 to 2024-03-14 (2)") {
		t.Errorf("warnings = %q", got)
	}
}

// B21: prices that end before the asked range are named as missing.
func TestCheckSeriesEndsBeforeTheRange(t *testing.T) {
	d := newDataset(t, meta(), data.History{Symbol: "TSLA", Bars: closes(t, "2023-04-03", 1, 2, 3, 4)}) // to 2023-04-06
	report, err := data.Check(d, data.CheckOptions{From: "2023-04-03", To: "2023-04-10"})
	if err != nil {
		t.Fatal(err)
	}
	if got := warnings(report.Symbols[0]); !slices.Contains(got, "1 of 5 sessions missing: 2023-04-10") {
		t.Errorf("warnings = %q; Good Friday is no session", got)
	}
}

func TestCheckStaleEnds(t *testing.T) {
	halted := closes(t, "2024-03-07", 267.83, 106.04, 106.04)
	halted[2].Volume = 0
	quiet := closes(t, "2024-03-07", 100, 100, 101, 101)
	quiet[3].Volume = 5000
	d := newDataset(t, meta(), data.History{Symbol: "SIVB", Bars: halted}, data.History{Symbol: "TSLA", Bars: quiet})
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sivb, tsla := report.Symbols[0], report.Symbols[1]
	if sivb.FlatTail != 1 || sivb.EndsBefore != "2024-03-12" || sivb.SessionsShort != 1 || !slices.Equal(sivb.ZeroVolume, []data.Session{"2024-03-11"}) {
		t.Errorf("SIVB: %+v", sivb)
	}
	if tsla.FlatTail != 0 || tsla.EndsBefore != "" || len(tsla.ZeroVolume) != 0 {
		t.Errorf("TSLA: %+v", tsla)
	}
}

// B01: a move as large as a split's, with no action on file, raises a warning;
// with the action it does not, unless the prices are said to contain it.
func TestCheckJumps(t *testing.T) {
	raw := meta()
	raw.Adjustment = data.Raw
	h := data.History{Symbol: "NVDA", Bars: closes(t, "2024-06-07", 400, 102, 103)}
	r := check(t, newDataset(t, raw, h))
	if want := []data.Jump{{Previous: "2024-06-07", Session: "2024-06-10", Return: 102.0/400 - 1}}; !slices.Equal(r.Jumps, want) {
		t.Errorf("jumps = %v, want %v", r.Jumps, want)
	}
	if got := warnings(r); !slices.Contains(got, "close moves -74.5 % from 2024-06-07 to 2024-06-10 with no corporate action on file") {
		t.Errorf("warnings = %q", got)
	}
	for _, tt := range []struct {
		adjustment data.Adjustment
		action     data.Action
		jumps      int
	}{
		{data.Raw, data.Action{Session: "2024-06-10", Split: 4}, 0},
		{data.Raw, data.Action{Session: "2024-06-08", Split: 4}, 0}, // a Saturday: before the open of Monday
		{data.Raw, data.Action{Session: "2024-06-07", Split: 4}, 1}, // too early to explain it
		{data.Raw, data.Action{Session: "2024-06-11", Split: 4}, 1}, // too late
		{data.Raw, data.Action{Session: "2024-06-10", Dividend: 298}, 0},
		{data.UnknownAdjustment, data.Action{Session: "2024-06-10", Split: 4}, 1}, // nothing is applied to such prices
		{data.SplitAdjusted, data.Action{Session: "2024-06-10", Split: 4}, 1},
		{data.SplitAdjusted, data.Action{Session: "2024-06-10", Dividend: 298}, 0},
		{data.TotalReturn, data.Action{Session: "2024-06-10", Split: 4, Dividend: 1}, 1},
	} {
		m := meta()
		m.Adjustment = tt.adjustment
		h.Actions = []data.Action{tt.action}
		if r := check(t, newDataset(t, m, h)); len(r.Jumps) != tt.jumps {
			t.Errorf("%s prices with %+v: jumps %v, want %d", tt.adjustment, tt.action, r.Jumps, tt.jumps)
		}
	}
	h.Actions = []data.Action{{Session: "2024-06-10", Split: 4}}
	r = check(t, newDataset(t, meta(), h))
	if got := warnings(r); !slices.Contains(got, "close moves -74.5 % from 2024-06-07 to 2024-06-10 at a split of 4 that the prices are said to contain") {
		t.Errorf("warnings = %q", got)
	}
	calm := data.History{Symbol: "NVDA", Bars: closes(t, "2024-06-07", 100, 139.9, 195, 118)}
	if r := check(t, newDataset(t, raw, calm)); len(r.Jumps) != 0 {
		t.Errorf("moves of less than 40 %% are jumps: %v", r.Jumps)
	}
}

func TestCheckNonSessions(t *testing.T) {
	bars := []data.Bar{data.CloseBar("1989-12-29", 1), data.CloseBar("2016-02-26", 1), data.CloseBar("2016-02-27", 1), data.CloseBar("2016-02-29", 1)}
	r := check(t, newDataset(t, meta(), data.History{Symbol: "AMZN", Bars: bars}))
	if !slices.Equal(r.NonSessions, []data.Session{"2016-02-27"}) || r.OutsideCalendar != 1 {
		t.Errorf("non-sessions %v, outside %d; want the Saturday and 1", r.NonSessions, r.OutsideCalendar)
	}
}

// B22 and more: what a person should know of the documents.
func TestCheckDocuments(t *testing.T) {
	friday := time.Date(2024, 3, 8, 15, 0, 0, 0, time.UTC)
	item := func(at time.Time, title, text string) data.News { return data.News{Time: at, Title: title, Text: text} }
	h := data.History{
		Symbol: "TSLA",
		Bars:   closes(t, "2024-03-07", 1, 2, 3),
		News: []data.News{
			item(friday, "Story", "of the  day"),
			item(friday.Add(time.Hour), "STORY", "Of the day "),
			item(friday.Add(72*time.Hour), "Story", "of the day"), // another session
			item(friday, " ", "\n"),
			{Time: time.Date(2024, 3, 9, 0, 0, 0, 0, time.UTC), DateOnly: true, Title: "Saturday", Sentiment: &data.Sentiment{}},
			item(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), "Later", ""),
		},
		Filings: []data.Filing{
			{Accepted: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), DateOnly: true, Form: "10-K", Text: "year"}, // visible on 2024-03-01
			{Accepted: friday, Form: "10-Q"},
		},
	}
	r := check(t, newDataset(t, meta(), h))
	if want := (data.Documents{Items: 6, DateOnly: 1, Blank: 1, Duplicates: 1, WithSentiment: 1, OutsideCalendar: 1}); r.News != want {
		t.Errorf("news = %+v, want %+v", r.News, want)
	}
	if want := (data.Documents{Items: 2, DateOnly: 1, Blank: 1}); r.Filings != want {
		t.Errorf("filings = %+v, want %+v", r.Filings, want)
	}
	if diff := cmp.Diff([]data.Month{{Month: "2024-03", Sessions: 3, Bars: 3, News: 4, Filings: 1}}, r.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
}

func TestCheckOptions(t *testing.T) {
	d := newDataset(t, meta(), history("TSLA"), history("BRK.B"))
	report, err := data.Check(d, data.CheckOptions{Symbols: []string{"brk-b"}})
	if err != nil || len(report.Symbols) != 1 || report.Symbols[0].Symbol != "BRK.B" {
		t.Errorf("report on brk-b: %+v, %v", report.Symbols, err)
	}
	if _, err := data.Check(d, data.CheckOptions{Symbols: []string{"NFLX"}}); err == nil {
		t.Error("a symbol that is not there gives no error")
	}
	if _, err := data.Check(d, data.CheckOptions{From: "2025-05-01", To: "2024-05-23"}); err == nil { // B90
		t.Error("a reversed range gives no error")
	}
	empty, err := data.Check(newDataset(t, meta(), data.History{Symbol: "TSLA"}), data.CheckOptions{})
	if err != nil || !slices.Contains(warnings(empty.Symbols[0]), "no prices") {
		t.Errorf("report on a symbol without prices: %+v, %v", empty.Symbols, err)
	}
}

// The report is the same bytes every time, in camelCase, with lists where there
// is nothing to list.
func TestCheckJSON(t *testing.T) {
	m := meta()
	m.PriceKind, m.Adjustment = data.CloseOnly, data.UnknownAdjustment
	d := newDataset(t, m, data.History{Symbol: "TSLA", Bars: closes(t, "2024-03-07", 1)})
	report, err := data.Check(d, data.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"priceKind":"close-only"`, `"missing":[]`, `"jumps":[]`, `"expectedSessions":1`, `"coverage":[{"month":"2024-03","sessions":1,"bars":1,"news":0,"filings":0}]`, `"warning":false`, "closes only", "does not say"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("JSON lacks %s:\n%s", want, text)
		}
	}
}
