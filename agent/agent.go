package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"text/template"
	"unicode/utf8"

	"finmem/data"
	"finmem/internal/printable"
	"finmem/memory"
	"finmem/profile"
)

// An Embedder turns texts into vectors, one for each and in their order. It is
// never given a blank text or an empty list.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Ages counts sessions; [data.Calendar] does.
type Ages interface {
	// Distance is the number of sessions after a up to and including b.
	Distance(a, b data.Session) int
}

// An Agent thinks for one symbol. It is handed every session once, in order, by
// exactly one of Decide, Learn and Observe:
//
//  1. The day's news and filings, the reflection of the session before, and the
//     review of earlier decisions if one is due, are embedded together with the
//     query and remembered.
//  2. Decisions whose outcome has just become known reward or blame the memories
//     they cited.
//  3. The best memories of each layer are recalled and shown to the model, which
//     is asked again as long as its answer cannot be read, up to
//     Config.Retries times.
//  4. The decision and its reason become a reflection, which the next session
//     remembers.
//  5. The night passes: memories age, move and are forgotten.
//
// So a session makes at most one request to the embedder. Observe does 1, 2 and 5. On a [*Failure] everything but 4 has happened, and
// the agent goes on. After any other error the store may hold half a session:
// the agent refuses to go on, and both are to be made anew from what was
// recorded up to the session before.
//
// An Agent is for one goroutine. Several may share a store, each for its own
// symbol.
type Agent struct {
	cfg      Config
	profile  profile.Profile
	store    *memory.Store
	embedder Embedder
	model    Model
	ages     Ages
	prompts  *template.Template
	mask     mask
	anyOf    Format            // of a decision
	only     map[Action]Format // of a lesson, by its right decision

	past []Past
	// The last query and its vector: a question that stays the same is embedded
	// once.
	asked       string
	askedVector []float32
	broken      error
}

// New makes an agent for the symbol of p. The store must be one of embedder's
// vectors.
func New(cfg Config, p profile.Profile, store *memory.Store, embedder Embedder, model Model, ages Ages) (*Agent, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if p.Symbol == "" {
		return nil, fmt.Errorf("agent: profile %q is not about a symbol", p.Name)
	}
	if store == nil || embedder == nil || model == nil || ages == nil {
		return nil, errors.New("agent: store, embedder, model and ages are all needed")
	}
	prompts, err := parsePrompts()
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	a := &Agent{
		cfg: cfg, profile: p, store: store, embedder: embedder, model: model, ages: ages, prompts: prompts,
		anyOf: NewFormat(cfg.mostOffered()), only: map[Action]Format{},
	}
	for _, action := range a.anyOf.actions() {
		a.only[action] = NewFormat(cfg.mostOffered(), action)
	}
	if cfg.Mask {
		a.mask = newMask(append([]string{p.Symbol}, cfg.MaskNames...))
	}
	return a, nil
}

// TakeChanges is what happened to the symbol's memory since the last call.
func (a *Agent) TakeChanges() []memory.Change { return a.store.TakeChanges(a.profile.Symbol) }

// Decide takes the decision of a session with a price.
func (a *Agent) Decide(ctx context.Context, obs Observation) (Decision, error) {
	if !obs.Day.HasBar && !(obs.Early && len(obs.Bars) > 0) {
		return Decision{}, fmt.Errorf("session %s of %s has no price to decide on", obs.Day.Session, obs.Day.Symbol)
	}
	return a.think(ctx, obs, question{
		template:   promptDecide,
		format:     a.anyOf,
		reflection: func(d Decision) (data.Session, string) { return obs.Day.Session, decisionText(obs, d) },
	})
}

