package llm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"finmem/agent"
)

// An Analyst is a rule-based stand-in for a language model. It sees what a
// language model would see, the text of the prompt, and answers in the same
// form, so a run with it goes through every step. It is no language model and
// says so in each reason; how it fares says nothing about one.
//
// Each memory has a leaning in [-1, 1]: the polarity of its text, or the mean of
// that and the tone the prompt shows. The memories together lean by the mean
// weighted with their scores, and the analyst is swayed by
//
//	sway = 0.8 · leaning + 0.2 · min(max(momentum / 0.05, -1), 1)
//
// It buys from a threshold on, sells down from another, and holds in between:
//
//	inclination    buy from   sell down from
//	risk-seeking     +0.05        -0.15
//	neutral          +0.10        -0.10
//	risk-averse      +0.15        -0.05
//
// It names up to three memories that pushed hardest in the direction it took.
// Reflections count half, since they repeat its own earlier words.
//
// The numbers were set before any run and are not fitted to one: momentum may
// tip a balance but not overrule clear news, and an attitude to risk moves both
// thresholds by half of the neutral one.
type Analyst struct {
	// Polarity says how good or bad a text is for its subject, from -1 to 1.
	Polarity func(text string) float64
}

const (
	leaningShare     = 0.8
	momentumShare    = 0.2
	fullMomentum     = 0.05 // a ratio; from here on momentum counts in full
	neutralThreshold = 0.10
	attitudeShift    = 0.05
	reflectionWeight = 0.5
	mostCited        = 3
)

// GenerateContent answers the first user message.
func (a *Analyst) GenerateContent(ctx context.Context, messages []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, m := range messages {
		if m.Role == llms.ChatMessageTypeHuman {
			text, err := a.answer(messageText(m))
			if err != nil {
				return nil, err
			}
			return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: text, StopReason: "stop"}}}, nil
		}
	}
	return nil, fmt.Errorf("the analyst was asked nothing")
}

// Call answers a prompt that stands alone.
func (a *Analyst) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, a, prompt, options...)
}

// A push is how far one memory moves the analyst.
type push struct {
	offer   offer
	leaning float64
	force   float64 // weight · leaning
}

func (a *Analyst) answer(prompt string) (string, error) {
	r := read(prompt)
	pushes, leaning := a.weigh(r.offers)
	buyFrom, sellFrom := thresholds(r.inclination)
	s := sway(leaning, r.momentum)

	answer := agent.Answer{Decision: decide(s, buyFrom, sellFrom), Short: []int{}, Mid: []int{}, Long: []int{}, Reflection: []int{}}
	if r.told != "" {
		answer.Decision = r.told
	} else if answer.Decision != agent.Hold {
		confidence := math.Round(100*min(math.Abs(s), 1)) / 100
		answer.Confidence = &confidence
	}
	named := strongest(pushes, answer.Decision)
	lists := [...]*[]int{shortTerm: &answer.Short, midTerm: &answer.Mid, longTerm: &answer.Long, reflections: &answer.Reflection}
	for _, p := range named {
		list := lists[p.offer.section]
		*list = append(*list, p.offer.number)
	}
	answer.Reason = reason(r, pushes, named, leaning, s, buyFrom, sellFrom)
	text, err := json.Marshal(answer)
	return string(text), err
}

// weigh is the push of each memory and the weighted mean of their leanings.
func (a *Analyst) weigh(offers []offer) (pushes []push, leaning float64) {
	var force, weight float64
	for _, o := range offers {
		p := push{offer: o, leaning: min(max(a.Polarity(o.text), -1), 1)}
		if math.IsNaN(p.leaning) {
			p.leaning = 0
		}
		if !math.IsNaN(o.tone) {
			p.leaning = (p.leaning + o.tone) / 2
		}
		w := max(o.relevancy+o.recency+o.importance, 0)
		if math.IsNaN(w) {
			w = 0
		}
		if o.section == reflections {
			w *= reflectionWeight
		}
		p.force = w * p.leaning
		pushes = append(pushes, p)
		force += float64(p.force)
		weight += w
	}
	if weight > 0 {
		leaning = force / weight
	}
	return pushes, leaning
}

func sway(leaning, momentum float64) float64 {
	s := float64(leaningShare * leaning)
	if !math.IsNaN(momentum) {
		s += float64(momentumShare * min(max(momentum/fullMomentum, -1), 1))
	}
	return s
}

func thresholds(inclination string) (buyFrom, sellFrom float64) {
	shift := 0.0
	switch inclination {
	case "risk-seeking":
		shift = -attitudeShift
	case "risk-averse":
		shift = attitudeShift
	}
	return neutralThreshold + shift, -neutralThreshold + shift
}

func decide(sway, buyFrom, sellFrom float64) agent.Action {
	switch {
	case sway >= buyFrom:
		return agent.Buy
	case sway <= sellFrom:
		return agent.Sell
	}
	return agent.Hold
}

// strongest are the memories that pushed hardest towards a decision, for a hold
// the hardest in either direction, in the order of their numbers.
func strongest(pushes []push, decision agent.Action) []push {
	var towards []push
	for _, p := range pushes {
		if p.force > 0 && decision != agent.Sell || p.force < 0 && decision != agent.Buy {
			towards = append(towards, p)
		}
	}
	slices.SortStableFunc(towards, func(a, b push) int {
		return cmp.Compare(math.Abs(b.force), math.Abs(a.force))
	})
	towards = towards[:min(mostCited, len(towards))]
	slices.SortFunc(towards, func(a, b push) int { return cmp.Compare(a.offer.number, b.offer.number) })
	return towards
}

func reason(r reading, pushes, named []push, leaning, sway, buyFrom, sellFrom float64) string {
	good, bad := 0, 0
	for _, p := range pushes {
		switch {
		case p.leaning > 0:
			good++
		case p.leaning < 0:
			bad++
		}
	}
	momentum := "n/a"
	if !math.IsNaN(r.momentum) {
		momentum = fmt.Sprintf("%+.2f %%", 100*r.momentum)
	}
	parts := []string{fmt.Sprintf("Rule-based analyst, no language model: of %d memories %d sound good and %d bad, together %+.2f; momentum %s.",
		len(pushes), good, bad, leaning, momentum)}
	if r.told == "" {
		parts = append(parts, fmt.Sprintf("That sways it by %+.2f; %s it buys from %+.2f and sells from %+.2f.",
			sway, cmp.Or(r.inclination, "without an attitude to risk"), buyFrom, sellFrom))
	}
	if len(named) > 0 {
		var words []string
		for _, p := range named {
			words = append(words, fmt.Sprintf("%s %+.2f", p.offer.source, p.leaning))
		}
		parts = append(parts, "Strongest: "+strings.Join(words, ", ")+".")
	}
	return strings.Join(parts, " ")
}
