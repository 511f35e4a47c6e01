package calls

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// A Count sums up the calls of one kind to one model.
type Count struct {
	Provider     string `json:"provider"`
	Model        string `json:"model"`
	Kind         Kind   `json:"kind"`
	Calls        int    `json:"calls"`
	Faulty       int    `json:"faulty"`
	InputTokens  int    `json:"inputTokens"`
	OutputTokens int    `json:"outputTokens"`
	// Bytes are those of requests and answers.
	Bytes int64 `json:"bytes"`
	// Latency is the mean.
	LatencySeconds float64 `json:"latencySeconds"`
	First          string  `json:"first"` // RFC 3339
	Last           string  `json:"last"`
}

// Stats counts what is kept, by provider, model and kind.
func (s *Store) Stats(ctx context.Context) ([]Count, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT provider, model, kind, count(*), sum(fault <> ''), sum(input_tokens), sum(output_tokens),
			sum(length(request) + length(answer)), avg(latency_ms) / 1000, min(made), max(made)
		FROM call GROUP BY provider, model, kind ORDER BY provider, model, kind`)
	if err != nil {
		return nil, fmt.Errorf("counting the calls in %s: %w", s.path, err)
	}
	defer rows.Close()
	list := []Count{}
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Provider, &c.Model, &c.Kind, &c.Calls, &c.Faulty, &c.InputTokens, &c.OutputTokens,
			&c.Bytes, &c.LatencySeconds, &c.First, &c.Last); err != nil {
			return nil, fmt.Errorf("counting the calls in %s: %w", s.path, err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// A Filter picks calls; what is not set picks all.
type Filter struct {
	Provider, Model string
	Kind            Kind
	// Before picks what was made before it.
	Before time.Time
	// Faulty picks calls without a usable answer alone.
	Faulty bool
}

// where is the filter as an SQL condition with its arguments.
func (f Filter) where() (condition string, args []any) {
	parts := []string{"1"}
	for _, equal := range []struct{ column, value string }{
		{"provider", f.Provider}, {"model", f.Model}, {"kind", string(f.Kind)},
	} {
		if equal.value != "" {
			parts, args = append(parts, equal.column+" = ?"), append(args, equal.value)
		}
	}
	if !f.Before.IsZero() {
		parts, args = append(parts, "made < ?"), append(args, f.Before.UTC().Format(time.RFC3339))
	}
	if f.Faulty {
		parts = append(parts, "fault <> ''")
	}
	return strings.Join(parts, " AND "), args
}

// Prune deletes what the filter picks and gives the room back. It returns how
// many calls that were.
func (s *Store) Prune(ctx context.Context, f Filter) (int, error) {
	condition, args := f.where()
	var n int64
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM call WHERE `+condition, args...)
		if err != nil {
			return err
		}
		n, err = done.RowsAffected()
		return err
	})
	if err == nil && n > 0 {
		_, err = s.db.ExecContext(ctx, `VACUUM`)
	}
	if err != nil {
		return int(n), fmt.Errorf("pruning %s: %w", s.path, err)
	}
	return int(n), nil
}

// Number is how many calls the filter picks.
func (s *Store) Number(ctx context.Context, f Filter) (int, error) {
	condition, args := f.where()
	var n int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM call WHERE `+condition, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting the calls in %s: %w", s.path, err)
	}
	return n, nil
}
