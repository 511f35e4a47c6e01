// Package protocoltest lays out the shared prices and decisions for tests that
// recompute published figures.
package protocoltest

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/backtest/protocol"
	"finmem/data"
	"finmem/internal/shared"
)

// Yahoo reads prices/yahoo_adj: adjusted closes, and opens on the same basis.
func Yahoo(t testing.TB, symbol string) protocol.Prices {
	t.Helper()
	path := shared.Path(t, "data/prices/yahoo_adj", symbol+".csv")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int {
		i := slices.Index(rows[0], name)
		if i < 0 {
			t.Fatalf("%s: no column %s", path, name)
		}
		return i
	}
	date, open, plain, adjusted := column("Date"), column("Open"), column("Close"), column("Adj Close")
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return v
	}
	s := protocol.Prices{OpenAfter: math.NaN()}
	for _, r := range rows[1:] {
		c := number(r[adjusted])
		s.Sessions = append(s.Sessions, data.Session(r[date]))
		s.Close = append(s.Close, c)
		s.Open = append(s.Open, number(r[open])*c/number(r[plain]))
	}
	return s
}

// FiveSymbols reads the prices of finmem/fivesym_2025_2026: one a session, no
// opens.
func FiveSymbols(t testing.TB, symbol string) protocol.Prices {
	t.Helper()
	f, err := os.Open(shared.Path(t, "data/finmem/fivesym_2025_2026", "env_"+symbol+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := protocol.Prices{OpenAfter: math.NaN()}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var day struct {
			Date  data.Session
			Price float64
		}
		if err := json.Unmarshal(lines.Bytes(), &day); err != nil {
			t.Fatal(err)
		}
		s.Sessions = append(s.Sessions, day.Date)
		s.Close = append(s.Close, day.Price)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Decisions reads a shared file of decisions about symbol, laid against
// sessions.
func Decisions(t testing.TB, path, symbol string, sessions []data.Session) decisions.Series {
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
	own, err := file.For(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return decisions.Align(own, sessions)
}

// Actions is [Decisions] for a file that decides every one of the sessions,
// perhaps but the last: that one is then cut off.
func Actions(t testing.TB, path, symbol string, sessions []data.Session) []agent.Action {
	t.Helper()
	s := Decisions(t, path, symbol, sessions)
	actions := s.Actions
	if n := len(actions); n > 0 && actions[n-1] == "" {
		actions = actions[:n-1]
	}
	if slices.Contains(actions, "") {
		t.Fatalf("%s: no decision on %v", path, s.Missing)
	}
	return actions
}

// Published reads a shared JSON file into v.
func Published(t testing.TB, path string, v any) {
	t.Helper()
	raw, err := os.ReadFile(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
