package cost

import (
	_ "embed" // the built-in prices
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// A Price is what a model costs, in US dollars for a million tokens.
type Price struct {
	Model         string
	Input, Output float64
	// AsOf is the date of the price list that it is from.
	AsOf string
}

// USD is the price of so many tokens.
func (p Price) USD(input, output int) float64 {
	return (float64(p.Input*float64(input)) + float64(p.Output*float64(output))) / 1e6
}

// Free reports whether nothing is paid.
func (p Price) Free() bool { return p.Input == 0 && p.Output == 0 }

// A Table holds prices by model.
type Table struct{ prices map[string]Price }

//go:embed prices.toml
var builtin string

// Builtin is the text of the built-in price file, with its comments: the form
// that [Parse] reads, to be edited.
func Builtin() string { return builtin }

// Default is the built-in price file.
func Default() Table {
	t, err := Parse(builtin, "the built-in prices")
	if err != nil {
		panic(err) // a test reads the file
	}
	return t
}

// Parse reads a price file; name is what its errors call it.
func Parse(text, name string) (Table, error) {
	var file struct {
		AsOf   string `toml:"as_of"`
		Prices []struct {
			Model  string   `toml:"model"`
			Input  *float64 `toml:"input"`
			Output *float64 `toml:"output"`
		} `toml:"price"`
	}
	found, err := toml.Decode(text, &file)
	if err != nil {
		var p toml.ParseError
		if errors.As(err, &p) {
			return Table{}, fmt.Errorf("%s line %d: %s", name, p.Position.Line, p.Message)
		}
		return Table{}, fmt.Errorf("%s: %w", name, err)
	}
	if unknown := found.Undecoded(); len(unknown) > 0 {
		return Table{}, fmt.Errorf("%s: unknown setting %q: want as_of, and model, input and output of each [[price]]", name, unknown[0].String())
	}
	if _, err := time.Parse(time.DateOnly, file.AsOf); err != nil {
		return Table{}, fmt.Errorf("%s: as_of %q: want the date of the prices, such as %q", name, file.AsOf, "2025-08-15")
	}
	t := Table{prices: map[string]Price{}}
	for i, p := range file.Prices {
		switch {
		case strings.TrimSpace(p.Model) == "":
			return Table{}, fmt.Errorf("%s: price %d has no model", name, i+1)
		case p.Input == nil || p.Output == nil:
			return Table{}, fmt.Errorf("%s: the price of %s needs both input and output, in US dollars for a million tokens", name, p.Model)
		case !amount(*p.Input) || !amount(*p.Output):
			return Table{}, fmt.Errorf("%s: the price of %s, %v and %v: want numbers of at least 0", name, p.Model, *p.Input, *p.Output)
		}
		if _, twice := t.prices[p.Model]; twice {
			return Table{}, fmt.Errorf("%s: %s has two prices", name, p.Model)
		}
		t.prices[p.Model] = Price{Model: p.Model, Input: *p.Input, Output: *p.Output, AsOf: file.AsOf}
	}
	return t, nil
}

func amount(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

// Over lays the prices of t over those of below.
func (t Table) Over(below Table) Table {
	all := map[string]Price{}
	for _, from := range []Table{below, t} {
		for model, p := range from.prices {
			all[model] = p
		}
	}
	return Table{prices: all}
}

// dated is the end of a name that tells one version of a model from others.
var dated = regexp.MustCompile(`-(20\d\d-\d\d-\d\d|20\d{6})$`)

// Of finds the price of a model: of its very name, else of its name without the
// date, else the longest name with a star that it begins like. It reports false
// where there is none.
func (t Table) Of(model string) (Price, bool) {
	for _, name := range []string{model, dated.ReplaceAllString(model, "")} {
		if p, ok := t.prices[name]; ok {
			return p, true
		}
	}
	for end := len(model); end >= 0; end-- {
		if p, ok := t.prices[model[:end]+"*"]; ok {
			return p, true
		}
	}
	return Price{}, false
}
