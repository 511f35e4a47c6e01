package decisions_test

import (
	"slices"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/data"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAlign(t *testing.T) {
	sessions := []data.Session{"2022-10-06", "2022-10-07", "2022-10-10", "2022-10-11"}
	got := decisions.Align([]decisions.Decision{
		{Session: "2022-10-11", Action: agent.Sell, Line: 2},
		{Session: "2022-10-06", Action: agent.Buy, Line: 3},
		{Session: "2022-10-06", Action: agent.Buy, Line: 4},
		{Session: "2022-10-07", Action: agent.Hold, Line: 5},
		{Session: "2022-10-07", Action: agent.Sell, Line: 6},
		{Session: "2022-10-08", Action: agent.Buy, Line: 7}, // a Saturday
		{Session: "2022-10-05", Action: agent.Buy, Line: 8},
		{Session: "2022-10-12", Action: agent.Buy, Line: 9},
	}, sessions)
	want := decisions.Series{
		Actions:  []agent.Action{agent.Buy, agent.Hold, "", agent.Sell},
		Missing:  []data.Session{"2022-10-10"},
		Unpriced: []decisions.Decision{{Session: "2022-10-08", Action: agent.Buy, Line: 7}},
		Repeated: []decisions.Repeat{
			{Session: "2022-10-06", Lines: []int{3, 4}},
			{Session: "2022-10-07", Lines: []int{5, 6}, Conflict: true},
		},
		Outside: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestAlignNoSession(t *testing.T) {
	got := decisions.Align([]decisions.Decision{{Session: "2022-10-06", Action: agent.Buy, Line: 2}}, nil)
	if len(got.Actions) != 0 || got.Outside != 1 {
		t.Errorf("series %+v", got)
	}
}

// A row without an action says that no decision was reached: missing, not hold.
func TestAlignWithoutAction(t *testing.T) {
	got := decisions.Align([]decisions.Decision{{Session: "2022-10-06", Line: 2}}, []data.Session{"2022-10-06"})
	if got.Actions[0] != "" || len(got.Missing) != 1 {
		t.Errorf("series %+v", got)
	}
}

func TestAlignProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := func(i int) data.Session { return data.Session("2022-01-03").AddDays(i) }
		var sessions []data.Session
		for i := range 20 {
			if i%7 < 5 {
				sessions = append(sessions, day(i))
			}
		}
		var list []decisions.Decision
		for i, d := range rapid.SliceOfN(rapid.IntRange(-3, 24), 0, 40).Draw(t, "days") {
			a := rapid.SampledFrom([]agent.Action{agent.Buy, agent.Sell, agent.Hold}).Draw(t, "action")
			list = append(list, decisions.Decision{Session: day(d), Action: a, Line: i + 2})
		}
		s := decisions.Align(list, sessions)
		acted := 0
		for _, a := range s.Actions {
			if a != "" {
				acted++
			}
		}
		again := 0
		for _, r := range s.Repeated {
			again += len(r.Lines) - 1
		}
		if acted+len(s.Unpriced)+s.Outside+again != len(list) || acted+len(s.Missing) != len(sessions) {
			t.Fatalf("a decision or a session is lost: %+v of %d", s, len(list))
		}
		turned := slices.Clone(list)
		slices.Reverse(turned)
		if diff := cmp.Diff(s, decisions.Align(turned, sessions)); diff != "" {
			t.Fatalf("the order of the rows matters:\n%s", diff)
		}
	})
}
