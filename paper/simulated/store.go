package simulated

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the database/sql driver

	"finmem/backtest/portfolio"
	"finmem/data"
	"finmem/paper"
)

const (
	// applicationID marks the file as one of a simulated account.
	applicationID = 0x666d7362 // "fmsb"
	// formatVersion changes when the tables do. A file of another version is
	// refused.
	formatVersion = 1
)

const schema = `
CREATE TABLE account (
	symbol  TEXT PRIMARY KEY,
	ledger  TEXT NOT NULL, -- JSON
	mark    REAL NOT NULL,
	session TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE orders (
	seq       INTEGER PRIMARY KEY,
	client_id TEXT NOT NULL UNIQUE,
	ended     INTEGER NOT NULL,
	receipt   TEXT NOT NULL -- JSON
);
CREATE INDEX orders_open ON orders (seq) WHERE ended = 0;
`

// connect opens the file. A change is on the disk when its transaction returns.
func connect(path string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	if !filepath.IsAbs(path) {
		u = url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("opening the simulated account %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// load reads the accounts and the open orders, and makes those that are missing.
func (b *Broker) load(ctx context.Context) error {
	if err := b.initialise(ctx); err != nil {
		return err
	}
	if err := b.loadAccounts(ctx); err != nil {
		return err
	}
	fresh := map[string]account{}
	for _, symbol := range b.cfg.Symbols {
		if _, ok := b.accounts[symbol]; !ok {
			fresh[symbol] = account{ledger: portfolio.New(b.cfg.Cash, b.cfg.Sim.Short)}
		}
	}
	if len(fresh) > 0 {
		if err := b.save(ctx, fresh, nil); err != nil {
			return err
		}
	}
	for symbol, acc := range fresh {
		b.accounts[symbol] = acc
	}
	return b.loadOrders(ctx)
}

// initialise makes the tables in a new file and refuses one of another kind.
func (b *Broker) initialise(ctx context.Context) error {
	var id, version int
	if err := b.db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if err := b.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	switch {
	case id == applicationID && version == formatVersion:
		return nil
	case id == applicationID:
		return fmt.Errorf("its format is version %d, and this program reads %d", version, formatVersion)
	}
	var tables int
	if err := b.db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return err
	}
	if id != 0 || tables > 0 {
		return errors.New("it is a file of another kind")
	}
	return b.transaction(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, applicationID, formatVersion))
		return err
	})
}

func (b *Broker) loadAccounts(ctx context.Context) error {
	rows, err := b.db.QueryContext(ctx, `SELECT symbol, ledger, mark, session FROM account`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var symbol, ledger, session string
		var acc account
		if err := rows.Scan(&symbol, &ledger, &acc.mark, &session); err != nil {
			return err
		}
		var state portfolio.State
		if err := json.Unmarshal([]byte(ledger), &state); err != nil {
			return fmt.Errorf("account of %s: %w", symbol, err)
		}
		state.Short = b.cfg.Sim.Short
		if acc.ledger, err = portfolio.FromState(state); err != nil {
			return fmt.Errorf("account of %s: %w", symbol, err)
		}
		acc.session = data.Session(session)
		b.accounts[symbol] = acc
	}
	return rows.Err()
}

func (b *Broker) loadOrders(ctx context.Context) error {
	if err := b.db.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM orders`).Scan(&b.seq); err != nil {
		return err
	}
	rows, err := b.db.QueryContext(ctx, `SELECT seq, receipt FROM orders WHERE ended = 0 ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o order
		var text string
		if err := rows.Scan(&o.seq, &text); err != nil {
			return err
		}
		if o.Receipt, err = receiptOf(text); err != nil {
			return fmt.Errorf("order %d: %w", o.seq, err)
		}
		b.open = append(b.open, o)
	}
	return rows.Err()
}

// find looks an order up, open or ended.
func (b *Broker) find(ctx context.Context, clientID string) (paper.Receipt, bool, error) {
	var text string
	err := b.db.QueryRowContext(ctx, `SELECT receipt FROM orders WHERE client_id = ?`, clientID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return paper.Receipt{}, false, nil
	}
	if err != nil {
		return paper.Receipt{}, false, fmt.Errorf("looking order %s up: %w", clientID, err)
	}
	r, err := receiptOf(text)
	if err != nil {
		return paper.Receipt{}, false, fmt.Errorf("order %s: %w", clientID, err)
	}
	return r, true, nil
}

func receiptOf(text string) (r paper.Receipt, err error) {
	err = json.Unmarshal([]byte(text), &r)
	return r, err
}

// save writes accounts and orders in one transaction.
func (b *Broker) save(ctx context.Context, accounts map[string]account, orders []order) error {
	return b.transaction(ctx, func(tx *sql.Tx) error {
		for symbol, acc := range accounts {
			ledger, err := json.Marshal(acc.ledger.State())
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO account (symbol, ledger, mark, session) VALUES (?, ?, ?, ?)
				ON CONFLICT (symbol) DO UPDATE SET ledger = excluded.ledger, mark = excluded.mark, session = excluded.session`,
				symbol, string(ledger), acc.mark, string(acc.session)); err != nil {
				return err
			}
		}
		for _, o := range orders {
			text, err := json.Marshal(o.Receipt)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO orders (seq, client_id, ended, receipt) VALUES (?, ?, ?, ?)
				ON CONFLICT (seq) DO UPDATE SET ended = excluded.ended, receipt = excluded.receipt WHERE client_id = excluded.client_id`,
				o.seq, o.ClientID, o.Status.Ended(), string(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *Broker) transaction(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after a commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
