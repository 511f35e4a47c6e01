package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Branch copies the run into dir, an empty folder or none yet, for another run to
// go on from its memory. meta is the other run's. What was decided, remembered
// and why stays; the money does not: all sessions count as warm-up, and an order
// that was open ends unfilled.
//
// On any error dir may hold part of a run; nothing else was touched.
func (j *Journal) Branch(ctx context.Context, dir string, meta Meta) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("making the run folder: %w", err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return err
	}
	return errors.Join(j.branch(ctx, dir, meta), lock.Unlock())
}

func (j *Journal) branch(ctx context.Context, dir string, meta Meta) error {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	// The copy takes its name once it is whole, so that a process that dies leaves
	// no run of the old kind.
	copied := path + ".branch"
	if err := os.Remove(copied); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := copyFile(ctx, filepath.Join(j.dir, FileName), copied); err != nil {
		return err
	}
	db, err := open(copied, writing)
	if err != nil {
		return err
	}
	c := &Journal{dir: dir, db: db}
	err = c.transaction(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM meta`); err != nil {
			return err
		}
		if err := writeMeta(ctx, tx, meta); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE day SET phase = 'warm-up'`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE trade_order SET settled = (SELECT max(number) FROM session),
			note = 'not filled: another run goes on from here with money of its own' WHERE settled IS NULL`)
		return err
	})
	if err == nil {
		err = c.Finish(ctx)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", j.dir, err)
	}
	if err := writeConfig(dir, meta); err != nil {
		return err
	}
	return os.Rename(copied, path)
}
