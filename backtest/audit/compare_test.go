package audit_test

import (
	"slices"
	"strings"
	"testing"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/audit"
	"finmem/data"
	"finmem/memory"
)

// decided is a record with something in all that is compared.
func decided(s data.Session) backtest.Record {
	confidence, tone := 0.5, 0.25
	trace := agent.Trace{
		Query: "anvils", System: "be brief", Prompt: "one\ntwo\nthree", Inclination: "neutral", Schema: []byte(`{}`),
		Offered:  []agent.Offer{{Number: 0, ID: "a", Score: memory.Score{Total: 1.5, Relevancy: 0.5}}},
		Answers:  []agent.Attempt{{Text: "{}", Usage: agent.Usage{InputTokens: 7}}},
		Feedback: []agent.Feedback{{Decided: "2024-01-02", Return: 0.1, Points: 1, IDs: []string{"a"}}},
	}
	return backtest.Record{
		Symbol: symbol, Session: s, Phase: backtest.Test, Status: backtest.StatusDecided, HasBar: true, Close: 10.1,
		Account:  agent.Account{Cash: 100, Equity: 100},
		Decision: &agent.Decision{Action: agent.Buy, Reason: "news", Confidence: &confidence, Cited: []string{"a"}, Trace: trace},
		Memory: []memory.Change{{Session: string(s), ID: "a", Op: memory.OpAdd, Importance: 40,
			Event: &memory.Event{ID: "a", Session: string(s), Text: "anvils sell", Tone: &tone, Vector: []float32{1}}}},
	}
}

// A change in any of what is compared is found under its name; what follows from
// it or does not belong to a run is not compared.
func TestCompare(t *testing.T) {
	tenth := 0.1
	for _, tt := range []struct {
		aspect string
		change func(*backtest.Record)
	}{
		{"session", func(r *backtest.Record) { r.Status = backtest.StatusObserved }},
		{"session", func(r *backtest.Record) { r.Close = 10.100000000000001 }},
		{"account", func(r *backtest.Record) { r.Account.Shares = 1 }},
		{"settlement", func(r *backtest.Record) { r.Settled = &backtest.Settlement{Note: "rejected"} }},
		{"query", func(r *backtest.Record) { r.Decision.Trace.Query = "hammers" }},
		{"offered memories", func(r *backtest.Record) { r.Decision.Trace.Offered[0].ID = "b" }},
		{"offered memories", func(r *backtest.Record) { r.Decision.Trace.Offered[0].Score.Relevancy = 0.5000000000000001 }},
		{"offered memories", func(r *backtest.Record) { r.Decision.Trace.Offered = nil }},
		{"feedback", func(r *backtest.Record) { r.Decision.Trace.Feedback[0].Points = -1 }},
		{"instructions", func(r *backtest.Record) { r.Decision.Trace.System = "be long" }},
		{"instructions", func(r *backtest.Record) { r.Decision.Trace.Schema = []byte(`[]`) }},
		{"prompt", func(r *backtest.Record) { r.Decision.Trace.Prompt = "one\ntwo" }},
		{"answers", func(r *backtest.Record) { r.Decision.Trace.Answers[0].Text = "" }},
		{"decision", func(r *backtest.Record) { r.Decision.Action = agent.Hold }},
		{"decision", func(r *backtest.Record) { r.Decision.Confidence = &tenth }},
		{"decision", func(r *backtest.Record) { r.Decision.Confidence = nil }},
		{"decision", func(r *backtest.Record) { r.Decision.Cited = nil }},
		{"decision", func(r *backtest.Record) { r.Decision.Reason = "" }},
		{"memory", func(r *backtest.Record) { r.Memory[0].Importance = 60 }},
		{"memory", func(r *backtest.Record) { r.Memory[0].Event.Text = "hammers sell" }},
		{"memory", func(r *backtest.Record) { r.Memory[0].Event.Tone = &tenth }},
		{"memory", func(r *backtest.Record) { r.Memory = nil }},
		{"", func(r *backtest.Record) { r.Memory[0].Event.Vector = nil }},
		{"", func(r *backtest.Record) { r.Decision.Trace.Answers[0].Usage = agent.Usage{} }},
		{"", func(*backtest.Record) {}},
	} {
		other := decided("2024-01-03")
		tt.change(&other)
		first, later := audit.Compare([]backtest.Record{decided("2024-01-03")}, []backtest.Record{other})
		var names []string
		for _, d := range first {
			names = append(names, d.Aspect)
		}
		if strings.Join(names, ", ") != tt.aspect || later != 0 {
			t.Errorf("found %q and %d later, want %q", names, later, tt.aspect)
		}
	}
}

