package decisions

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"finmem/agent"
	"finmem/data"
)

// A Decision is one row of a file.
type Decision struct {
	Session data.Session
	Symbol  string // canonical; "" in a file without symbols
	// Action is empty where the row has a date but no action: no decision was
	// reached on that session.
	Action agent.Action
	Line   int
}

// A File is the decisions of one CSV file in the order of its rows.
type File struct {
	Name      string
	Decisions []Decision
	Blank     int // rows without any content, skipped
}

// Read reads a CSV file of decisions. The header names the columns, in any order
// and any case:
//
//	date, dates                            2022-10-06, 10/6/22 or 10/6/2022
//	action, actions, direction, decision   buy, sell, hold in any case, or 1, -1, 0
//	symbol, symbols, ticker                optional
//
// Other columns are ignored, rows without content are skipped and counted. The
// name is for messages.
func Read(in io.Reader, name string) (*File, error) {
	t, err := readTable(in, name)
	if err != nil {
		return nil, err
	}
	date, err := t.must("date", "dates")
	if err != nil {
		return nil, err
	}
	action, err := t.must("action", "actions", "direction", "decision")
	if err != nil {
		return nil, err
	}
	symbol, err := t.column("symbol", "symbols", "ticker")
	if err != nil {
		return nil, err
	}
	f := &File{Name: name, Blank: t.blank}
	for _, r := range t.rows {
		d := Decision{Line: r.line}
		if d.Session, err = parseDate(r.cell(date)); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, r.line, err)
		}
		if s := r.cell(symbol); s != "" {
			if d.Symbol, err = data.Canonical(s); err != nil {
				return nil, fmt.Errorf("%s line %d: %w", name, r.line, err)
			}
		}
		if a := r.cell(action); a != "" {
			if d.Action, err = parseAction(a); err != nil {
				return nil, fmt.Errorf("%s line %d: %s %w", name, r.line, t.header[action], err)
			}
		}
		f.Decisions = append(f.Decisions, d)
	}
	if len(f.Decisions) == 0 {
		return nil, fmt.Errorf("%s has a header but no decision", name)
	}
	return f, nil
}

// parseAction reads a word or a direction: 1 buys, -1 sells, 0 holds.
func parseAction(s string) (agent.Action, error) {
	// Typeset tables write the minus sign, tools for data frames a decimal.
	number := strings.TrimSuffix(strings.Replace(s, "−", "-", 1), ".0")
	switch number {
	case "1", "+1":
		return agent.Buy, nil
	case "0", "-0":
		return agent.Hold, nil
	case "-1":
		return agent.Sell, nil
	}
	a, err := agent.ParseAction(s)
	if err != nil {
		return "", fmt.Errorf("%w, nor 1, -1 or 0", err)
	}
	return a, nil
}

// Symbols lists the symbols that the file names, sorted.
func (f *File) Symbols() []string {
	var symbols []string
	for _, d := range f.Decisions {
		if d.Symbol != "" {
			symbols = append(symbols, d.Symbol)
		}
	}
	slices.Sort(symbols)
	return slices.Compact(symbols)
}

// For is the decisions about one symbol: those that name it or, in a file that
// names none, all. It is an error if there is none, or if only some rows name a
// symbol: the others could be about any.
func (f *File) For(symbol string) ([]Decision, error) {
	symbols := f.Symbols()
	var own []Decision
	for _, d := range f.Decisions {
		if d.Symbol == "" && len(symbols) > 0 {
			return nil, fmt.Errorf("%s line %d: no symbol, in a file about %s", f.Name, d.Line, strings.Join(symbols, ", "))
		}
		if d.Symbol == "" || d.Symbol == symbol {
			own = append(own, d)
		}
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("%s: no decision about %s; it is about %s", f.Name, symbol, strings.Join(symbols, ", "))
	}
	return own, nil
}
