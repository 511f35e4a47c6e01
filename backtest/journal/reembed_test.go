package journal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"finmem/backtest"
	"finmem/backtest/journal"
	"finmem/data"
	"finmem/memory"
)

// twoDays is a run of two sessions with one event each, open for reading.
func twoDays(t *testing.T) *journal.Journal {
	t.Helper()
	j, err := journal.Create(t.Context(), filepath.Join(t.TempDir(), "run"), meta)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	for _, day := range []struct {
		session data.Session
		text    string
	}{{"2024-03-04", "shares rise"}, {"2024-03-05", "shares fall"}} {
		r := record(t, day.session, remember(t, store, string(day.session), day.text))
		if err := j.Commit(t.Context(), day.session, []backtest.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = journal.Read(t.Context(), j.Dir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// other is the run with an embedder of two dimensions.
var other = journal.Meta{
	Version: "test", Config: "seed = 2\n",
	Embedder: memory.Identity{Name: "two", Dim: 2},
	Settings: map[string]string{"top k": "5", "model": "offline", "embedder": "two"},
}

// byLength places a text at its length: (3, 4) if it is even, (4, 3) if odd.
func byLength(_ context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, s := range texts {
		vectors[i] = []float32{3, 4}
		if len(s)%2 == 1 {
			vectors[i] = []float32{4, 3}
		}
	}
	return vectors, nil
}

// The copy is the run in everything but its vectors and what it says of the
// embedder; the run itself does not change by a byte of what it holds.
func TestReembed(t *testing.T) {
	j := twoDays(t)
	before, err := j.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changes, err := j.Changes(t.Context(), "AAA", "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := j.Reembed(t.Context(), dir, other, byLength); err != nil {
		t.Fatal(err)
	}
	if after, err := j.Digest(t.Context()); err != nil || after != before {
		t.Errorf("the run changed: %v", err)
	}

	c, err := journal.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Meta(t.Context())
	if diff := cmp.Diff(other, got); err != nil || diff != "" {
		t.Errorf("meta (-want +got):\n%s, %v", diff, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, journal.ConfigName)); err != nil || string(text) != other.Config {
		t.Errorf("configuration %q, %v", text, err)
	}
	copied, err := c.Changes(t.Context(), "AAA", "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changes, copied, cmpopts.IgnoreFields(memory.Event{}, "Vector")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	events := 0
	for _, change := range copied {
		if change.Event == nil {
			continue
		}
		events++
		want := []float32{0.6, 0.8}
		if len(change.Event.Text)%2 == 1 {
			want = []float32{0.8, 0.6}
		}
		if !slices.Equal(change.Event.Vector, want) {
			t.Errorf("%q is at %v, want %v", change.Event.Text, change.Event.Vector, want)
		}
	}
	if events != 2 {
		t.Errorf("%d events, want 2", events)
	}
	records, err := j.Records(t.Context(), "AAA")
	if err != nil {
		t.Fatal(err)
	}
	same, err := c.Records(t.Context(), "AAA")
	if diff := cmp.Diff(records, same, cmpopts.EquateNaNs()); err != nil || diff != "" {
		t.Errorf("records (-want +got):\n%s, %v", diff, err)
	}

	// Its memory is one of the new embedder, and the old one is refused (B33).
	cfg, err := memory.Preset("layered")
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.NewStore(cfg, 1, other.Embedder, memory.NewExact())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.RestoreMemory(t.Context(), store, "AAA", ""); err != nil {
		t.Error(err)
	}
	if err := meta.Embedder.Check(got.Embedder); err == nil || !strings.Contains(err.Error(), "two (2 dimensions)") || !strings.Contains(err.Error(), "three (3 dimensions)") {
		t.Errorf("the old embedder: %v, want a refusal that names both", err)
	}
}

func TestReembedFails(t *testing.T) {
	broken := errors.New("no server")
	for _, tt := range []struct {
		name  string
		place func(context.Context, []string) ([][]float32, error)
		want  string
	}{
		{"no answer", func(context.Context, []string) ([][]float32, error) { return nil, broken }, "embedding texts 1 to 2 of 2: no server"},
		{"too few", func(context.Context, []string) ([][]float32, error) { return [][]float32{{1, 0}}, nil }, "got 1 vectors"},
		{"dimension", func(context.Context, []string) ([][]float32, error) { return [][]float32{{1, 0}, {1, 0, 0}}, nil }, "text 2 of 2: the vector has 3 dimensions, but the embedder is two (2 dimensions)"},
		{"zeros", func(context.Context, []string) ([][]float32, error) { return [][]float32{{0, 0}, {1, 0}}, nil }, "all zero"},
	} {
		j := twoDays(t)
		dir := t.TempDir()
		if err := j.Reembed(t.Context(), dir, other, tt.place); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		// What is left of the copy still has all its old vectors, and says so.
		c, err := journal.Read(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Meta(t.Context()); err != nil || got.Embedder != meta.Embedder {
			t.Errorf("%s: a half-made copy says its embedder is %s, %v", tt.name, got.Embedder, err)
		}
		c.Close()
	}
	j := twoDays(t)
	if err := j.Reembed(t.Context(), j.Dir(), other, byLength); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("onto itself: %v", err)
	}
}
