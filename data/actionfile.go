package data

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
)

// actionColumns are the columns of actions/<SYMBOL>.csv; only date must be
// there.
func actionColumns() []string { return []string{"date", "split", "dividend"} }

// readActions reads actions/<SYMBOL>.csv, oldest first, one row a date.
func readActions(ctx context.Context, path string) ([]Action, error) {
	var actions []Action
	lastLine := ""
	err := readCSV(ctx, path, actionColumns(), 1, func(r csvRow) error {
		a, err := readAction(r)
		if err != nil {
			return err
		}
		if n := len(actions); n > 0 {
			switch last := actions[n-1]; {
			case a.Session < last.Session:
				return fmt.Errorf("%s: %s comes after %s; want the oldest first", r.where, a.Session, last.Session)
			case a.Session == last.Session:
				return fmt.Errorf("%s: %s is also in %s; put a date's split and whole dividend in one row", r.where, a.Session, lastLine)
			}
		}
		lastLine = r.where
		actions = append(actions, a)
		return nil
	})
	return actions, err
}

func readAction(r csvRow) (Action, error) {
	s, err := r.session()
	if err != nil {
		return Action{}, err
	}
	a := Action{Session: s}
	for _, v := range []struct {
		column string
		to     *float64
	}{{"split", &a.Split}, {"dividend", &a.Dividend}} {
		if *v.to, err = r.number(v.column); err != nil {
			return Action{}, err
		}
		if math.IsNaN(*v.to) {
			*v.to = 0
		}
	}
	if err := a.Validate(); err != nil {
		return Action{}, fmt.Errorf("%s: %w", r.where, err)
	}
	return a, nil
}

// writeActions is the inverse of readActions. What does not apply is left empty.
func writeActions(w io.Writer, actions []Action) error {
	orEmpty := func(v float64) string {
		if v == 0 {
			return ""
		}
		return formatNumber(v)
	}
	out := csv.NewWriter(w)
	rows := [][]string{actionColumns()}
	for _, a := range actions {
		rows = append(rows, []string{string(a.Session), orEmpty(a.Split), orEmpty(a.Dividend)})
	}
	return out.WriteAll(rows)
}
