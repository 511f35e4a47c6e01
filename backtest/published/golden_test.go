package published_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"finmem/backtest/decisions"
	"finmem/backtest/protocol"
	"finmem/backtest/protocol/protocoltest"
	"finmem/backtest/published"
	"finmem/data"
	"finmem/internal/shared"
)

func readRows(t *testing.T, path string) []published.Row {
	t.Helper()
	f, err := os.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := published.Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The window that the paper's rows truly hold on is found from the one they
// state. A row that is flat near an end holds on more than one; the rows of a
// table share exactly one.
func TestFindPublishedWindows(t *testing.T) {
	const file = "data/finmem/published_metrics/finmem_published_metrics.json"
	type span struct{ from, to data.Session }
	var truth struct {
		Rows []struct {
			First       data.Session `json:"first_price_date"`
			Last        data.Session `json:"last_price_date"`
			ActionsFile string       `json:"actions_file"`
			Reproduced  bool         `json:"reproduced_here"`
		}
	}
	protocoltest.Published(t, file, &truth)
	rows := readRows(t, file)
	if len(rows) != len(truth.Rows) {
		t.Fatalf("%d rows read of %d", len(rows), len(truth.Rows))
	}
	prices := map[string]protocol.Prices{}
	found, tables, want := 0, map[string][]published.Found{}, map[string]span{}
	for i, row := range rows {
		if !truth.Rows[i].Reproduced {
			continue
		}
		found++
		if _, read := prices[row.Symbol]; !read {
			prices[row.Symbol] = protocoltest.Yahoo(t, row.Symbol)
		}
		var list []decisions.Decision
		if a := truth.Rows[i].ActionsFile; a != "" {
			list = decisionsOf(t, "data/"+a, row.Symbol)
		}
		got, err := published.Search{Reach: 12, Tolerance: 5e-6}.Find(row, list, prices[row.Symbol], published.FinMem)
		if err != nil {
			t.Fatal(err)
		}
		if row.Table == "main" && got.Stated.Largest <= 5e-6 {
			t.Errorf("%s %s: holds on the window it states", row.Symbol, row.Name)
		}
		table := row.Table + " " + row.Symbol
		tables[table] = append(tables[table], got)
		want[table] = span{truth.Rows[i].First, truth.Rows[i].Last}
	}
	if found != 31 || len(tables) != 9 {
		t.Errorf("%d rows of %d tables searched, want 31 of 9", found, len(tables))
	}
	for table, all := range tables {
		common := published.Common(all)
		if len(common) != 1 || common[0].From != want[table].from || common[0].To != want[table].to {
			t.Errorf("%s: rows hold on %+v, want %+v", table, common, want[table])
		}
	}
	// What the program says of these tables is what was found.
	for _, k := range published.KnownWindows() {
		table := "main " + k.Symbol
		if k.StatedFrom == "2022-06-16" {
			table = "llm " + k.Symbol
		}
		if (want[table] != span{k.From, k.To}) {
			t.Errorf("%s of %s is said to hold on %s to %s, found %+v", k.Source, k.Symbol, k.From, k.To, want[table])
		}
	}
}

func decisionsOf(t *testing.T, path, symbol string) []decisions.Decision {
	t.Helper()
	f, err := os.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := decisions.Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	list, err := file.For(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// An independent re-run of the paper's agents and of rule strategies: its figures
// follow from its own equity curves where its conventions are sound.
func TestCheckFinsaber(t *testing.T) {
	nyse := data.NYSE()
	compared := 0
	curves := map[string][]decisions.Curve{}
	for _, row := range readRows(t, "data/finmem/finsaber/finsaber_metrics.json") {
		if curves[row.Name] == nil {
			path := "data/finmem/finsaber/equity_" + row.Name + ".csv"
			f, err := os.Open(shared.Path(t, path))
			if err != nil {
				t.Fatal(err)
			}
			curves[row.Name], err = decisions.ReadEquity(f, path)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range curves[row.Name] {
			if c.Name != row.Symbol {
				continue
			}
			initial := math.NaN()
			if _, llm := row.Figures[published.FinalValue]; llm {
				initial = 100_000
			}
			s, err := published.Sample(c.Points, initial, nyse)
			if err != nil {
				t.Fatal(err)
			}
			compared++
			_, llm := row.Figures[published.FinalValue]
			for _, f := range published.CheckCurve(s, row, 0.03, 252, 1e-8) {
				if problem := unexpected(row, s, f, llm); problem != "" {
					t.Errorf("%s %s %s: %s: %+v", row.Name, row.Symbol, f.Figure, problem, f)
				}
			}
		}
	}
	if compared != 61 {
		t.Errorf("%d curves compared, want 61", compared)
	}
}

// unexpected says what is wrong with a finding about the re-run, or nothing.
func unexpected(row published.Row, s published.Sampling, f published.Finding, llm bool) string {
	if f.Reading == "" {
		return "no word on why"
	}
	if (len(s.OffCalendar) > 0) == llm {
		return "rows on the wrong calendar"
	}
	flat := row.Figures[published.AnnualVolatility] == 0
	switch f.Figure {
	case published.CumulativeReturn:
		if !f.Holds || !f.Sound {
			return "want it to hold"
		}
	case published.MaxDrawdown:
		if !f.Holds {
			return "want it to hold"
		}
	case published.FinalValue:
		// What the closing sale of an open position cost is not in the curve.
		if !f.Holds && !strings.Contains(f.Reading, "after its last row") {
			return "want the cost of the last sale for a reason"
		}
	case published.AnnualReturn, published.AnnualVolatility:
		switch {
		case !llm && (!f.Holds || f.Sound || !strings.Contains(f.Reading, "weekends")):
			return "want it to hold on calendar days alone"
		case llm && f.Figure == published.AnnualReturn && row.Name == "FinAgentStrategy_mini":
			if f.Holds || !strings.Contains(f.Reading, "over 127 sessions; the curve has 123") {
				return "want the number of sessions for a reason"
			}
		case llm && (!f.Holds || !f.Sound):
			return "want it to hold"
		}
	case published.Sharpe, published.Sortino:
		switch {
		case !llm && (f.Holds || !strings.Contains(f.Reading, "weekends")):
			return "want the weekends for a reason"
		case flat && (f.Holds || !strings.Contains(f.Reading, "undefined")):
			return "want it undefined"
		case llm && !flat && !f.Holds && !(f.Figure == published.Sortino && row.Name == "FinAgentStrategy"):
			// What that one divides by is not known.
			return "want it to hold"
		}
	}
	return ""
}

// Its rule strategies fill on days without trading: the equity of some moves on
// a weekend.
func TestFinsaberWeekendFills(t *testing.T) {
	const path = "data/finmem/finsaber/equity_BollingerBandsStrategy.csv"
	f, err := os.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	curves, err := decisions.ReadEquity(f, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range curves {
		s, err := published.Sample(c.Points, math.NaN(), data.NYSE())
		if err != nil {
			t.Fatal(err)
		}
		if c.Name == "AMZN" && (len(s.Moves) != 1 || s.Moves[0] != "2022-10-29") {
			t.Errorf("%s: moves on %v, want the Saturday 2022-10-29", c.Name, s.Moves)
		}
	}
}
