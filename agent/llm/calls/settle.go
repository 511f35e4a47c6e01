package calls

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Settle keeps calls and gives, for each, the one that counts from now on: a
// usable one that is there already stays and is given in place of the new one.
// Where several ask the same at once and get answers that differ, all go on with
// one of them. All calls are kept or none.
func (s *Store) Settle(ctx context.Context, list []Call) ([]Call, error) {
	settled := make([]Call, len(list))
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		for i, c := range list {
			there, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM call WHERE key = ?`, c.Key))
			switch {
			case err == nil && there.Fault == "":
				settled[i] = there
				continue
			case err != nil && !errors.Is(err, sql.ErrNoRows):
				return err
			}
			if err := put(ctx, tx, c); err != nil {
				return err
			}
			settled[i] = c
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keeping %d calls in %s: %w", len(list), s.path, err)
	}
	return settled, nil
}

// PutAll keeps calls in place of any others under their keys, all or none.
func (s *Store) PutAll(ctx context.Context, list []Call) error {
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		for _, c := range list {
			if err := put(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping %d calls in %s: %w", len(list), s.path, err)
	}
	return nil
}
