package agent_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/agent/llm"
	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
	"finmem/memory"
	"finmem/memory/embed"
	"finmem/profile"
)

// recordedAnswer is one session's answer of a real model, as it was given.
type recordedAnswer struct {
	Date   data.Session    `json:"date"`
	Answer json.RawMessage `json:"answer"`
}

func recordedAnswers(t *testing.T, path string) []recordedAnswer {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []recordedAnswer
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var a recordedAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// The 510 answers that a real model gave in a replication of FinMem drive the
// agent over the very sessions they were given on: every one is read, its
// decision is kept, its reason becomes a reflection that later sessions recall,
// and the ids of the other system's memory, which were not offered here, are
// dropped with a warning.
func TestRecordedAnswersDriveTheAgent(t *testing.T) {
	root := shared.Path(t, "data")
	total := 0
	for _, symbol := range []string{"TSLA", "NFLX", "AMZN", "MSFT", "COIN"} {
		t.Run(symbol, func(t *testing.T) {
			answers := recordedAnswers(t, filepath.Join(root, "replication", symbol+"-answers.jsonl"))
			r, err := importer.Pickle(t.Context(), filepath.Join(root, "finmem", strings.ToLower(symbol)+".pkl"), symbol, importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			feed, err := data.NewFeed(data.NYSE(), r.History, data.FeedOptions{})
			if err != nil {
				t.Fatal(err)
			}
			texts := make([]string, len(answers))
			for i, a := range answers {
				texts[i] = string(a.Answer)
			}
			script := llm.NewScript(texts...)
			embedder := embed.NewHashing()
			constants, err := memory.Preset("layered")
			if err != nil {
				t.Fatal(err)
			}
			store, err := memory.NewStore(constants, 1, embedder.Identity(), memory.NewExact())
			if err != nil {
				t.Fatal(err)
			}
			a, err := agent.New(agent.DefaultConfig(), profile.Generic(symbol), store, embedder, script, data.NYSE())
			if err != nil {
				t.Fatal(err)
			}
			stored, recalled, dropped := 0, map[string]bool{}, 0
			var before string // the reason of the session before
			for _, x := range answers {
				day, err := feed.Day(x.Date)
				if err != nil {
					t.Fatal(err)
				}
				bars := feed.Bars(x.Date)
				obs := agent.Observation{Day: day, Bars: bars[max(0, len(bars)-120):], Account: agent.Account{Cash: 1e5, Equity: 1e5}}
				d, err := a.Decide(t.Context(), obs)
				if err != nil {
					t.Fatalf("session %s: %v", x.Date, err)
				}
				var said struct {
					Decision string `json:"investment_decision"`
					Reason   string `json:"summary_reason"`
				}
				if err := json.Unmarshal(x.Answer, &said); err != nil {
					t.Fatal(err)
				}
				if string(d.Action) != said.Decision || len(d.Trace.Answers) != 1 {
					t.Errorf("session %s: decided %q after %d answers, the model said %q", x.Date, d.Action, len(d.Trace.Answers), said.Decision)
				}
				for _, w := range d.Trace.Warnings {
					if strings.Contains(w, "not offered") {
						dropped++
					}
				}
				for _, o := range d.Trace.Offered {
					if o.Layer == memory.Reflection {
						recalled[o.ID] = true
					}
				}
				for _, e := range added(a.TakeChanges()) {
					if e.Source == "reflection" {
						stored++
						if !strings.Contains(strings.Join(strings.Fields(e.Text), " "), strings.Join(strings.Fields(before)[:5], " ")) {
							t.Errorf("session %s: the reflection on the session before does not hold the model's reason: %q", x.Date, e.Text)
						}
					}
				}
				before = said.Reason
			}
			if script.Left() != 0 || stored != len(answers)-1 {
				t.Errorf("%d answers left unread, %d reflections of %d decisions, the last still to be remembered", script.Left(), stored, len(answers))
			}
			if dropped == 0 {
				t.Error("no foreign id was dropped with a warning")
			}
			if len(recalled) < 20 {
				t.Errorf("only %d different reflections were ever recalled", len(recalled))
			}
			total += len(answers)
		})
	}
	if total != 510 {
		t.Errorf("%d answers, want 510", total)
	}
}
