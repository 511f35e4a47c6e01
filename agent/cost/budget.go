package cost

import (
	"fmt"
	"math"
)

// Limits are the most that a run may take; 0 is no limit.
type Limits struct {
	USD    float64
	Tokens int
	// TokensPerDay is the most of one session, all symbols together.
	TokensPerDay int
}

// Any reports whether there is a limit.
func (l Limits) Any() bool { return l != Limits{} }

// Validate refuses limits that are none.
func (l Limits) Validate() error {
	if l.USD < 0 || math.IsNaN(l.USD) || math.IsInf(l.USD, 0) || l.Tokens < 0 || l.TokensPerDay < 0 {
		return fmt.Errorf("a budget of $%v, %d tokens, %d tokens a day: want numbers above 0, or 0 for no limit", l.USD, l.Tokens, l.TokensPerDay)
	}
	return nil
}

// A Budget follows a run session by session. Make one with [NewBudget].
type Budget struct {
	// Unit is what is spent on one after the other, in messages; "session" unless set.
	Unit   string
	limits Limits
	rates  Rates

	sessions    int
	spent       Tally
	costliest   float64 // of a session, in US dollars
	mostTokens  int     // of a session
	lastSession string
	lastTokens  int
}

// NewBudget makes a budget. A limit in dollars needs prices that are known.
func NewBudget(l Limits, r Rates) (*Budget, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	if l.USD > 0 && (r.Model == nil || r.Embedder == nil) {
		return nil, fmt.Errorf("a budget in dollars needs to know what the model and the embedder cost")
	}
	return &Budget{Unit: "session", limits: l, rates: r}, nil
}

// Spend takes in what a session took, over all symbols.
func (b *Budget) Spend(session string, t Tally) {
	b.sessions++
	b.spent = b.spent.Plus(t)
	b.mostTokens = max(b.mostTokens, t.Tokens())
	if usd := b.rates.USD(t); usd != nil {
		b.costliest = max(b.costliest, *usd)
	}
	b.lastSession, b.lastTokens = session, t.Tokens()
}

// An Exhausted error says which limit ended a run.
type Exhausted struct{ Reason string }

func (e *Exhausted) Error() string { return "budget: " + e.Reason }

// Check is an [*Exhausted] error where another session may not be begun: one
// that takes as much as the most expensive so far would go over a limit, or the
// last one had more tokens than a day may have. Before the first session only a
// limit itself can be over, so nothing is.
func (b *Budget) Check() error {
	if b.sessions == 0 {
		return nil
	}
	if l := b.limits.USD; l > 0 {
		spent := *b.rates.USD(b.spent)
		if spent+b.costliest > l+rounding {
			return exhausted("$%.4f spent in %s, the costliest $%.4f: another might go over the limit of $%.4f", spent, b.done(), b.costliest, l)
		}
	}
	if l := b.limits.Tokens; l > 0 && b.spent.Tokens()+b.mostTokens > l {
		return exhausted("%d tokens in %s, at most %d in one: another might go over the limit of %d", b.spent.Tokens(), b.done(), b.mostTokens, l)
	}
	if l := b.limits.TokensPerDay; l > 0 && b.lastTokens > l {
		return exhausted("session %s took %d tokens, more than the %d that a day may take", b.lastSession, b.lastTokens, l)
	}
	return nil
}

// rounding is what a sum of prices may be off.
const rounding = 1e-9

func (b *Budget) done() string {
	if b.sessions == 1 {
		return "1 " + b.Unit
	}
	return fmt.Sprintf("%d %ss", b.sessions, b.Unit)
}

func exhausted(format string, args ...any) error {
	return &Exhausted{Reason: fmt.Sprintf(format, args...)}
}
