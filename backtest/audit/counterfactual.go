package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"finmem/agent"
	"finmem/backtest"
	"finmem/memory"
	"finmem/profile"
)

// A Kind is the one thing that is changed about a recorded question.
type Kind string

const (
	// Mask hides the symbol, names and dates.
	Mask Kind = "mask"
	// Flip turns the tone of every memory around; see [FlipText].
	Flip Kind = "flip"
	// NoMemory shows none.
	NoMemory Kind = "no-memory"
	// Same changes nothing: what a model that draws its answers does to the same
	// question is the measure for what it does to another.
	Same Kind = "same"
)

// Kinds are all kinds, the three that say something alone first.
func Kinds() []Kind { return []Kind{Mask, Flip, NoMemory, Same} }

// ParseKinds reads a list of kinds, each once and in the order of [Kinds].
func ParseKinds(names []string) ([]Kind, error) {
	var kinds []Kind
	for _, n := range names {
		if !slices.Contains(Kinds(), Kind(n)) {
			return nil, fmt.Errorf("kind %q: want mask, flip, no-memory or same", n)
		}
	}
	for _, k := range Kinds() {
		if slices.Contains(names, string(k)) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

// A Question is a decision of the test window and what led to it.
type Question struct {
	agent.Revisit
	// Decided is what the run decided, and System and Prompt what it was shown.
	Decided        agent.Action
	System, Prompt string
}

// Questions are the decisions that one symbol's records hold in the test window,
// oldest first. book shows the sessions again. The records have to hold prompts
// and the changes of the memory, which have the texts of what was offered. A
// session without a decision gives no question.
func Questions(records []backtest.Record, book *backtest.Book, cfg backtest.Config) ([]Question, error) {
	events := map[string]memory.Event{}
	var questions []Question
	for _, r := range records {
		for _, c := range r.Memory {
			if c.Op == memory.OpAdd {
				events[c.ID] = *c.Event
			}
		}
		if r.Phase != backtest.Test || r.Decision == nil {
			continue
		}
		trace := r.Decision.Trace
		q := Question{Decided: r.Decision.Action, System: trace.System, Prompt: trace.Prompt}
		var err error
		if q.Observation, err = book.Observation(cfg, r.Session, r.Account); err != nil {
			return nil, fmt.Errorf("session %s of %s: %w", r.Session, r.Symbol, err)
		}
		q.Inclination = profile.Inclination(trace.Inclination)
		for _, o := range trace.Offered {
			e, ok := events[o.ID]
			if !ok {
				return nil, fmt.Errorf("session %s of %s: memory %s was offered and never remembered", r.Session, r.Symbol, o.ID)
			}
			e.Layer = o.Layer
			q.Hits = append(q.Hits, memory.Hit{Event: e, Score: o.Score})
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// A Respondent puts questions to a model; [agent.Agent] does.
type Respondent interface {
	Restate(agent.Revisit) (agent.Trace, error)
	Reconsider(context.Context, agent.Revisit) (agent.Decision, error)
}

// An Agreement counts what became of decisions when one thing about the question
// was changed.
type Agreement struct {
	Kind Kind `json:"kind"`
	// Decisions is how many the run took in the test window. Of those, Untouched
	// were not asked again because the change left their prompt as it was (there
	// was no name in it, no tone, no memory), and Failed gave no answer that could
	// be read. The rest was asked and answered.
	Decisions int `json:"decisions"`
	Untouched int `json:"untouched"`
	Failed    int `json:"failed"`
	// Unchanged decisions came out as recorded.
	Unchanged int `json:"unchanged"`
	// Directed is how many of those asked and answered were a buy or a sell. A
	// hold that stays one says little: what is neutral is neutral turned around.
	// Of the directed, DirectedUnchanged came out as recorded and Opposite as a
	// buy instead of a sell or the other way round.
	Directed          int `json:"directed"`
	DirectedUnchanged int `json:"directedUnchanged"`
	Opposite          int `json:"opposite"`
}

// Answered is how many decisions were taken anew.
func (a Agreement) Answered() int { return a.Decisions - a.Untouched - a.Failed }

// UnchangedShare is Unchanged among those answered, from 0 to 1; ok is false
// where none was.
func (a Agreement) UnchangedShare() (share float64, ok bool) { return ratio(a.Unchanged, a.Answered()) }

// DirectedShare is DirectedUnchanged among the directed; ok is false where there
// was none.
func (a Agreement) DirectedShare() (share float64, ok bool) {
	return ratio(a.DirectedUnchanged, a.Directed)
}

// OppositeShare is Opposite among the directed; ok is false where there was none.
func (a Agreement) OppositeShare() (share float64, ok bool) { return ratio(a.Opposite, a.Directed) }

func ratio(n, of int) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}

// Plus is the agreement over the decisions of both.
func (a Agreement) Plus(b Agreement) Agreement {
	return Agreement{
		Kind:              a.Kind,
		Decisions:         a.Decisions + b.Decisions,
		Untouched:         a.Untouched + b.Untouched,
		Failed:            a.Failed + b.Failed,
		Unchanged:         a.Unchanged + b.Unchanged,
		Directed:          a.Directed + b.Directed,
		DirectedUnchanged: a.DirectedUnchanged + b.DirectedUnchanged,
		Opposite:          a.Opposite + b.Opposite,
	}
}

// ErrOtherPrompt is returned where a question cannot be put together again as it
// was recorded, so that what is changed about it would not be the only change.
var ErrOtherPrompt = errors.New("the recorded prompt cannot be put together again")

// Counterfactual puts the questions to the model again with one thing about each
// changed. The memories shown, their scores, the account and the prices are those
// recorded: no decision depends on how an earlier one came out this time. names
// are hidden along with the symbol where the kind is [Mask].
func Counterfactual(ctx context.Context, kind Kind, questions []Question, names []string, r Respondent) (Agreement, error) {
	agreement := Agreement{Kind: kind, Decisions: len(questions)}
	for _, q := range questions {
		if err := agreement.ask(ctx, q, names, r); err != nil {
			return agreement, fmt.Errorf("asking %s, session %s again: %w", q.Day.Symbol, q.Day.Session, err)
		}
	}
	return agreement, nil
}

func (a *Agreement) ask(ctx context.Context, q Question, names []string, r Respondent) error {
	was, err := r.Restate(q.Revisit)
	if err != nil {
		return err
	}
	if was.System != q.System || was.Prompt != q.Prompt {
		recorded, now := firstDifference(q.System+"\n"+q.Prompt, was.System+"\n"+was.Prompt)
		return fmt.Errorf("%w: it says %q, now it would say %q", ErrOtherPrompt, recorded, now)
	}
	changed := a.Kind.change(q.Revisit, names)
	is, err := r.Restate(changed)
	if err != nil {
		return err
	}
	if a.Kind != Same && is.System == was.System && is.Prompt == was.Prompt {
		a.Untouched++
		return nil
	}
	d, err := r.Reconsider(ctx, changed)
	var failure *agent.Failure
	if errors.As(err, &failure) {
		a.Failed++
		return nil
	}
	if err != nil {
		return err
	}
	a.count(q.Decided, d.Action)
	return nil
}

// count takes in what a decision was and what it came out as.
func (a *Agreement) count(was, is agent.Action) {
	if was == is {
		a.Unchanged++
	}
	if was == agent.Hold {
		return
	}
	a.Directed++
	switch {
	case was == is:
		a.DirectedUnchanged++
	case is != agent.Hold:
		a.Opposite++
	}
}

// change is the question with the one thing about it changed.
func (k Kind) change(r agent.Revisit, names []string) agent.Revisit {
	switch k {
	case Mask:
		r.Mask, r.MaskNames = true, names
	case Flip:
		r.Hits = flip(r.Hits)
	case NoMemory:
		r.Hits = nil
	}
	return r
}

// Reading says in plain words what an agreement means.
func (k Kind) Reading() string {
	switch k {
	case Mask:
		return "a reader needs neither names nor dates: what changes here rested on knowing which company or time it was"
	case Flip:
		return "a reader follows what it reads: what stays here rested on prices, or on remembering what happened"
	case NoMemory:
		return "what stays here needed no memory: prices, or the model's own recollection, were enough"
	}
	return "how often the model gives the same answer to the same question: the measure for the others"
}
