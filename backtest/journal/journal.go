package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the database/sql driver

	"finmem/internal/atomicfile"
	"finmem/memory"
)

// FileName is the name of the database in a run's folder.
const FileName = "run.db"

// ConfigName is the file beside it with the run's resolved configuration.
const ConfigName = "config.toml"

// lockName is the file whose lock says that a process writes to the run. The
// system frees the lock of a process that died.
const lockName = "lock"

// Meta is what a run is: enough to tell whether a resumed run is the same run.
type Meta struct {
	Version  string          // of finmem
	Config   string          // the resolved configuration, TOML
	Embedder memory.Identity // of every vector in the file
	// Settings are all that decides the results, name by name: options, and
	// the digests of data and profiles.
	Settings map[string]string
}

// A Journal is an open run.
type Journal struct {
	dir  string
	db   *sql.DB
	lock *flock.Flock // nil when open for reading
	// sessions is the number of the next session.
	sessions int
}

// ErrExists is returned by [Create] when the folder already holds a run.
var ErrExists = errors.New("there is a run already")

// ErrNoRun is returned where a folder holds no run.
var ErrNoRun = errors.New("there is no run")

// ErrBusy is returned when another process is writing to the run.
var ErrBusy = errors.New("another finmem process is working on this run")

// Create starts a run in dir, which is made if it is not there. A folder that
// holds a run is refused with [ErrExists].
func Create(ctx context.Context, dir string, meta Meta) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the run folder: %w", err)
	}
	lock, err := acquire(dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, lock: lock}
	if err := j.create(ctx, meta); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return j, nil
}

func (j *Journal) create(ctx context.Context, meta Meta) (err error) {
	begun, err := begun(ctx, j.dir)
	if err != nil {
		return err
	}
	if begun {
		return fmt.Errorf("%s: %w", j.dir, ErrExists)
	}
	path := filepath.Join(j.dir, FileName)
	for _, leftover := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(leftover); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if j.db, err = open(path, writing); err != nil {
		return err
	}
	if err = j.initialise(ctx, meta); err == nil {
		err = writeConfig(j.dir, meta)
	}
	if err != nil {
		return fmt.Errorf("starting %s: %w", path, errors.Join(err, j.db.Close()))
	}
	return nil
}

func writeConfig(dir string, meta Meta) error {
	return atomicfile.WriteFile(filepath.Join(dir, ConfigName), func(w io.Writer) error {
		_, err := io.WriteString(w, meta.Config)
		return err
	})
}

// begun reports whether dir holds a run. A process that died while making one
// leaves a database without tables and no configuration beside it: that is not
// a run yet. A database that cannot be read is an error, never "no run".
func begun(ctx context.Context, dir string) (bool, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if _, err := os.Stat(filepath.Join(dir, ConfigName)); err == nil {
		return true, nil
	}
	db, err := open(path, writing)
	if err != nil {
		return false, err
	}
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables)
	if err := errors.Join(err, db.Close()); err != nil {
		return false, fmt.Errorf("reading %s: %w", path, err)
	}
	return tables > 0, nil
}

// Resume opens a run to go on with it. Its error is [ErrNoRun] where dir holds
// none.
func Resume(ctx context.Context, dir string) (*Journal, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoRun)
	}
	lock, err := acquire(dir)
	if err != nil {
		return nil, err
	}
	j, err := resume(ctx, dir)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	j.lock = lock
	return j, nil
}

func resume(ctx context.Context, dir string) (*Journal, error) {
	begun, err := begun(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !begun {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoRun)
	}
	j, err := load(ctx, dir, writing)
	if err != nil {
		return nil, err
	}
	if err := j.tidy(ctx); err != nil {
		return nil, errors.Join(err, j.db.Close())
	}
	return j, nil
}

// tidy puts right what a killed process can have left beside the database:
// half-written files, and no configuration if it died right after the start.
func (j *Journal) tidy(ctx context.Context) error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		if err := os.Remove(filepath.Join(j.dir, e.Name())); err != nil {
			return err
		}
	}
	meta, err := j.Meta(ctx)
	if err != nil {
		return err
	}
	return writeConfig(j.dir, meta)
}

// Read opens a run to look at it. It changes nothing in the file, and works
// while another process writes to it.
func Read(ctx context.Context, dir string) (*Journal, error) {
	if _, err := os.Stat(filepath.Join(dir, FileName)); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoRun)
	}
	return load(ctx, dir, reading)
}

func load(ctx context.Context, dir string, m mode) (*Journal, error) {
	path := filepath.Join(dir, FileName)
	db, err := open(path, m)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, db: db}
	if err := j.check(ctx); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, errors.Join(err, db.Close()))
	}
	return j, nil
}

func acquire(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockName))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the run folder: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", dir, ErrBusy)
	}
	return lock, nil
}

