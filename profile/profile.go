package profile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"finmem/internal/printable"
)

// A Profile is who trades. Everything but Name may be shown to the model.
type Profile struct {
	// Name labels the profile in lists and reports.
	Name string
	// Symbol is the one the profile is about, in its canonical upper-case form.
	// It is empty in a profile for any symbol; see [Profile.For].
	Symbol string
	// Sectors are the fields of business the trader follows.
	Sectors []string
	// Expertise is what the trader knows how to do.
	Expertise string
	// Background is what has long been known of the symbol. It may be empty.
	Background string
	// Inclination is the attitude to risk; [SelfAdaptive] unless set.
	Inclination Inclination
	// AdaptiveWindow is the number of sessions whose return decides the attitude
	// of a [SelfAdaptive] trader; [DefaultAdaptiveWindow] unless set.
	AdaptiveWindow int
	// Query says what the memory is asked each session; [QuerySituation] unless set.
	Query Query
}

// DefaultAdaptiveWindow is the paper's: a self-adaptive trader looks back over
// three sessions.
const DefaultAdaptiveWindow = 3

// A Query says what the memory is asked at each session.
type Query string

const (
	// QuerySituation asks with the profile and with what the session brings.
	QuerySituation Query = "situation"
	// QueryProfile asks with the profile alone, the same question every session,
	// as the published code of FinMem does.
	QueryProfile Query = "profile"
)

var queries = []Query{QuerySituation, QueryProfile}

// QueryText is the profile's part of the question put to the memory: symbol,
// sectors, expertise and background. It does not depend on the inclination, so
// that [QueryProfile] asks the same every session.
func (p Profile) QueryText() string {
	parts := make([]string, 0, 4)
	for _, s := range []string{p.Symbol, strings.Join(p.Sectors, ", "), p.Expertise, p.Background} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n")
}

// For is the profile with its symbol set. A profile that is already about
// another symbol is refused.
func (p Profile) For(symbol string) (Profile, error) {
	if p.Symbol != "" && p.Symbol != symbol {
		return Profile{}, fmt.Errorf("profile %q is about %s, not %s", p.Name, p.Symbol, symbol)
	}
	if err := checkSymbol(symbol); err != nil {
		return Profile{}, fmt.Errorf("profile %q: %w", p.Name, err)
	}
	p.Symbol = symbol
	p.Sectors = slices.Clone(p.Sectors)
	return p, nil
}

// Validate reports everything that is wrong with the profile, apart from dates,
// which [Profile.CheckDates] judges.
func (p Profile) Validate() error {
	errs := []error{
		checkName(p.Name),
		checkSectors(p.Sectors),
		checkText("expertise", p.Expertise),
		checkText("background", p.Background),
		p.Inclination.check(),
		checkWindow(p.AdaptiveWindow),
		p.Query.check(),
	}
	if p.Symbol != "" {
		errs = append(errs, checkSymbol(p.Symbol))
	}
	if strings.TrimSpace(p.Expertise) == "" {
		errs = append(errs, errors.New("expertise is missing: say in a sentence what the trader knows"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("profile %q: %w", p.Name, err)
	}
	return nil
}

func checkName(name string) error {
	if strings.TrimSpace(name) == "" {
		return errors.New("name is missing: give the profile a short label")
	}
	return checkLine("name", name)
}

func checkSectors(sectors []string) error {
	for i, s := range sectors {
		if strings.TrimSpace(s) == "" {
			return fmt.Errorf("sectors: entry %d is blank; remove it", i+1)
		}
		if err := checkLine("sectors", s); err != nil {
			return err
		}
	}
	return nil
}

func checkWindow(n int) error {
	if n < 1 {
		return fmt.Errorf("adaptive_window %d: want a number of sessions, 1 or more", n)
	}
	return nil
}

func (q Query) check() error {
	if !slices.Contains(queries, q) {
		return fmt.Errorf("query %q: want %s", string(q), oneOf(queries))
	}
	return nil
}

// checkLine refuses what [checkText] refuses, and line breaks.
func checkLine(key, s string) error {
	if strings.ContainsAny(s, "\n\r") {
		return fmt.Errorf("%s %q: want a single line", key, s)
	}
	return checkText(key, s)
}

// checkText refuses bytes that are no text: they would end up in a prompt.
func checkText(key, s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s is not valid UTF-8; save the file as UTF-8", key)
	}
	for _, r := range s {
		if c := string(r); printable.Text(c) != c {
			return fmt.Errorf("%s holds the control or invisible character %U; remove it", key, r)
		}
	}
	return nil
}

// symbolForm is the canonical form of a symbol, as in TSLA, BRK.B and BTC-USD.
// It holds nothing that means something in a path.
var symbolForm = regexp.MustCompile(`^[A-Z0-9]+(?:\.[A-Z0-9]{1,2}|-[A-Z0-9]{3,6})?$`)

const longestSymbol = 20

func checkSymbol(symbol string) error {
	switch {
	case symbol == "":
		return errors.New("symbol is missing")
	case len(symbol) <= longestSymbol && symbolForm.MatchString(symbol):
		return nil
	case len(symbol) <= longestSymbol && symbolForm.MatchString(strings.ToUpper(symbol)):
		return fmt.Errorf("symbol %q: write it in capitals, %s", symbol, strings.ToUpper(symbol))
	}
	return fmt.Errorf("symbol %.24q: want capital letters and digits such as TSLA, BRK.B or BTC-USD, at most %d characters", symbol, longestSymbol)
}

// oneOf is the choices in words: "a", "b" or "c".
func oneOf[T ~string](choices []T) string {
	var b strings.Builder
	for i, c := range choices {
		switch i {
		case 0:
		case len(choices) - 1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", string(c))
	}
	return b.String()
}