// Learn studies a warm-up session: the model is shown the move to the next
// session and asked what pointed to it. The decision is fixed by the move, buy
// where the price rose, sell where it fell, hold where it did neither; an answer
// that says otherwise is refused like one that cannot be read. What is learned
// is remembered under lesson.Known, so that no earlier session can recall it.
func (a *Agent) Learn(ctx context.Context, lesson Lesson) (Decision, error) {
	session := lesson.Day.Session
	switch {
	case !lesson.Day.HasBar:
		return Decision{}, fmt.Errorf("session %s of %s has no price to learn from", session, lesson.Day.Symbol)
	case lesson.Known <= session:
		return Decision{}, fmt.Errorf("the outcome of session %s is said to be known on %s, which is not later", session, lesson.Known)
	case !(lesson.Return > -1) || math.IsInf(lesson.Return, 1):
		return Decision{}, fmt.Errorf("the move of %v after session %s is no return", lesson.Return, session)
	}
	action := rightAction(lesson.Return)
	return a.think(ctx, lesson.Observation, question{
		template:   promptLearn,
		format:     a.only[action],
		shown:      true,
		move:       percent(lesson.Return),
		action:     action,
		reflection: func(d Decision) (data.Session, string) { return lesson.Known, lessonText(lesson, d) },
	})
}

// rightAction is the decision that a move makes right.
func rightAction(move float64) Action {
	switch {
	case move > 0:
		return Buy
	case move < 0:
		return Sell
	}
	return Hold
}

// Observe takes in a session on which nothing is decided.
func (a *Agent) Observe(ctx context.Context, obs Observation) error {
	if err := a.check(obs); err != nil {
		return err
	}
	return a.keep(obs, a.observe(ctx, obs))
}

func (a *Agent) observe(ctx context.Context, obs Observation) error {
	var trace Trace
	if _, err := a.takeIn(ctx, obs, "", &trace); err != nil {
		return err
	}
	return a.finish(ctx, obs, Past{})
}

// keep passes on how a session ended. An error that is no [*Failure] leaves the
// agent broken.
func (a *Agent) keep(obs Observation, err error) error {
	var failure *Failure
	if err == nil || errors.As(err, &failure) {
		return err
	}
	a.broken = fmt.Errorf("session %s of %s: %w", obs.Day.Session, a.profile.Symbol, err)
	return a.broken
}

// check refuses an observation that is not the symbol's next one.
func (a *Agent) check(obs Observation) error {
	session := obs.Day.Session
	if a.broken != nil {
		return fmt.Errorf("session %s: the agent cannot go on after an error: %w", session, a.broken)
	}
	if obs.Day.Symbol != a.profile.Symbol {
		return fmt.Errorf("session %s is of %q, the agent of %s", session, obs.Day.Symbol, a.profile.Symbol)
	}
	var before data.Session
	if len(a.past) > 0 {
		before = a.past[len(a.past)-1].Session
		if session <= before {
			return fmt.Errorf("session %s of %s does not come after %s, which is done", session, obs.Day.Symbol, before)
		}
	}
	// Decisions are judged by counting sessions with a price, so one that was
	// left out would go unnoticed.
	for i := len(obs.Bars) - 1; i >= 0; i-- {
		s := obs.Bars[i].Session
		if s > session {
			return fmt.Errorf("session %s of %s is shown the bar of %s", session, obs.Day.Symbol, s)
		}
		if before != "" && s > before && s < session {
			return fmt.Errorf("session %s of %s has a price and was left out before %s", s, obs.Day.Symbol, session)
		}
	}
	if has := barOf(obs.Bars, session) >= 0; has != obs.Day.HasBar {
		return fmt.Errorf("session %s of %s: has a price is %t by the day and %t by the bars", session, obs.Day.Symbol, obs.Day.HasBar, has)
	}
	return nil
}

// A question is what tells a decision from a lesson.
type question struct {
	template string
	format   Format
	// shown is set where the outcome is told, as move and action.
	shown  bool
	move   string
	action Action
	// reflection words the event that keeps the decision, and says from which
	// session on it is known.
	reflection func(Decision) (data.Session, string)
}

// think is a session that ends in a decision.
func (a *Agent) think(ctx context.Context, obs Observation, q question) (Decision, error) {
	if err := a.check(obs); err != nil {
		return Decision{}, err
	}
	d, err := a.decide(ctx, obs, q)
	return d, a.keep(obs, err)
}

