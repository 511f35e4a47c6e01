package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/quagmt/udecimal"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/backtest/journal"
	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/memory"
)

var meta = journal.Meta{
	Version: "test", Config: "seed = 1\n",
	Embedder: memory.Identity{Name: "three", Dim: 3},
	Settings: map[string]string{"top k": "5", "model": "offline"},
}

func newStore(t *testing.T) *memory.Store {
	t.Helper()
	cfg, err := memory.Preset("layered")
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.NewStore(cfg, 1, meta.Embedder, memory.NewExact())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// remember adds one event and lets the night pass.
func remember(t *testing.T, store *memory.Store, session, text string) []memory.Change {
	t.Helper()
	tone := 0.25
	e := memory.Event{ID: memory.NewID("AAA", "news", session, text), Symbol: "AAA", Layer: memory.Short, Source: "news",
		Session: session, Text: text, Tone: &tone, Copies: 2, Vector: []float32{1, 2, float32(len(text))}}
	if _, err := store.Remember(t.Context(), session, []memory.Event{e}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Night(t.Context(), "AAA", session); err != nil {
		t.Fatal(err)
	}
	return store.TakeChanges("AAA")
}

// record is a session with something in every field.
func record(t *testing.T, session data.Session, changes []memory.Change) backtest.Record {
	t.Helper()
	confidence := 0.5
	d := agent.Decision{Action: agent.Buy, Reason: "news", Confidence: &confidence, Cited: []string{"a"},
		Trace: agent.Trace{Query: "q", System: "be brief", Prompt: "day " + string(session), Inclination: "neutral", Schema: []byte(`{}`),
			Offered:  []agent.Offer{{Number: 0, ID: "a", Layer: memory.Mid, Score: memory.Score{Total: 1.5, Relevancy: 0.5, Recency: 0.6, Importance: 0.4}}},
			LeftOut:  []agent.Omission{{ID: "b", Layer: memory.Short, Score: memory.Score{Total: 0.5, Relevancy: 0.1, Recency: 0.2, Importance: 0.2}, Tokens: 412, Bound: agent.BoundWindow}},
			Answers:  []agent.Attempt{{Text: "{}", Usage: agent.Usage{InputTokens: 7, OutputTokens: 1}}},
			Warnings: []string{"dropped 12"}, Reflection: agent.Reflection{Known: session, Text: "I bought"},
			Feedback: []agent.Feedback{{Decided: "2024-01-02", Return: 0.1, Points: 1, IDs: []string{"a"}}}}}
	ledger := portfolio.New(udecimal.MustParse("100.10"), false)
	return backtest.Record{Session: session, Symbol: "AAA", Phase: backtest.Test, Status: backtest.StatusDecided,
		HasBar: true, Open: 10.5, Close: 10.25, Split: 4, Account: agent.Account{Cash: 100.1, Equity: 100.1},
		Decision: &d, Notes: []string{"no order"}, Memory: changes,
		Limited: []backtest.Limited{{Limit: "max-weight", Wish: 1, Allowed: 0.1, Reason: "the largest weight is 0.1"}},
		State: backtest.State{Ledger: ledger.State(), Mark: 10.25, Limits: &backtest.LimitState{
			Side: 1, Opening: "100.1", Lost: true, Memory: map[string]backtest.LimitMemory{"drawdown-stop": {Peak: 120.5, Left: 3}}}}}
}

// What was committed is read back, the memory bit for bit.
func TestReadsBackWhatWasCommitted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	first := record(t, "2024-03-04", remember(t, store, "2024-03-04", "shares rise"))
	order := broker.Order{ID: "AAA-2024-03-04-buy", Symbol: "AAA", Decided: "2024-03-04", Side: broker.Buy, Shares: udecimal.MustParse("9"), Reason: "buy"}
	first.Order, first.State.Pending = &order, &order
	second := record(t, "2024-03-05", remember(t, store, "2024-03-05", "shares fall"))
	second.Settled = &backtest.Settlement{Order: order, Clamped: true, Note: "8 of 9",
		Fill: &broker.Fill{OrderID: order.ID, Symbol: "AAA", Session: "2024-03-05", Side: broker.Buy, Shares: udecimal.MustParse("8"), Price: udecimal.MustParse("10.5"), Basis: broker.AtOpen}}
	second.Open = math.NaN()
	second.Decision, second.Status = nil, backtest.StatusError
	second.Failure = &agent.Failure{Session: "2024-03-05", Reason: "cut", Trace: first.Decision.Trace}
	for _, r := range []backtest.Record{first, second} {
		if err := j.Commit(t.Context(), r.Session, []backtest.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Finish(t.Context()), j.Close()); err != nil {
		t.Fatal(err)
	}

	j, err = journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if got, err := j.Meta(t.Context()); err != nil || !reflect.DeepEqual(got, meta) {
		t.Errorf("Meta = %+v, %v; want %+v", got, err, meta)
	}
	got, err := j.Records(t.Context(), "AAA")
	if err != nil {
		t.Fatal(err)
	}
	want := []backtest.Record{first, second}
	for i := range want { // prompts and changes are read apart
		want[i].Memory = nil
		want[i].Adjustments = []portfolio.Adjustment{}
	}
	blank := func(tr *agent.Trace) { tr.System, tr.Prompt, tr.Schema = "", "", nil }
	blank(&want[0].Decision.Trace)
	blank(&want[1].Failure.Trace)
	decimals := cmp.Comparer(func(a, b udecimal.Decimal) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, got, decimals, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
	p, ok, err := j.Prompt(t.Context(), "AAA", "2024-03-05")
	if err != nil || !ok || p != (journal.Prompt{System: "be brief", Prompt: "day 2024-03-04", Schema: "{}"}) {
		t.Errorf("Prompt = %+v, %v, %v", p, ok, err)
	}
	if _, ok, err := j.Prompt(t.Context(), "AAA", "2024-03-06"); ok || err != nil {
		t.Errorf("a prompt of a session that is not there: %v, %v", ok, err)
	}

	// B26, B27: the memory comes back with the same ids, layers and scores.
	restored := newStore(t)
	if err := j.RestoreMemory(t.Context(), restored, "AAA", ""); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.Live("AAA"), restored.Live("AAA")); diff != "" {
		t.Errorf("memory differs (-was +restored):\n%s", diff)
	}
	earlier := newStore(t)
	if err := j.RestoreMemory(t.Context(), earlier, "AAA", "2024-03-04"); err != nil {
		t.Fatal(err)
	}
	if live := earlier.Live("AAA"); len(live) != 1 || live[0].Age != 1 {
		t.Errorf("memory on 2024-03-04 = %+v, want the one event, one night old", live)
	}
}

// A session that fails half-way is not there at all.
func TestCommitIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	before, err := j.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, "2024-03-04", nil)
	if err := j.Commit(t.Context(), "2024-03-04", []backtest.Record{r, r}); err == nil {
		t.Fatal("the same symbol twice in one session was committed")
	}
	if after, err := j.Digest(t.Context()); err != nil || after != before {
		t.Errorf("a failed commit left something behind: %v", err)
	}
	if err := j.Commit(t.Context(), "2024-03-04", []backtest.Record{r}); err != nil {
		t.Errorf("after a failed commit: %v", err)
	}
}

