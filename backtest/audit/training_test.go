package audit_test

import (
	"testing"

	"finmem/backtest/audit"
	"finmem/data"
)

func cutoff(t *testing.T, s string) audit.Cutoff {
	t.Helper()
	var c audit.Cutoff
	if err := c.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCutoff(t *testing.T) {
	for in, want := range map[string]audit.Cutoff{
		"":           "",
		"2023-12-05": "2023-12-05",
		"2023-12":    "2023-12-31",
		"2024-02":    "2024-02-29",
	} {
		if got := cutoff(t, in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"2023", "2023-13", "2023-02-30", "December 2023", " ", "2023-12-05T00:00:00Z"} {
		var c audit.Cutoff
		if err := c.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is read as %q, want an error", in, c)
		}
	}
}

// B60: a model whose training ended in 2023-12 may know a test in 2022.
func TestTraining(t *testing.T) {
	test := []data.Session{"2022-10-06", "2022-10-07", "2022-10-10"}
	for _, tt := range []struct {
		cutoff   string
		verdict  audit.Verdict
		possible int
		says     string
	}{
		{"2023-12", audit.BeforeCutoff, 3,
			"the model may know the test period: 3 of 3 test sessions lie on or before the end of its training, 2023-12-31"},
		{"2022-10-07", audit.BeforeCutoff, 2,
			"the model may know the test period: 2 of 3 test sessions lie on or before the end of its training, 2022-10-07"},
		{"2022-10-06", audit.BeforeCutoff, 1,
			"the model may know the test period: 1 of 3 test sessions lie on or before the end of its training, 2022-10-06"},
		{"2022-10-05", audit.AfterCutoff, 0, "the test window lies after the end of the model's training, 2022-10-05"},
		{"2022-09", audit.AfterCutoff, 0, "the test window lies after the end of the model's training, 2022-09-30"},
		{"", audit.CutoffUnknown, 3, "the end of the model's training is unknown: the model may know the test period"},
	} {
		got := audit.NewTraining(cutoff(t, tt.cutoff), test)
		if got.Verdict != tt.verdict || got.Possible != tt.possible || got.Sessions != 3 {
			t.Errorf("cut-off %q: %+v, want %s, %d of 3", tt.cutoff, got, tt.verdict, tt.possible)
		}
		if notes := got.Notes(); len(notes) != 1 || notes[0] != tt.says {
			t.Errorf("cut-off %q: notes %q, want %q", tt.cutoff, notes, tt.says)
		}
	}
	rules := audit.Untrained(test)
	if rules.String() != "no training: not applicable" || rules.Notes() != nil {
		t.Errorf("rules: %q, notes %q", rules, rules.Notes())
	}
}
