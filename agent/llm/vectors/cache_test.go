package vectors_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"finmem/agent/llm/calls"
	"finmem/agent/llm/vectors"
	"finmem/memory/embed"
)

var from = embed.Source{Provider: "ollama", Model: "m", URL: "http://127.0.0.1/api/embed", InputTokens: 2048}

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

func newStore(t *testing.T) *calls.Store {
	t.Helper()
	s, err := calls.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// What is kept comes back bit for bit, to the text and source it belongs to and
// to no other.
func TestCacheGivesBackWhatWasKept(t *testing.T) {
	s := newStore(t)
	c := vectors.New(s, calls.Auto, noon)
	third := float32(1) / 3
	want := [][]float32{{third, -1e-30, 0.5}, {0, 1, third}}
	ctx := calls.WithAsker(t.Context(), calls.Asker{Session: "2026-01-02", Symbol: "TSLA"})
	if got, err := c.KeepVectors(ctx, from, []string{"one", "two"}, want); err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("kept %v, %v, want %v", got, err, want)
	}
	got, err := vectors.New(s, calls.Replay, noon).Vectors(t.Context(), from, []string{"two", "one"})
	if err != nil || !slices.Equal(got[0], want[1]) || !slices.Equal(got[1], want[0]) {
		t.Errorf("kept %v, %v, want %v the other way round", got, err, want)
	}
	for _, other := range []embed.Source{
		{Provider: "openai", Model: "m", URL: from.URL, InputTokens: 2048},
		{Provider: "ollama", Model: "n", URL: from.URL, InputTokens: 2048},
		{Provider: "ollama", Model: "m", URL: "http://other/api/embed", InputTokens: 2048},
		{Provider: "ollama", Model: "m", URL: from.URL, InputTokens: 512},
	} {
		if got, err := c.Vectors(t.Context(), other, []string{"one"}); err != nil || got[0] != nil {
			t.Errorf("%+v: %v, %v, want none", other, got, err)
		}
	}
	stats, err := s.Stats(t.Context())
	if err != nil || len(stats) != 1 || stats[0].Kind != calls.Vector || stats[0].Calls != 2 {
		t.Errorf("stats %+v, %v, want 2 vectors", stats, err)
	}
	var export strings.Builder
	if _, err := s.Export(t.Context(), &export, calls.Filter{}); err != nil || strings.Count(export.String(), `"session":"2026-01-02","symbol":"TSLA"`) != 2 {
		t.Errorf("export %s, %v, want the asker in it twice", export.String(), err)
	}
	if _, err := newStore(t).Import(t.Context(), strings.NewReader(export.String()), "export"); err != nil {
		t.Errorf("importing the export: %v", err)
	}
}

func TestCacheModes(t *testing.T) {
	old, fresh := [][]float32{{1, 0}}, [][]float32{{0, 1}}
	for _, tt := range []struct {
		mode    calls.Mode
		kept    bool      // before
		vectors []float32 // given then, nil for none
		counts  []float32 // after keeping fresh
		left    []float32 // in the file, nil for none
	}{
		{calls.Auto, false, nil, fresh[0], fresh[0]},
		{calls.Auto, true, old[0], old[0], old[0]},
		{calls.Record, false, nil, fresh[0], fresh[0]},
		{calls.Record, true, nil, fresh[0], fresh[0]},
		{calls.Replay, false, nil, fresh[0], nil},
		{calls.Replay, true, old[0], fresh[0], old[0]},
		{calls.Off, true, nil, fresh[0], old[0]},
	} {
		s := newStore(t)
		if tt.kept {
			if _, err := vectors.New(s, calls.Auto, noon).KeepVectors(t.Context(), from, []string{"one"}, old); err != nil {
				t.Fatal(err)
			}
		}
		c := vectors.New(s, tt.mode, noon)
		got, err := c.Vectors(t.Context(), from, []string{"one"})
		if err != nil || !slices.Equal(got[0], tt.vectors) {
			t.Errorf("%s, kept before %t: %v, %v, want %v", tt.mode, tt.kept, got, err, tt.vectors)
		}
		if got, err := c.KeepVectors(t.Context(), from, []string{"one"}, fresh); err != nil || !slices.Equal(got[0], tt.counts) {
			t.Errorf("%s, kept before %t: what counts is %v, %v, want %v", tt.mode, tt.kept, got, err, tt.counts)
		}
		left, err := vectors.New(s, calls.Auto, noon).Vectors(t.Context(), from, []string{"one"})
		if err != nil || !slices.Equal(left[0], tt.left) {
			t.Errorf("%s, kept before %t: the file has %v, %v, want %v", tt.mode, tt.kept, left, err, tt.left)
		}
	}
}

// What a replay got out of kept requests it does not ask for again, and neither does
// it write.
func TestReplayRemembers(t *testing.T) {
	s := newStore(t)
	c := vectors.New(s, calls.Replay, noon)
	if _, err := c.KeepVectors(t.Context(), from, []string{"one"}, [][]float32{{1, 0}}); err != nil {
		t.Fatal(err)
	}
	got, err := c.Vectors(t.Context(), from, []string{"two", "one"})
	if err != nil || got[0] != nil || !slices.Equal(got[1], []float32{1, 0}) {
		t.Errorf("%v, %v, want none and the vector of one", got, err)
	}
	if n, err := s.Number(t.Context(), calls.Filter{}); n != 0 || err != nil {
		t.Errorf("%d calls are kept, %v, want none", n, err)
	}
}

// Two symbols that ask for one text at once, and get answers that differ in the
// last bit, go on with the same vector; so the run can be replayed.
func TestOneVectorForAllWhoAsk(t *testing.T) {
	for _, mode := range []calls.Mode{calls.Auto, calls.Record} {
		s := newStore(t)
		if _, err := vectors.New(s, calls.Auto, noon).KeepVectors(t.Context(), from, []string{"before"}, [][]float32{{1, 0}}); err != nil {
			t.Fatal(err)
		}
		c := vectors.New(s, mode, noon)
		got := make([][]float32, 8)
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() {
				v, err := c.KeepVectors(context.Background(), from, []string{"one"}, [][]float32{{float32(i), 1}})
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = v[0]
			})
		}
		group.Wait()
		replayed, err := vectors.New(s, calls.Replay, noon).Vectors(t.Context(), from, []string{"one"})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range got {
			if !slices.Equal(v, replayed[0]) {
				t.Errorf("%s: one has %v, the replay %v", mode, v, replayed[0])
			}
		}
	}
}
