package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// tables are all tables that a run's results are made of, with the columns that
// order their rows. meta is left out: two equal runs may lie in other folders.
var tables = []struct{ name, order string }{
	{"session", "number"},
	{"day", "session, symbol"},
	{"decision", "session, symbol"},
	{"prompt", "hash"},
	{"trade_order", "session, symbol"},
	{"event", "symbol, id"},
	{"event_change", "session, symbol, position"},
}

// Digest is a hash of everything that the run's sessions left: decisions,
// prompts, memory, orders and ledger. Equal runs have equal digests.
func (j *Journal) Digest(ctx context.Context) (string, error) {
	h := sha256.New()
	for _, t := range tables {
		if err := j.dump(ctx, h, t.name, t.order); err != nil {
			return "", fmt.Errorf("reading table %s: %w", t.name, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// dump writes a table, a row a line, every value with its type and length so
// that no two tables look alike.
func (j *Journal) dump(ctx context.Context, w io.Writer, table, order string) error {
	rows, err := j.db.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+order)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s %s\n", table, strings.Join(columns, " "))
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = hex.EncodeToString(b)
			}
			s := fmt.Sprint(v)
			fmt.Fprintf(w, "%T:%d:%s|", v, len(s), s)
		}
		fmt.Fprintln(w)
	}
	return rows.Err()
}