func (a *Agent) decide(ctx context.Context, obs Observation, q question) (Decision, error) {
	t := technicalOf(obs.Bars)
	incl := a.profile.InclinationOn(a.trailingReturn(obs.Account.Equity, a.profile.AdaptiveWindow))
	d := Decision{Trace: Trace{
		Query:       a.query(obs, t.momentum),
		Inclination: string(incl),
		Schema:      q.format.Schema(),
	}}
	vector, err := a.takeIn(ctx, obs, d.Trace.Query, &d.Trace)
	if err != nil {
		return Decision{}, err
	}
	hits, err := a.recall(ctx, obs.Day.Session, vector)
	if err != nil {
		return Decision{}, fmt.Errorf("recalling: %w", err)
	}
	c, err := a.compose(obs, t, incl, q, hits, &d.Trace)
	if err != nil {
		return Decision{}, err
	}
	answer, flt, err := a.ask(ctx, c)
	if err != nil {
		return Decision{}, err
	}
	a.markRecalled(obs, d.Trace.Offered)
	if flt != nil {
		if err := a.finish(ctx, obs, Past{}); err != nil {
			return Decision{}, err
		}
		return Decision{}, unusable(obs, d.Trace, flt)
	}
	d.Action, d.Reason, d.Confidence = answer.Decision, answer.Reason, answer.Confidence
	var warnings []string
	d.Cited, warnings = cited(answer, d.Trace.Offered)
	d.Trace.Warnings = append(d.Trace.Warnings, warnings...)

	known, text := q.reflection(d)
	d.Trace.Reflection = Reflection{Known: known, Text: text}
	past := Past{Action: d.Action, Reason: d.Reason, Cited: d.Cited, Shown: q.shown, Reflection: d.Trace.Reflection}
	if err := a.finish(ctx, obs, past); err != nil {
		return Decision{}, err
	}
	return d, nil
}

// unusable is the failure of a session whose last answer had the fault flt.
func unusable(obs Observation, trace Trace, flt *Fault) *Failure {
	reason := flt.Detail
	if flt.Kind != FaultNoRoom {
		reason = fmt.Sprintf("%s, the last: %s", counted(len(trace.Answers), "unusable answer"), flt.Detail)
	}
	return &Failure{Session: obs.Day.Session, Reason: reason, Trace: trace}
}

// takeIn remembers what is new, settles what has become known, and gives the
// vector of the query, nil for none.
func (a *Agent) takeIn(ctx context.Context, obs Observation, query string, trace *Trace) ([]float32, error) {
	events, blank := a.observed(obs.Day)
	if blank > 0 {
		trace.Warnings = append(trace.Warnings, fmt.Sprintf("skipped %s without words", counted(blank, "text")))
	}
	due, err := a.outcomes(obs)
	if err != nil {
		return nil, err
	}
	for _, o := range due {
		set, err := a.reviewed(obs, o)
		if err != nil {
			return nil, err
		}
		if len(set) > 0 {
			events = append(events, a.own(memory.Long, sourceReview, obs.Day.Session, reviewText(set, a.cfg))...)
		}
	}
	late, nights := a.lastReflection()
	all := append(late, events...)
	vector, err := a.embed(ctx, query, all)
	if err != nil {
		return nil, err
	}
	late, events = all[:len(late)], all[len(late):]
	if len(late) > 0 {
		if _, err := a.store.RememberLate(ctx, string(obs.Day.Session), late, nights); err != nil {
			return nil, fmt.Errorf("reflecting: %w", err)
		}
	}
	if len(events) > 0 {
		if _, err := a.store.Remember(ctx, string(obs.Day.Session), events); err != nil {
			return nil, err
		}
	}
	for _, o := range due {
		applied, err := a.store.Feedback(a.profile.Symbol, string(obs.Day.Session), o.past.Cited, o.points())
		if err != nil {
			return nil, err
		}
		trace.Feedback = append(trace.Feedback, Feedback{
			Decided: o.past.Session, Return: o.earned(), Points: o.points(), IDs: applied,
		})
	}
	return vector, nil
}

