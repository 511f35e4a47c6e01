package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/backtest"
	"finmem/data"
	"finmem/memory"
)

// Commit keeps one session of all symbols, whole or not at all.
func (j *Journal) Commit(ctx context.Context, session data.Session, records []backtest.Record) error {
	number := j.sessions
	err := j.transaction(ctx, func(tx *sql.Tx) error {
		w := writer{ctx: ctx, tx: tx, session: number, prepared: map[string]*sql.Stmt{}}
		w.exec(`INSERT INTO session (number, date) VALUES (?, ?)`, number, session)
		for _, r := range records {
			w.record(r)
		}
		return w.err
	})
	if err != nil {
		return err
	}
	j.sessions++
	return nil
}

// A writer runs the statements of one session and remembers the first error.
type writer struct {
	ctx     context.Context
	tx      *sql.Tx
	session int
	// prepared are the statements so far by their text: a session repeats a few
	// of them many times. The transaction closes them.
	prepared map[string]*sql.Stmt
	err      error
}

func (w *writer) exec(query string, args ...any) {
	if w.err != nil {
		return
	}
	stmt, ok := w.prepared[query]
	if !ok {
		if stmt, w.err = w.tx.PrepareContext(w.ctx, query); w.err != nil {
			return
		}
		w.prepared[query] = stmt
	}
	_, w.err = stmt.ExecContext(w.ctx, args...)
}

// json is v as JSON text.
func (w *writer) json(v any) string {
	b, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = err
	}
	return string(b)
}

func (w *writer) record(r backtest.Record) {
	w.exec(`INSERT INTO day (session, symbol, phase, status, has_bar, open, close, split, cash, shares, equity, average_cost, adjustments, limited, notes, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.session, r.Symbol, r.Phase, r.Status, r.HasBar, known(r.Open), r.Close, r.Split,
		r.Account.Cash, r.Account.Shares, r.Account.Equity, r.Account.AverageCost,
		w.json(list(r.Adjustments)), w.json(list(r.Limited)), w.json(list(r.Notes)), w.json(r.State))
	if s := r.Settled; s != nil {
		var fill any
		if s.Fill != nil {
			fill = w.json(s.Fill)
		}
		w.exec(`UPDATE trade_order SET body = ?, settled = ?, clamped = ?, note = ?, fill = ? WHERE id = ?`,
			w.json(s.Order), w.session, s.Clamped, s.Note, fill, s.Order.ID)
	}
	if o := r.Order; o != nil {
		w.exec(`INSERT INTO trade_order (session, symbol, id, body) VALUES (?, ?, ?, ?)`,
			w.session, r.Symbol, o.ID, w.json(o))
	}
	switch {
	case r.Decision != nil:
		d := r.Decision
		w.decision(r.Symbol, string(d.Action), d.Confidence, d.Reason, "", d.Cited, d.Trace)
	case r.Failure != nil:
		w.decision(r.Symbol, "", nil, "", r.Failure.Reason, nil, r.Failure.Trace)
	}
	for i, c := range r.Memory {
		w.change(i, c)
	}
}

func (w *writer) decision(symbol, action string, confidence *float64, reason, failure string, cited []string, t agent.Trace) {
	w.exec(`INSERT INTO decision (session, symbol, action, confidence, reason, failure, inclination, query,
			system_hash, prompt_hash, schema_hash, cited, offered, feedback, attempts, warnings, reflection)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.session, symbol, action, confidence, reason, failure, t.Inclination, t.Query,
		w.prompt(t.System), w.prompt(t.Prompt), w.prompt(string(t.Schema)),
		w.json(list(cited)), w.json(candidates(t)), w.json(list(t.Feedback)), w.json(list(t.Answers)), w.json(list(t.Warnings)), w.json(t.Reflection))
}

// prompt keeps a text once and returns its hash.
func (w *writer) prompt(text string) string {
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	w.exec(`INSERT INTO prompt (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING`, hash, text)
	return hash
}

func (w *writer) change(position int, c memory.Change) {
	if e := c.Event; e != nil {
		w.exec(`INSERT INTO event (symbol, id, layer, source, date, text, part, tone, copies, vector)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Symbol, e.ID, e.Layer.String(), e.Source, e.Session, e.Text, e.Part, e.Tone, e.Copies, encodeVector(e.Vector))
	}
	w.exec(`INSERT INTO event_change (session, symbol, position, id, op, points, after_night, layer, importance, recency, age, access, recalled)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.session, c.Symbol, position, c.ID, c.Op, c.Points, c.AfterNight, c.Layer.String(), c.Importance, c.Recency, c.Age, c.Access, c.Recalled)
}

// known is f, or NULL where it is not a number.
func known(f float64) any {
	if math.IsNaN(f) {
		return nil
	}
	return f
}

// list makes a nil slice an empty JSON array: nothing was there, which is not
// the same as not knowing.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// encodeVector writes float32s little-endian.
func encodeVector(v []float32) []byte {
	b := make([]byte, 4*len(v))
	for i, f := range v {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(f))
	}
	return b
}

func decodeVector(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("a vector of %d bytes is damaged", len(b))
	}
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v, nil
}