// Reading changes nothing in the file (B38).
func TestReadingLeavesTheFileAlone(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, "2024-03-04", remember(t, newStore(t), "2024-03-04", "shares rise"))
	if err := errors.Join(j.Commit(t.Context(), "2024-03-04", []backtest.Record{r}), j.Finish(t.Context()), j.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		j, err := journal.Read(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(j.RestoreMemory(t.Context(), newStore(t), "AAA", ""), j.Close()); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("ten looks at the memory changed the file")
	}
}

// B44: a torn file is an error, never an empty run.
func TestTornFileIsAnError(t *testing.T) {
	whole := t.TempDir()
	j, err := journal.Create(t.Context(), whole, meta)
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, "2024-03-04", remember(t, newStore(t), "2024-03-04", strings.Repeat("shares rise. ", 5000)))
	if err := errors.Join(j.Commit(t.Context(), "2024-03-04", []backtest.Record{r}), j.Finish(t.Context()), j.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(whole, journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []float64{0, 0.01, 0.25, 0.5, 0.9} {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, journal.FileName), content[:int(part*float64(len(content)))])
			write(t, filepath.Join(dir, journal.ConfigName), []byte(meta.Config))
			for name, open := range map[string]func(context.Context, string) (*journal.Journal, error){"Resume": journal.Resume, "Read": journal.Read} {
				if j, err := open(t.Context(), dir); err == nil {
					j.Close()
					t.Errorf("%s accepted a file cut to %v", name, part)
				}
			}
			if j, err := journal.Create(t.Context(), dir, meta); !errors.Is(err, journal.ErrExists) {
				if err == nil {
					j.Close()
				}
				t.Errorf("Create over a torn run: %v, want ErrExists", err)
			}
		})
	}
}

// A process that died while starting a run has not started one.
func TestUnfinishedStartIsNoRun(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, journal.FileName), nil)
	if _, err := journal.Resume(t.Context(), dir); !errors.Is(err, journal.ErrNoRun) {
		t.Errorf("Resume = %v, want ErrNoRun", err)
	}
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
}

// What a process that died left beside the database is put right.
func TestResumeTidies(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	config := filepath.Join(dir, journal.ConfigName)
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	leftover := filepath.Join(dir, ".metrics.json.1.tmp")
	write(t, leftover, []byte("{"))
	if j, err = journal.Resume(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if got, err := os.ReadFile(config); err != nil || string(got) != meta.Config {
		t.Errorf("configuration = %q, %v; want it back", got, err)
	}
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a half-written file is still there: %v", err)
	}
}

// B78: a second run does not pile onto the first. B45: nor do two at once.
func TestOneRunOneWriter(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Create(t.Context(), dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Create(t.Context(), dir, meta); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("Create while it is open = %v, want ErrBusy", err)
	}
	if _, err := journal.Resume(t.Context(), dir); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("Resume while it is open = %v, want ErrBusy", err)
	}
	if err := journal.Remove(dir); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("Remove while it is open = %v, want ErrBusy", err)
	}
	looker, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Errorf("Read while it is open: %v", err)
	} else {
		looker.Close()
	}
	j.Close()
	if _, err := journal.Create(t.Context(), dir, meta); !errors.Is(err, journal.ErrExists) {
		t.Errorf("Create again = %v, want ErrExists", err)
	}
	j, err = journal.Resume(t.Context(), dir)
	if err != nil {
		t.Fatalf("Resume once it is free: %v", err)
	}
	j.Close()
	if err := journal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Remove: %v", err)
	}
	if err := journal.Remove(t.TempDir()); !errors.Is(err, journal.ErrNoRun) {
		t.Errorf("Remove of a folder without a run = %v, want ErrNoRun", err)
	}
}

// B91: differences are named one by one.
func TestDifferences(t *testing.T) {
	got := journal.Differences(map[string]string{"a": "1", "b": "2", "c": "3"}, map[string]string{"a": "1", "b": "5", "d": "4"})
	want := []journal.Difference{{"b", "2", "5"}, {"c", "3", ""}, {"d", "", "4"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
