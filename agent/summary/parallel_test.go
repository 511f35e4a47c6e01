package summary_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"finmem/agent"
	"finmem/agent/summary"
	"finmem/data"
)

// An echo is a model for several goroutines that answers with the first words of
// what it is shown.
type echo struct {
	asked atomic.Int64
	hook  func(n int64) error
}

func (*echo) Name() string { return "test/echo" }

func (m *echo) Complete(_ context.Context, req agent.Request) (agent.Response, error) {
	n := m.asked.Add(1)
	if m.hook != nil {
		if err := m.hook(n); err != nil {
			return agent.Response{}, err
		}
	}
	_, text, _ := strings.Cut(req.Prompt, ">\n")
	return agent.Response{Text: `{"summary":"` + strings.ReplaceAll(text[:40], "\n", " ") + `"}`, Usage: agent.Usage{InputTokens: len(text), OutputTokens: 7, Estimated: n%2 == 0}}, nil
}

// However many documents are worked on at once, the result and the counts are the
// same, and each document is told of once.
func TestParallel(t *testing.T) {
	type result struct {
		digests []string
		report  summary.Report
	}
	var want *result
	for _, parallel := range []int{0, 1, 3, 16} {
		var told []summary.Progress
		var mu sync.Mutex
		ds, report, err := summary.Dataset(t.Context(), dataset(t), chat(t, &echo{}, 0), summary.Options{Over: 400, Parallel: parallel, Done: func(p summary.Progress) error {
			if !mu.TryLock() {
				t.Error("two were told at once")
			}
			defer mu.Unlock()
			told = append(told, p)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		got := &result{[]string{ds.Digest("ACME"), ds.Digest("BOLT")}, report}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want.digests, got.digests); diff != "" {
			t.Errorf("parallel %d: other summaries:\n%s", parallel, diff)
		}
		if diff := cmp.Diff(want.report, got.report); diff != "" {
			t.Errorf("parallel %d: other counts:\n%s", parallel, diff)
		}
		var sum summary.Tally
		for i, p := range told {
			sum = sum.Plus(p.Last)
			if p.Done != i+1 || p.Total != len(told) {
				t.Errorf("parallel %d: told %d of %d at %d of %d", parallel, p.Done, p.Total, i+1, len(told))
			}
		}
		if len(told) != 4 || sum != report.Tally || report.Tally.EstimatedCalls != report.Tally.Calls/2 {
			t.Errorf("parallel %d: %d told with %+v, in all %+v", parallel, len(told), sum, report.Tally)
		}
	}
}

// What ends the work is returned, and nothing is begun after it.
func TestWorkEnds(t *testing.T) {
	stop := errors.New("enough")
	for _, parallel := range []int{1, 4} {
		m := &echo{}
		_, report, err := summary.Dataset(t.Context(), dataset(t), chat(t, m, 0), summary.Options{Over: 400, Parallel: parallel, Done: func(p summary.Progress) error {
			if p.Done == 2 {
				return stop
			}
			return nil
		}})
		if !errors.Is(err, stop) {
			t.Errorf("parallel %d: error %v", parallel, err)
		}
		if parallel == 1 && report.Tally.Calls != int(m.asked.Load()) {
			t.Errorf("%d calls counted of %d", report.Tally.Calls, m.asked.Load())
		}
		down := errors.New("out of order")
		m = &echo{hook: func(n int64) error {
			if n >= 2 {
				return down
			}
			return nil
		}}
		if _, _, err := summary.Dataset(t.Context(), dataset(t), chat(t, m, 0), summary.Options{Over: 400, Parallel: parallel}); !errors.Is(err, down) {
			t.Errorf("parallel %d: error %v", parallel, err)
		}
		if n := m.asked.Load(); n > int64(1+parallel) {
			t.Errorf("parallel %d: %d calls after the first that failed", parallel, n-2)
		}
	}
}

// A rehearsal has as many calls as a model that uses its bounds to the full, and
// asks nothing. Its tokens are those of the prompts.
func TestRehearsal(t *testing.T) {
	m := &model{}
	m.answer = func(_ int, req agent.Request) string { return answerOf(bound(t, req), "S ") }
	for _, window := range []int{0, 2048} {
		m.asked = nil
		if _, _, err := summary.Dataset(t.Context(), dataset(t), chat(t, m, window), summary.Options{Over: 2000}); err != nil {
			t.Fatal(err)
		}
		r, err := summary.NewRehearsal("test/model", window)
		if err != nil {
			t.Fatal(err)
		}
		_, report, err := summary.Dataset(t.Context(), dataset(t), r, summary.Options{Over: 2000})
		if err != nil {
			t.Fatal(err)
		}
		first, item := r.First()
		if got, want := report.Tally.Calls, len(m.asked); got != want || got != report.Tally.EstimatedCalls {
			t.Errorf("window %d: a rehearsal of %d calls, %d of them estimated, and %d were made", window, got, report.Tally.EstimatedCalls, want)
		}
		if first == nil || first.Prompt != m.asked[0].Prompt || first.System != m.asked[0].System || item.Symbol != "ACME" {
			t.Errorf("window %d: the first prompt, of %s, is another", window, item)
		}
		tokens := agent.EstimateTokens(first.System) * report.Tally.Calls
		if report.Tally.InputTokens <= tokens || report.Tally.OutputTokens == 0 {
			t.Errorf("window %d: %+v", window, report.Tally)
		}
		if record := r.Record(); record != (data.Summary{Method: "model", Model: "test/model"}) {
			t.Errorf("record %+v", record)
		}
	}
	if _, err := summary.NewRehearsal("test/model", 100); err == nil {
		t.Error("a window that is too small was taken")
	}
}
