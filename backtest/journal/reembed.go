package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"finmem/internal/atomicfile"
	"finmem/memory"
)

// reembedBatch is how many texts are placed at once.
const reembedBatch = 256

// Reembed copies the run into dir, an empty folder, with every event's vector
// made anew by place, which gives one vector for each text, and with meta in
// place of the run's own. The run itself stays as it is. Everything else is
// copied: what was decided, with which memories on offer and which scores, came
// about with the vectors of before.
//
// On any error dir may hold part of a run; nothing else was touched.
func (j *Journal) Reembed(ctx context.Context, dir string, meta Meta, place func(context.Context, []string) ([][]float32, error)) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	path := filepath.Join(dir, FileName)
	if err := copyFile(ctx, filepath.Join(j.dir, FileName), path); err != nil {
		return err
	}
	db, err := open(path, writing)
	if err != nil {
		return err
	}
	c := &Journal{dir: dir, db: db}
	err = c.reembed(ctx, meta, place)
	if err == nil {
		err = c.Finish(ctx)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, ConfigName), func(w io.Writer) error {
		_, err := io.WriteString(w, meta.Config)
		return err
	})
}

// copyFile copies a database as it stands at one moment, whoever is writing to
// it.
func copyFile(ctx context.Context, from, to string) error {
	db, err := open(from, copying)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	return nil
}

func (j *Journal) reembed(ctx context.Context, meta Meta, place func(context.Context, []string) ([][]float32, error)) error {
	texts, err := j.texts(ctx)
	if err != nil {
		return fmt.Errorf("reading the events: %w", err)
	}
	return j.transaction(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM meta`); err != nil {
			return err
		}
		if err := writeMeta(ctx, tx, meta); err != nil {
			return err
		}
		for start := 0; start < len(texts); start += reembedBatch {
			batch := texts[start:min(start+reembedBatch, len(texts))]
			vectors, err := place(ctx, batch)
			if err != nil {
				return fmt.Errorf("embedding texts %d to %d of %d: %w", start+1, start+len(batch), len(texts), err)
			}
			if len(vectors) != len(batch) {
				return fmt.Errorf("embedding texts %d to %d of %d: got %d vectors", start+1, start+len(batch), len(texts), len(vectors))
			}
			for i, v := range vectors {
				if len(v) != meta.Embedder.Dim {
					return fmt.Errorf("embedding text %d of %d: the vector has %d dimensions, but the embedder is %s", start+i+1, len(texts), len(v), meta.Embedder)
				}
				unit, err := memory.Unit(v)
				if err != nil {
					return fmt.Errorf("embedding text %d of %d: %w", start+i+1, len(texts), err)
				}
				if _, err := tx.ExecContext(ctx, `UPDATE event SET vector = ? WHERE text = ?`, encodeVector(unit), batch[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// texts lists the texts of all events that the run ever had, each once.
func (j *Journal) texts(ctx context.Context) ([]string, error) {
	return column[string](ctx, j, `SELECT DISTINCT text FROM event ORDER BY text`)
}