// embed fills the vectors of events and gives that of query, in one request or,
// with nothing new to embed, none.
func (a *Agent) embed(ctx context.Context, query string, events []memory.Event) ([]float32, error) {
	var texts []string
	fresh := query != "" && query != a.asked
	if fresh {
		texts = append(texts, query)
	}
	for _, e := range events {
		texts = append(texts, e.Text)
	}
	if len(texts) > 0 {
		vectors, err := a.embedder.Embed(ctx, texts)
		if err != nil {
			return nil, fmt.Errorf("embedding %s: %w", counted(len(texts), "text"), err)
		}
		if len(vectors) != len(texts) {
			return nil, fmt.Errorf("embedding %s: got %s", counted(len(texts), "text"), counted(len(vectors), "vector"))
		}
		if fresh {
			a.asked, a.askedVector = query, vectors[0]
			vectors = vectors[1:]
		}
		for i := range events {
			events[i].Vector = vectors[i]
		}
	}
	if query == "" {
		return nil, nil
	}
	return a.askedVector, nil
}

func (a *Agent) markRecalled(obs Observation, offered []Offer) {
	ids := make([]string, len(offered))
	for i, o := range offered {
		ids[i] = o.ID
	}
	a.store.MarkRecalled(a.profile.Symbol, string(obs.Day.Session), ids)
}

// ask puts the prompt to the model until an answer can be read. flt is the last
// answer's, where none could be, or says that the model takes no prompt at all.
func (a *Agent) ask(ctx context.Context, c *composition) (answer Answer, flt *Fault, err error) {
	trace := c.trace
	req := Request{System: trace.System, Schema: c.question.format.Schema()}
	for range a.cfg.Retries + 1 {
		resp, refusal, err := a.complete(ctx, c, req)
		if err != nil || refusal != nil {
			return Answer{}, refusal, err
		}
		attempt := Attempt{Text: strings.ToValidUTF8(resp.Text, string(utf8.RuneError)), Usage: resp.Usage}
		answer, warnings, err := c.question.format.Parse(resp.Text)
		if resp.Fault != "" {
			err = fault(FaultNone, "%s", resp.Fault)
		}
		if err == nil {
			trace.Answers = append(trace.Answers, attempt)
			trace.Warnings = append(trace.Warnings, warnings...)
			return answer, nil, nil
		}
		if !errors.As(err, &flt) {
			return Answer{}, nil, err
		}
		attempt.Fault = flt.Detail
		trace.Answers = append(trace.Answers, attempt)
		req.Retries = append(req.Retries, Retry{Answer: printable.Cut(printable.Text(resp.Text), toldChars), Fault: flt.Detail})
	}
	return Answer{}, flt, nil
}

// complete asks once; where the model refuses the prompt as too long, again with
// fewer memories, until there are none left to take away.
func (a *Agent) complete(ctx context.Context, c *composition, req Request) (Response, *Fault, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Response{}, nil, err
		}
		req.Prompt = c.trace.Prompt
		resp, err := a.model.Complete(ctx, req)
		var refusal *PromptTooLong
		switch {
		case err == nil:
			return resp, nil, nil
		case !errors.As(err, &refusal):
			return Response{}, nil, fmt.Errorf("asking %s: %w", a.model.Name(), err)
		case len(c.hits) == 0:
			return Response{}, fault(FaultNoRoom, "the model refuses the prompt as too long even without memories: %s", printable.Line(refusal.Said)), nil
		}
		if err := c.shrink(); err != nil {
			return Response{}, nil, err
		}
	}
}

// toldChars is how much of a refused answer the model is shown again.
const toldChars = 2000

// finish ends the session: the night passes and the session is past.
func (a *Agent) finish(ctx context.Context, obs Observation, p Past) error {
	if _, err := a.store.Night(ctx, a.profile.Symbol, string(obs.Day.Session)); err != nil {
		return err
	}
	p.Session, p.Equity, p.Unpriced = obs.Day.Session, obs.Account.Equity, !obs.Day.HasBar
	a.past = append(a.past, p)
	return nil
}
