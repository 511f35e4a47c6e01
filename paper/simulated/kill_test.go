package simulated_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"finmem/backtest/broker"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/paper"
	"finmem/paper/simulated"
)

// accountVariable makes the test program one that trades in the account it names,
// until it is killed.
const accountVariable = "FINMEM_TEST_ACCOUNT"

func TestMain(m *testing.M) {
	path := os.Getenv(accountVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := trade(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var killed = simulated.Config{Symbols: []string{"AAA"}, Cash: dec("10000"), Adjustment: data.Raw, Clock: evening}

const killedSessions = 120

// day is the n-th session, and order what is ordered for it: bought and sold in
// turn, and each fifth is cancelled. A split comes now and then.
func day(n int) simulated.Market {
	s := data.Session("2024-01-01").AddDays(n)
	m := simulated.Market{Session: s, Symbol: "AAA", HasBar: true, Bar: bar(s, 10+float64(n%7))}
	if n%40 == 39 {
		m.Actions = []data.Action{{Session: s, Split: 2}}
	}
	return m
}

func ordered(n int) paper.Ticket {
	k := buy(fmt.Sprintf("order-%03d", n), "3", day(n).Session)
	if n%2 == 0 {
		k.Side, k.Shares = broker.Sell, dec("1")
	}
	return k
}

// trade goes on where the account is.
func trade(ctx context.Context, path string) error {
	b, err := simulated.Open(ctx, path, killed)
	if err != nil {
		return err
	}
	for n := 1; n <= killedSessions; n++ {
		k := ordered(n)
		if _, done, err := b.Find(ctx, fmt.Sprintf("order-%03d", n+1)); err != nil {
			return err
		} else if done {
			continue // the session is over
		}
		if _, err := b.Submit(ctx, k); err != nil && !errors.Is(err, paper.ErrDuplicate) {
			return err
		}
		if n%5 == 0 {
			if err := b.Cancel(ctx, k.ClientID); err != nil {
				return err
			}
		}
		if _, err := b.Settle(ctx, day(n)); err != nil {
			return err
		}
	}
	return b.Close()
}

// A process that is killed at any instant, again and again, comes to the account of
// one that is not: no order lost, none twice.
func TestKilledAnywhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process that is killed there may keep its files open for a while")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	calm, rough := filepath.Join(dir, "calm.db"), filepath.Join(dir, "rough.db")
	if err := trade(t.Context(), calm); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	// However slow the machine, the last process is left to finish.
	const most = 25
	kills := 0
	for {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), accountVariable+"="+rough)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lives := time.Duration(10+random.IntN(120)) * time.Millisecond
		if kills == most {
			lives = time.Hour
		}
		timer := time.AfterFunc(lives, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		if cmd.ProcessState.Exited() {
			t.Fatalf("it failed by itself: %v", err)
		}
		kills++
	}
	t.Logf("killed %d times", kills)
	want, got := contents(t, calm), contents(t, rough)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after %d kills the account differs (-undisturbed +killed):\n%s", kills, diff)
	}
	if kills == 0 || len(want.Orders) != killedSessions {
		t.Errorf("%d kills, %d orders: nothing was tested", kills, len(want.Orders))
	}
}

// A heldAccount is all that an account has, as text.
type heldAccount struct {
	Ledger portfolio.State
	Mark   float64
	Orders []string
}

func contents(t *testing.T, path string) (all heldAccount) {
	t.Helper()
	b := open(t, path, killed)
	all.Ledger, all.Mark, _ = b.Ledger("AAA")
	for n := 1; ; n++ {
		r, found, err := b.Find(t.Context(), fmt.Sprintf("order-%03d", n))
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return all
		}
		line := fmt.Sprintf("%s %s %s %s %s %v %s", r.ClientID, r.BrokerID, r.Side, r.Shares, r.Status, r.Result.Clamped, r.Result.Note)
		if f := r.Result.Fill; f != nil {
			line += fmt.Sprintf(" %s %s at %s", f.Session, f.Shares, f.Price)
		}
		all.Orders = append(all.Orders, line)
	}
}
