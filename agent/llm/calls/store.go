package calls

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the database/sql driver
)

// FileName is the file's usual name.
const FileName = "llm-cache.db"

// formatVersion changes when the table does. A file of another version is
// refused.
const formatVersion = 1

// applicationID marks the file as one of kept calls.
const applicationID = 0x666d6c63 // "fmlc"

const schema = `
CREATE TABLE call (
	key           TEXT PRIMARY KEY,
	kind          TEXT NOT NULL,
	provider      TEXT NOT NULL,
	url           TEXT NOT NULL,
	model         TEXT NOT NULL,
	request       BLOB NOT NULL,
	answer        BLOB NOT NULL,
	fault         TEXT NOT NULL,
	input_tokens  INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	latency_ms    INTEGER NOT NULL,
	session       TEXT NOT NULL,
	symbol        TEXT NOT NULL,
	made          TEXT NOT NULL
) WITHOUT ROWID;
`

// A Store is an open file of kept calls.
type Store struct {
	path string
	db   *sql.DB
}

// Open opens the file at path to read and write, and makes it, with its folder,
// where it is not there.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("making the folder of kept calls: %w", err)
	}
	s, err := connect(path, url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(30000)", "synchronous(FULL)"}})
	if err != nil {
		return nil, err
	}
	if err := s.initialise(ctx); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, s.db.Close()))
	}
	return s, nil
}

// OpenReadOnly opens a file that is there to read alone.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the file of kept calls: %w", err)
	}
	s, err := connect(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(30000)", "query_only(1)"}})
	if err != nil {
		return nil, err
	}
	begun, err := s.begun(ctx, s.db)
	if err == nil && !begun {
		err = errors.New("it holds nothing at all")
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, s.db.Close()))
	}
	return s, nil
}

func connect(path string, q url.Values) (*Store, error) {
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	if !filepath.IsAbs(path) {
		u = url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &Store{path: path, db: db}, nil
}

// initialise makes the table in a new file and checks that another is of the
// right kind. The transaction takes the write lock at once, so of several
// processes one makes the table.
func (s *Store) initialise(ctx context.Context) error {
	return s.transaction(ctx, func(tx *sql.Tx) error {
		begun, err := s.begun(ctx, tx)
		if begun || err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, applicationID, formatVersion))
		return err
	})
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// begun reports whether the file has its table. A file of another kind or version
// is an error.
func (s *Store) begun(ctx context.Context, q querier) (bool, error) {
	var tables, id, version int
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return false, fmt.Errorf("it is not a file of kept calls, or it is damaged: %w", err)
	}
	if tables == 0 {
		return false, nil
	}
	if err := q.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return false, err
	}
	if err := q.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return false, err
	}
	switch {
	case id != applicationID:
		return false, errors.New("it is a database, but not one of kept calls")
	case version != formatVersion:
		return false, fmt.Errorf("it has format %d, this finmem reads format %d", version, formatVersion)
	}
	return true, nil
}

// Path is the file's.
func (s *Store) Path() string { return s.path }

// Close lets go of the file.
func (s *Store) Close() error { return s.db.Close() }

const columns = `key, kind, provider, url, model, request, answer, fault, input_tokens, output_tokens, latency_ms, session, symbol, made`

// Get finds the call kept under key.
func (s *Store) Get(ctx context.Context, key string) (call Call, found bool, err error) {
	call, err = scan(s.db.QueryRowContext(ctx, `SELECT `+columns+` FROM call WHERE key = ?`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return Call{}, false, nil
	}
	if err != nil {
		return Call{}, false, fmt.Errorf("reading a call from %s: %w", s.path, err)
	}
	return call, true, nil
}

// Put keeps a call in place of any other under its key.
func (s *Store) Put(ctx context.Context, call Call) error {
	err := s.transaction(ctx, func(tx *sql.Tx) error { return put(ctx, tx, call) })
	if err != nil {
		return fmt.Errorf("keeping a call in %s: %w", s.path, err)
	}
	return nil
}

func put(ctx context.Context, tx *sql.Tx, c Call) error {
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO call (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Key, c.Kind, c.Provider, c.URL, c.Model, notNil(c.Request), notNil(c.Answer), c.Fault,
		c.Usage.InputTokens, c.Usage.OutputTokens, c.Latency.Milliseconds(),
		c.Asker.Session, c.Asker.Symbol, c.Made.UTC().Format(time.RFC3339))
	return err
}

// notNil is b, or an empty slice: the driver writes nil as NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

type row interface{ Scan(dest ...any) error }

func scan(r row) (c Call, err error) {
	var latency int64
	var made string
	err = r.Scan(&c.Key, &c.Kind, &c.Provider, &c.URL, &c.Model, &c.Request, &c.Answer, &c.Fault,
		&c.Usage.InputTokens, &c.Usage.OutputTokens, &latency, &c.Asker.Session, &c.Asker.Symbol, &made)
	if err != nil {
		return Call{}, err
	}
	c.Latency = time.Duration(latency) * time.Millisecond
	if c.Made, err = time.Parse(time.RFC3339, made); err != nil {
		return Call{}, fmt.Errorf("the time of call %s: %w", c.Key, err)
	}
	return c, nil
}

// transaction runs f; all it did is kept, or nothing.
func (s *Store) transaction(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after a commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
