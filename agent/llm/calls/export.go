package calls

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// A line is a call in an export: one JSON object a line. Bodies that are UTF-8
// stand as text, others as base64.
type line struct {
	Key          string `json:"key"`
	Kind         Kind   `json:"kind"`
	Provider     string `json:"provider"`
	URL          string `json:"url"`
	Model        string `json:"model"`
	Request      string `json:"request"`
	Answer       string `json:"answer,omitempty"`
	AnswerBase64 []byte `json:"answerBase64,omitempty"`
	Fault        string `json:"fault,omitempty"`
	InputTokens  int    `json:"inputTokens"`
	OutputTokens int    `json:"outputTokens"`
	LatencyMS    int64  `json:"latencyMs"`
	Session      string `json:"session,omitempty"`
	Symbol       string `json:"symbol,omitempty"`
	Made         string `json:"made"` // RFC 3339
}

// Export writes what the filter picks as JSON Lines, in the order of the keys, and
// returns how many calls that were.
func (s *Store) Export(ctx context.Context, w io.Writer, f Filter) (int, error) {
	condition, args := f.where()
	rows, err := s.db.QueryContext(ctx, `SELECT `+columns+` FROM call WHERE `+condition+` ORDER BY key`, args...)
	if err != nil {
		return 0, fmt.Errorf("exporting %s: %w", s.path, err)
	}
	defer rows.Close()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	n := 0
	for rows.Next() {
		c, err := scan(rows)
		if err == nil {
			err = enc.Encode(lineOf(c))
		}
		if err != nil {
			return n, fmt.Errorf("exporting %s: %w", s.path, err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("exporting %s: %w", s.path, err)
	}
	return n, nil
}

func lineOf(c Call) line {
	l := line{
		Key: c.Key, Kind: c.Kind, Provider: c.Provider, URL: c.URL, Model: c.Model,
		Request: string(c.Request), Fault: c.Fault,
		InputTokens: c.Usage.InputTokens, OutputTokens: c.Usage.OutputTokens, LatencyMS: c.Latency.Milliseconds(),
		Session: c.Asker.Session, Symbol: c.Asker.Symbol, Made: c.Made.UTC().Format(time.RFC3339),
	}
	if utf8.Valid(c.Answer) {
		l.Answer = string(c.Answer)
	} else {
		l.AnswerBase64 = c.Answer
	}
	return l
}

// Imported says what an import did.
type Imported struct {
	Added int `json:"added"`
	// Known were there already and stay as they are.
	Known int `json:"known"`
}

// longestLine bounds a line of an import: an embedding answer of a few thousand
// texts is some 100 MB.
const longestLine = 256 << 20

// Import adds the calls of an export, all or none. A call that is there already
// stays as it is, except that a usable answer takes the place of a faulty one. A
// line that is no call, or whose key does not fit its request, is an error that
// names the line.
func (s *Store) Import(ctx context.Context, r io.Reader, name string) (Imported, error) {
	var done Imported
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, longestLine)
		number := 0
		for lines.Scan() {
			number++
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			c, err := readLine(lines.Bytes())
			if err != nil {
				return fmt.Errorf("%s line %d: %w", name, number, err)
			}
			var fault string
			err = tx.QueryRowContext(ctx, `SELECT fault FROM call WHERE key = ?`, c.Key).Scan(&fault)
			switch {
			case errors.Is(err, sql.ErrNoRows), err == nil && fault != "" && c.Fault == "":
				err = put(ctx, tx, c)
				done.Added++
			case err == nil:
				done.Known++
			}
			if err != nil {
				return fmt.Errorf("%s line %d: %w", name, number, err)
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("%s line %d: %w", name, number+1, err)
		}
		return nil
	})
	if err != nil {
		return Imported{}, fmt.Errorf("importing into %s: %w", s.path, err)
	}
	return done, nil
}

func readLine(text []byte) (Call, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var l line
	if err := dec.Decode(&l); err != nil {
		return Call{}, fmt.Errorf("it is no exported call: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Call{}, errors.New("it is no exported call: it goes on after its object")
	}
	if _, err := ParseKind(string(l.Kind)); err != nil {
		return Call{}, err
	}
	if l.InputTokens < 0 || l.OutputTokens < 0 || l.LatencyMS < 0 {
		return Call{}, errors.New("tokens and latency must not be negative")
	}
	key, err := Key(l.Provider, l.URL, []byte(l.Request))
	if err != nil {
		return Call{}, err
	}
	if key != l.Key {
		return Call{}, fmt.Errorf("key %q does not belong to its request: want %s", l.Key, key)
	}
	made, err := time.Parse(time.RFC3339, l.Made)
	if err != nil {
		return Call{}, fmt.Errorf("made %q is no time such as 2026-01-02T15:04:05Z", l.Made)
	}
	answer := []byte(l.Answer)
	if l.AnswerBase64 != nil {
		answer = l.AnswerBase64
	}
	return Call{
		Key: l.Key, Kind: l.Kind, Provider: l.Provider, URL: l.URL, Model: l.Model,
		Request: []byte(l.Request), Answer: answer, Fault: l.Fault,
		Usage:   Usage{InputTokens: l.InputTokens, OutputTokens: l.OutputTokens},
		Latency: time.Duration(l.LatencyMS) * time.Millisecond,
		Asker:   Asker{Session: l.Session, Symbol: l.Symbol}, Made: made,
	}, nil
}
