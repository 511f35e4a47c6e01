package audit

import (
	"fmt"
	"time"

	"finmem/data"
)

// A Verdict says how a test window lies to the end of a model's training.
type Verdict string

const (
	// NoTraining: the model is a set of rules.
	NoTraining Verdict = "not applicable"
	// CutoffUnknown: nobody said when the training ended.
	CutoffUnknown Verdict = "unknown"
	// AfterCutoff: all of the test window lies after the end of the training.
	AfterCutoff Verdict = "after the cut-off"
	// BeforeCutoff: the training may hold some or all of the test window.
	BeforeCutoff Verdict = "before the cut-off"
)

// A Training is what can be said about a model's knowledge of the test window.
type Training struct {
	Verdict Verdict `json:"verdict"`
	// Cutoff is "" where it is not known and where there was no training.
	Cutoff Cutoff `json:"cutoff"`
	// Possible of Sessions test sessions lie on or before Cutoff. Where it is not
	// known, that may be all of them.
	Possible int `json:"possiblyKnown"`
	Sessions int `json:"sessions"`
}

// A Cutoff is the last date that a model's training may have seen, as ISO date;
// "" where that is not known.
type Cutoff data.Session

// UnmarshalText reads the end of the training as the model's maker states it: a
// date (2023-12-31), or a month (2023-12), which counts to its last day.
func (c *Cutoff) UnmarshalText(text []byte) error {
	s := string(text)
	if month, err := time.Parse("2006-01", s); err == nil {
		*c = Cutoff(data.SessionOf(month.AddDate(0, 1, -1)))
		return nil
	}
	if _, err := data.ParseSession(s); err != nil && s != "" {
		return fmt.Errorf("%q is no date: want YYYY-MM-DD or YYYY-MM", s)
	}
	*c = Cutoff(s)
	return nil
}

// NewTraining compares a cut-off with the sessions of a test window.
func NewTraining(cutoff Cutoff, test []data.Session) Training {
	t := Training{Verdict: AfterCutoff, Cutoff: cutoff, Sessions: len(test)}
	if cutoff == "" {
		t.Verdict, t.Possible = CutoffUnknown, len(test)
		return t
	}
	for _, s := range test {
		if s <= data.Session(cutoff) {
			t.Verdict = BeforeCutoff
			t.Possible++
		}
	}
	return t
}

// Untrained is what can be said of a set of rules.
func Untrained(test []data.Session) Training {
	return Training{Verdict: NoTraining, Sessions: len(test)}
}

// String says it in a sentence without a full stop.
func (t Training) String() string {
	switch t.Verdict {
	case NoTraining:
		return "no training: not applicable"
	case CutoffUnknown:
		return "the end of the model's training is unknown: the model may know the test period"
	case AfterCutoff:
		return fmt.Sprintf("the test window lies after the end of the model's training, %s", t.Cutoff)
	}
	return fmt.Sprintf("the model may know the test period: %d of %d test sessions lie on or before the end of its training, %s", t.Possible, t.Sessions, t.Cutoff)
}

// Notes is what a reader of a run's results has to be told: nothing about rules,
// a line about a model.
func (t Training) Notes() []string {
	if t.Verdict == NoTraining {
		return nil
	}
	return []string{t.String()}
}