// A list that came back from a file empty is the same as one that never was.
func TestCompareTakesNothingForNothing(t *testing.T) {
	recorded, rerun := decided("2024-01-03"), decided("2024-01-03")
	recorded.Decision.Cited, rerun.Decision.Cited = []string{}, nil
	recorded.Decision.Trace.Offered, rerun.Decision.Trace.Offered = []agent.Offer{}, nil
	recorded.Memory, rerun.Memory = []memory.Change{}, nil
	if first, _ := audit.Compare([]backtest.Record{recorded}, []backtest.Record{rerun}); first != nil {
		t.Errorf("found %+v", first)
	}
}

// The first session that differs is told in full, those after it are counted.
func TestCompareTellsTheFirst(t *testing.T) {
	var recorded, rerun []backtest.Record
	for _, s := range []data.Session{"2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"} {
		recorded, rerun = append(recorded, decided(s)), append(rerun, decided(s))
	}
	rerun[1].Decision.Trace.Prompt = "one\n" + strings.Repeat("-", 100) + "2\nthree"
	rerun[1].Decision.Action = agent.Sell
	rerun[3].Decision.Action = agent.Sell
	first, later := audit.Compare(recorded, rerun)
	want := []audit.Difference{
		{Symbol: symbol, Session: "2024-01-03", Aspect: "prompt", Recorded: "two", Rerun: strings.Repeat("-", 100) + "2"},
		{Symbol: symbol, Session: "2024-01-03", Aspect: "decision", Recorded: `{"Action":"buy","Confidence":0.5,"Reason":"news","Cited":["a"]}`,
			Rerun: `{"Action":"sell","Confidence":0.5,"Reason":"news","Cited":["a"]}`},
	}
	if !slices.Equal(first, want) || later != 1 {
		t.Errorf("found %+v and %d later, want %+v and 1", first, later, want)
	}

	first, later = audit.Compare(recorded, recorded[:2])
	if len(first) != 1 || first[0].Session != "2024-01-04" || first[0].Rerun != "not there" || later != 1 {
		t.Errorf("a run that is too short: %+v and %d later", first, later)
	}
	first, later = audit.Compare(recorded[:1], recorded)
	if len(first) != 1 || first[0].Session != "2024-01-03" || first[0].Recorded != "not there" || later != 2 {
		t.Errorf("a run that is too long: %+v and %d later", first, later)
	}
	if first, _ = audit.Compare(recorded[:1], recorded[1:2]); len(first) != 1 || first[0].Recorded != "2024-01-02" || first[0].Rerun != "2024-01-03" {
		t.Errorf("another session: %+v", first)
	}
}

// A long line is shown around where it differs, and terminal codes are not.
func TestDifferenceIsShort(t *testing.T) {
	recorded, rerun := decided("2024-01-03"), decided("2024-01-03")
	start := strings.Repeat("é", 300)
	recorded.Decision.Trace.Prompt, rerun.Decision.Trace.Prompt = start+"here\x1b[2J"+start, start+"there"
	first, _ := audit.Compare([]backtest.Record{recorded}, []backtest.Record{rerun})
	if len(first) != 1 || !strings.Contains(first[0].Recorded, "here[2J") || !strings.HasSuffix(first[0].Rerun, "éthere") ||
		len(first[0].Recorded) > 400 || strings.ContainsAny(first[0].Recorded, "\x1b\ufffd") {
		t.Errorf("found %+v", first)
	}
}
