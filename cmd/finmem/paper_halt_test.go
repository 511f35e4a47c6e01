package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quagmt/udecimal"

	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/internal/alpacatest"
	"finmem/memory"
	"finmem/paper"
	"finmem/paper/alpaca"
	"finmem/paper/simulated"
)

// loopWithOrder is the folder of a loop that stopped with one open order.
func loopWithOrder(t *testing.T, brokerName string) (dir string, o broker.Order) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "loop")
	c := defaultConfig()
	settings := defaultPaper()
	settings.Broker = brokerName
	c.Paper = &settings
	text, err := c.TOML()
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(t.Context(), dir, journal.Meta{Version: "test", Config: text, Embedder: memory.Identity{Name: "offline", Dim: 8}})
	if err != nil {
		t.Fatal(err)
	}
	o = broker.Order{ID: "AAA-2024-11-27-buy", Symbol: "AAA", Decided: "2024-11-27", Side: broker.Buy, Shares: udecimal.MustParse("10"), Reason: "buy"}
	record := backtest.Record{Symbol: "AAA", Session: "2024-11-27", Phase: backtest.Test, Status: backtest.StatusIdle, HasBar: true, Open: 100, Close: 101,
		Order: &o, State: backtest.State{Ledger: portfolio.State{Cash: "10000", Shares: "0", Cost: "0"}, Pending: &o, Mark: 101}}
	record.Account.Cash, record.Account.Equity = 10000, 10000
	if err := j.Commit(t.Context(), "2024-11-27", []backtest.Record{record}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "health.json"), []byte(`{"doing": "stopped", "beat": "2024-11-27T21:20:00Z"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, o
}

func ticketOf(name string, o broker.Order) paper.Ticket {
	return paper.Ticket{ClientID: paper.ClientID(name, o), Symbol: o.Symbol, Side: o.Side, Shares: o.Shares, For: "2024-11-29"}
}

// cli runs finmem and gives what it printed.
func cli(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// account opens the simulated account of a loop.
func accountOf(t *testing.T, dir string) *simulated.Broker {
	t.Helper()
	b, err := simulated.Open(t.Context(), filepath.Join(dir, accountFile), simulated.Config{Symbols: []string{"AAA"}, Cash: udecimal.MustParse("10000"), Clock: wallClock{}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// halt cancels the open order of a loop that does not run; one that runs does so
// itself.
func TestHaltCancelsInASimulatedAccount(t *testing.T) {
	dir, o := loopWithOrder(t, brokerSim)
	b := accountOf(t, dir)
	if _, err := b.Submit(t.Context(), ticketOf(b.Name(), o)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, _ := cli(t, "paper", "status", "--dir", dir)
	if code != 0 || !strings.Contains(out, "buy 10, not sent yet") {
		t.Errorf("status: exit code %d\n%s", code, out)
	}

	lock, err := journal.Resume(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := cli(t, "paper", "halt", "--dir", dir)
	if want := dir + " is halted: by hand\n1 open order: the running loop cancels it within a minute\n"; code != 0 || out != want {
		t.Errorf("while it runs: exit code %d, %q, want %q; %s", code, out, want, errs)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, errs = cli(t, "paper", "halt", "--dir", dir, "--reason", "again")
	if want := dir + " is halted: again\norder AAA-2024-11-27-buy is cancelled: buy 10\n"; code != 0 || out != want {
		t.Errorf("exit code %d, %q, want %q; %s", code, out, want, errs)
	}
	b = accountOf(t, dir)
	defer b.Close()
	if r, ok, err := b.Find(t.Context(), paper.ClientID(b.Name(), o)); err != nil || !ok || r.Status != paper.Cancelled {
		t.Errorf("receipt %+v, %v, %v", r, ok, err)
	}
}

// At a broker over the network the order is cancelled at once, whether the loop
// runs or not; where the broker is not reached the switch is set all the same.
func TestHaltCancelsAtTheBroker(t *testing.T) {
	s := alpacatest.New(t)
	s.SetTime(time.Date(2024, 11, 27, 21, 5, 0, 0, time.UTC))
	s.AddAsset(alpacatest.Asset{Symbol: "AAA"})
	t.Setenv(alpaca.URLVariable, s.URL())
	t.Setenv(alpaca.KeyVariable, alpacatest.Key)
	t.Setenv(alpaca.SecretVariable, alpacatest.Secret)
	dir, o := loopWithOrder(t, brokerAlpaca)
	calendar := data.NYSE()
	b, err := alpaca.Dial(t.Context(), alpaca.Config{Lookup: os.LookupEnv, Calendar: calendar, Clock: paper.NewSimClock(s.Now(), 0, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Submit(t.Context(), ticketOf(b.Name(), o)); err != nil {
		t.Fatal(err)
	}
	lock, err := journal.Resume(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	s.Fault(alpacatest.Fault{Times: -1, Status: 401, Body: `{"message":"no such key {key}"}`})
	code, out, errs := cli(t, "paper", "halt", "--dir", dir)
	if code != exitKey || !strings.Contains(out, "is halted") || !strings.Contains(errs, "it is halted, but its orders may be open still") || strings.Contains(errs, alpacatest.Key) {
		t.Errorf("exit code %d, %q, %q", code, out, errs)
	}
	if flag, err := paper.ReadHalt(dir); err != nil || !flag.Halted {
		t.Errorf("switch %+v, %v", flag, err)
	}
	s.ClearFaults()
	code, out, errs = cli(t, "paper", "halt", "--dir", dir)
	if code != 0 || !strings.HasSuffix(out, "order AAA-2024-11-27-buy is cancelled: buy 10\n") {
		t.Errorf("exit code %d, %q, %s", code, out, errs)
	}
	if got := s.Orders()[0].Status; got != "canceled" {
		t.Errorf("the order is %s", got)
	}
}
