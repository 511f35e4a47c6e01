package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"finmem/agent"
	"finmem/backtest"
	"finmem/backtest/broker"
	"finmem/data"
)

// Sessions lists the recorded sessions in order.
func (j *Journal) Sessions(ctx context.Context) ([]data.Session, error) {
	return column[data.Session](ctx, j, `SELECT date FROM session ORDER BY number`)
}

// Symbols lists the symbols of the run, sorted.
func (j *Journal) Symbols(ctx context.Context) ([]string, error) {
	return column[string](ctx, j, `SELECT DISTINCT symbol FROM day ORDER BY symbol`)
}

// column reads the answer to a query that asks for one text a row.
func column[T ~string](ctx context.Context, j *Journal, query string) ([]T, error) {
	rows, err := j.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// Records reads back what happened to one symbol, every session of the run, without
// the texts of prompts and answers (see [Journal.Prompt]) and without the
// changes of the memory.
func (j *Journal) Records(ctx context.Context, symbol string) ([]backtest.Record, error) {
	rows, err := j.db.QueryContext(ctx, `
		SELECT s.date, y.phase, y.status, y.has_bar, y.open, y.close, y.split, y.cash, y.shares, y.equity, y.average_cost, y.adjustments, y.limited, y.notes, y.state,
			d.action, d.confidence, d.reason, d.failure, d.inclination, d.query, d.cited, d.offered, d.feedback, d.attempts, d.warnings, d.reflection,
			o.body
		FROM day y
		JOIN session s ON s.number = y.session
		LEFT JOIN decision d ON d.session = y.session AND d.symbol = y.symbol
		LEFT JOIN trade_order o ON o.session = y.session AND o.symbol = y.symbol
		WHERE y.symbol = ? ORDER BY y.session`, symbol)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []backtest.Record
	for rows.Next() {
		r := backtest.Record{Symbol: symbol}
		var adjustments, limited, notes, state string
		var action, reason, failure, inclination, query, cited, offered, feedback, attempts, warnings, reflection, order sql.NullString
		var confidence, open sql.NullFloat64
		if err := rows.Scan(&r.Session, &r.Phase, &r.Status, &r.HasBar, &open, &r.Close, &r.Split,
			&r.Account.Cash, &r.Account.Shares, &r.Account.Equity, &r.Account.AverageCost, &adjustments, &limited, &notes, &state,
			&action, &confidence, &reason, &failure, &inclination, &query, &cited, &offered, &feedback, &attempts, &warnings, &reflection,
			&order); err != nil {
			return nil, err
		}
		r.Open = math.NaN()
		if open.Valid {
			r.Open = open.Float64
		}
		texts := []field{{adjustments, &r.Adjustments}, {limited, &r.Limited}, {notes, &r.Notes}, {state, &r.State}}
		if action.Valid {
			var ids []string
			trace := agent.Trace{Inclination: inclination.String, Query: query.String}
			texts = append(texts, field{cited.String, &ids}, field{offered.String, &recalled{&trace}},
				field{feedback.String, &trace.Feedback}, field{attempts.String, &trace.Answers}, field{warnings.String, &trace.Warnings}, field{reflection.String, &trace.Reflection})
			if err := decode(texts); err != nil {
				return nil, fmt.Errorf("%s, session %s: %w", symbol, r.Session, err)
			}
			if r.Status == backtest.StatusError {
				r.Failure = &agent.Failure{Session: r.Session, Reason: failure.String, Trace: trace}
			} else {
				r.Decision = &agent.Decision{Action: agent.Action(action.String), Reason: reason.String, Cited: ids, Trace: trace}
				if confidence.Valid {
					r.Decision.Confidence = &confidence.Float64
				}
			}
		} else if err := decode(texts); err != nil {
			return nil, fmt.Errorf("%s, session %s: %w", symbol, r.Session, err)
		}
		if order.Valid {
			r.Order = new(broker.Order)
			if err := decode([]field{{order.String, r.Order}}); err != nil {
				return nil, fmt.Errorf("%s, session %s: %w", symbol, r.Session, err)
			}
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(list) > 0 && len(list) != j.sessions {
		return nil, fmt.Errorf("the journal is damaged: it has %d sessions, but %d of them say nothing of %s", j.sessions, j.sessions-len(list), symbol)
	}
	return list, j.settlements(ctx, symbol, list)
}

// settlements adds to the records what became of earlier orders.
func (j *Journal) settlements(ctx context.Context, symbol string, records []backtest.Record) error {
	at := make(map[data.Session]*backtest.Record, len(records))
	for i := range records {
		at[records[i].Session] = &records[i]
	}
	rows, err := j.db.QueryContext(ctx, `
		SELECT s.date, o.body, o.clamped, o.note, o.fill FROM trade_order o JOIN session s ON s.number = o.settled
		WHERE o.symbol = ? ORDER BY o.session`, symbol)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var date data.Session
		var body string
		var fill sql.NullString
		var s backtest.Settlement
		if err := rows.Scan(&date, &body, &s.Clamped, &s.Note, &fill); err != nil {
			return err
		}
		texts := []field{{body, &s.Order}}
		if fill.Valid {
			s.Fill = new(broker.Fill)
			texts = append(texts, field{fill.String, s.Fill})
		}
		if err := decode(texts); err != nil {
			return fmt.Errorf("%s, session %s: %w", symbol, date, err)
		}
		r := at[date]
		if r == nil {
			return fmt.Errorf("the journal is damaged: an order of %s was settled on %s, and nothing else is there of that session", symbol, date)
		}
		r.Settled = &s
	}
	return rows.Err()
}

// A field is JSON text and where it goes.
type field struct {
	text string
	into any
}

func decode(fields []field) error {
	for _, f := range fields {
		if err := json.Unmarshal([]byte(f.text), f.into); err != nil {
			return fmt.Errorf("the journal holds %q, which is damaged: %w", f.text, err)
		}
	}
	return nil
}

// A Prompt is what the model was shown for one decision.
type Prompt struct{ System, Prompt, Schema string }

// Prompt reads the prompt of one session. ok is false where none was asked.
func (j *Journal) Prompt(ctx context.Context, symbol string, session data.Session) (p Prompt, ok bool, err error) {
	err = j.db.QueryRowContext(ctx, `
		SELECT a.text, b.text, c.text FROM decision d JOIN session s ON s.number = d.session
		JOIN prompt a ON a.hash = d.system_hash JOIN prompt b ON b.hash = d.prompt_hash JOIN prompt c ON c.hash = d.schema_hash
		WHERE d.symbol = ? AND s.date = ?`, symbol, session).Scan(&p.System, &p.Prompt, &p.Schema)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}
