package agent

import (
	"fmt"
	"sort"

	"finmem/data"
)

// An outcome is what became of one decision.
type outcome struct {
	number int // 1 for the agent's first decision
	past   Past
	move   float64 // simple return of the price over the sessions it is judged by
}

// earned is the move in the direction of the decision, 0 for a hold.
func (o outcome) earned() float64 {
	switch o.past.Action {
	case Buy:
		return o.move
	case Sell:
		return -o.move
	}
	return 0
}

// points are what the outcome says about the memories that were cited: +1 where
// the decision earned, -1 where it lost, and 0 for a hold or an unchanged price,
// which show nothing either way.
func (o outcome) points() int {
	switch e := o.earned(); {
	case e > 0:
		return 1
	case e < 0:
		return -1
	}
	return 0
}

// outcomes are the decisions whose outcome this session makes known, oldest
// first: those as many sessions with a price ago as they have to wait. A session
// that brings no new bar makes nothing known.
func (a *Agent) outcomes(obs Observation) ([]outcome, error) {
	known := a.known(obs.Bars)
	if known == len(obs.Bars) {
		return nil, nil
	}
	var due []outcome
	number := 0
	for _, p := range a.past {
		if !p.decided() {
			continue
		}
		number++
		from, wait := decidedAt(obs.Bars, p), p.wait(a.cfg)
		switch {
		case from < 0 && len(obs.Bars) <= wait:
			return nil, tooFewBars(obs, p)
		case from >= 0 && from+wait >= known && from+wait < len(obs.Bars):
			due = append(due, outcome{number, p, moveSince(obs.Bars, from, wait)})
		}
	}
	return due, nil
}

// known is how many of bars the session before knew.
func (a *Agent) known(bars []data.Bar) int {
	if len(a.past) == 0 {
		return 0
	}
	before := a.past[len(a.past)-1]
	return sort.Search(len(bars), func(i int) bool {
		return bars[i].Session > before.Session || before.Unpriced && bars[i].Session == before.Session
	})
}

// reviewed are the decisions that an extended reflection sums up once o is
// known, o the last of them; none unless o completes a set of
// Config.ReflectEvery.
func (a *Agent) reviewed(obs Observation, o outcome) ([]outcome, error) {
	if o.number%a.cfg.ReflectEvery != 0 {
		return nil, nil
	}
	var set []outcome
	number := 0
	for _, p := range a.past {
		if !p.decided() {
			continue
		}
		number++
		if number <= o.number-a.cfg.ReflectEvery || number > o.number {
			continue
		}
		from := decidedAt(obs.Bars, p)
		if from < 0 {
			return nil, tooFewBars(obs, p)
		}
		set = append(set, outcome{number, p, moveSince(obs.Bars, from, p.wait(a.cfg))})
	}
	return set, nil
}

func tooFewBars(obs Observation, p Past) error {
	return fmt.Errorf("the %d bars at hand do not reach back to the decision of %s, whose outcome is wanted: put more bars into an observation", len(obs.Bars), p.Session)
}

// barOf is the place of session s in bars, -1 if it has no bar there.
func barOf(bars []data.Bar, s data.Session) int {
	i := sort.Search(len(bars), func(i int) bool { return bars[i].Session >= s })
	if i < len(bars) && bars[i].Session == s {
		return i
	}
	return -1
}

// decidedAt is the place of the bar from whose close a decision is judged: its
// session's own, or where that session had none the next one's. It is -1 where the
// bars do not reach back to it, and beyond them where there is none yet.
func decidedAt(bars []data.Bar, p Past) int {
	i := sort.Search(len(bars), func(i int) bool { return bars[i].Session >= p.Session })
	if i == 0 && len(bars) > 0 && bars[0].Session > p.Session {
		return -1
	}
	return i
}

func moveSince(bars []data.Bar, from, sessions int) float64 {
	return bars[from+sessions].Close/bars[from].Close - 1
}
