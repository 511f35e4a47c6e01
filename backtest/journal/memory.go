package journal

import (
	"context"
	"database/sql"
	"fmt"

	"finmem/data"
	"finmem/memory"
)

// Changes reads all that happened to the memory of symbol up to and including
// session asOf, in order; "" is the whole run.
func (j *Journal) Changes(ctx context.Context, symbol string, asOf data.Session) ([]memory.Change, error) {
	rows, err := j.db.QueryContext(ctx, `
		SELECT s.date, c.id, c.op, c.points, c.after_night, c.layer, c.importance, c.recency, c.age, c.access, c.recalled,
			e.layer, e.source, e.date, e.text, e.part, e.tone, e.copies, e.vector
		FROM event_change c
		JOIN session s ON s.number = c.session
		LEFT JOIN event e ON c.op = 'add' AND e.symbol = c.symbol AND e.id = c.id
		WHERE c.symbol = ? AND (? = '' OR s.date <= ?)
		ORDER BY c.session, c.position`, symbol, asOf, asOf)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []memory.Change
	for rows.Next() {
		c := memory.Change{Symbol: symbol}
		var layer string
		var born, source, date, text, part sql.NullString
		var tone sql.NullFloat64
		var copies sql.NullInt64
		var vector []byte
		if err := rows.Scan(&c.Session, &c.ID, &c.Op, &c.Points, &c.AfterNight, &layer, &c.Importance, &c.Recency, &c.Age, &c.Access, &c.Recalled,
			&born, &source, &date, &text, &part, &tone, &copies, &vector); err != nil {
			return nil, err
		}
		if c.Layer, err = memory.ParseLayer(layer); err != nil {
			return nil, fmt.Errorf("event %s: %w", c.ID, err)
		}
		if c.Op == memory.OpAdd {
			e := memory.Event{ID: c.ID, Symbol: symbol, Source: source.String, Session: date.String, Text: text.String,
				Part: part.String, Copies: int(copies.Int64), Layer: c.Layer,
				Importance: c.Importance, Recency: c.Recency, Age: c.Age, Access: c.Access, Recalled: c.Recalled}
			if tone.Valid {
				e.Tone = &tone.Float64
			}
			if e.Vector, err = decodeVector(vector); err != nil {
				return nil, fmt.Errorf("event %s: %w", c.ID, err)
			}
			c.Event = &e
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// RestoreMemory fills store with the memory of symbol as it stood at the end of
// session asOf; "" is the end of the run.
func (j *Journal) RestoreMemory(ctx context.Context, store *memory.Store, symbol string, asOf data.Session) error {
	changes, err := j.Changes(ctx, symbol, asOf)
	if err != nil {
		return fmt.Errorf("reading the memory of %s: %w", symbol, err)
	}
	sessions, err := j.Sessions(ctx)
	if err != nil {
		return fmt.Errorf("reading the sessions: %w", err)
	}
	var nights []string
	for _, s := range sessions {
		if asOf == "" || s <= asOf {
			nights = append(nights, string(s))
		}
	}
	state, err := memory.Fold(changes, nights)
	if err != nil {
		return fmt.Errorf("the memory of %s: %w", symbol, err)
	}
	return store.Restore(ctx, symbol, state.Events, state.Forgotten)
}