type mode int

const (
	reading mode = iota
	writing
	copying // reading, to write another file from it
)

// open connects to the file. Writers use the write-ahead log with a sync per
// commit: a commit that returned survives the process and the machine. One
// connection serves all, so a statement never waits for another of this process.
func open(path string, m mode) (*sql.DB, error) {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(5000)")
	q.Add("_pragma", "foreign_keys(1)")
	switch m {
	case writing:
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "synchronous(FULL)")
		q.Set("_txlock", "immediate")
	case copying:
		q.Set("mode", "ro")
	case reading:
		q.Set("mode", "ro")
		q.Add("_pragma", "query_only(1)")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	if !filepath.IsAbs(path) {
		u = url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (j *Journal) initialise(ctx context.Context, meta Meta) error {
	return j.transaction(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		return writeMeta(ctx, tx, meta)
	})
}

func writeMeta(ctx context.Context, tx *sql.Tx, meta Meta) error {
	rows := map[string]string{
		"schema":             schemaVersion,
		"version":            meta.Version,
		"config":             meta.Config,
		"embedder":           meta.Embedder.Name,
		"embedder dimension": fmt.Sprint(meta.Embedder.Dim),
	}
	for k, v := range meta.Settings {
		rows[settingPrefix+k] = v
	}
	for _, k := range sortedKeys(rows) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)`, k, rows[k]); err != nil {
			return err
		}
	}
	return nil
}

const settingPrefix = "setting "

// check reads what must be right before anything else is believed: a file cut
// short or of another version is an error here, never an empty run.
func (j *Journal) check(ctx context.Context) error {
	var found string
	if err := j.db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'schema'`).Scan(&found); err != nil {
		return fmt.Errorf("it is not a run of finmem, or it is damaged: %w", err)
	}
	if found != schemaVersion {
		return fmt.Errorf("it has format %s, this finmem reads format %s", found, schemaVersion)
	}
	var verdict string
	if err := j.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("it is damaged: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("it is damaged: %s", verdict)
	}
	return j.db.QueryRowContext(ctx, `SELECT count(*) FROM session`).Scan(&j.sessions)
}

// Meta reads what the run is.
func (j *Journal) Meta(ctx context.Context) (Meta, error) {
	meta := Meta{Settings: map[string]string{}}
	rows, err := j.db.QueryContext(ctx, `SELECT key, value FROM meta`)
	if err != nil {
		return meta, err
	}
	defer rows.Close()
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return meta, err
		}
		switch {
		case k == "version":
			meta.Version = v
		case k == "config":
			meta.Config = v
		case k == "embedder":
			meta.Embedder.Name = v
		case k == "embedder dimension":
			if _, err := fmt.Sscan(v, &meta.Embedder.Dim); err != nil {
				return meta, fmt.Errorf("embedder dimension %q: %w", v, err)
			}
		case len(k) > len(settingPrefix) && k[:len(settingPrefix)] == settingPrefix:
			meta.Settings[k[len(settingPrefix):]] = v
		}
	}
	return meta, rows.Err()
}

// A Difference is a setting with which a resumed run would not be the same run.
type Difference struct{ Setting, Was, Is string }

// Differences lists the settings that differ between a recorded run and now,
// by name. A setting that only one side has differs from "".
func Differences(recorded, now map[string]string) []Difference {
	all := map[string]string{}
	for k := range recorded {
		all[k] = ""
	}
	for k := range now {
		all[k] = ""
	}
	var list []Difference
	for _, k := range sortedKeys(all) {
		if recorded[k] != now[k] {
			list = append(list, Difference{Setting: k, Was: recorded[k], Is: now[k]})
		}
	}
	return list
}

// Finish folds the write-ahead log into the file, so that a finished run is one
// plain file that can be read from anywhere, also from a read-only disk.
func (j *Journal) Finish(ctx context.Context) error {
	if _, err := j.db.ExecContext(ctx, `PRAGMA journal_mode = DELETE`); err != nil {
		return fmt.Errorf("closing the log of %s: %w", filepath.Join(j.dir, FileName), err)
	}
	return nil
}

// Dir is the run's folder.
func (j *Journal) Dir() string { return j.dir }

// Close lets go of the file and of the lock.
func (j *Journal) Close() error {
	err := j.db.Close()
	if j.lock != nil {
		err = errors.Join(err, j.lock.Unlock())
	}
	return err
}

// transaction runs f; all it did is kept, or nothing.
func (j *Journal) transaction(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after a commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Remove deletes a run with its folder. It refuses a folder that holds no run,
// and one that a process is working on.
func Remove(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, FileName)); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w", dir, ErrNoRun)
	}
	lock, err := acquire(dir)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), lock.Unlock())
}
