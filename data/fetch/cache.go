package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"finmem/internal/atomicfile"
)

// A Cache keeps answers in a folder, one file each, so that a fetch that was
// interrupted asks only for what is missing. A file has a line of JSON that says
// what was asked and when, and below it the answer as it came. The folder can be
// removed at any time.
type Cache struct{ dir string }

// NewCache makes a cache in a folder, which is made when the first answer is
// kept.
func NewCache(dir string) *Cache { return &Cache{dir: dir} }

// keptHeader is the first line of a kept answer.
type keptHeader struct {
	URL       string    `json:"url"` // without keys
	FetchedAt time.Time `json:"fetched_at"`
	KeepUntil time.Time `json:"keep_until"`
}

const keptExtension = ".answer"

func (c *Cache) path(vendor, address string) string {
	sum := sha256.Sum256([]byte(address))
	return filepath.Join(c.dir, vendor, hex.EncodeToString(sum[:16])+keptExtension)
}

// get finds an answer that is not older than keepFor, was complete when it was
// given and is not from the future. A file that cannot be read as one is as good
// as none.
func (c *Cache) get(vendor, address string, keepFor time.Duration, until, now time.Time) (Answer, bool, error) {
	text, err := os.ReadFile(c.path(vendor, address))
	if errors.Is(err, fs.ErrNotExist) {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, fmt.Errorf("kept answer: %w", err)
	}
	h, body, ok := parseKept(text)
	if !ok || h.URL != address || h.FetchedAt.Before(until) || h.FetchedAt.After(now) || now.Sub(h.FetchedAt) > keepFor {
		return Answer{}, false, nil
	}
	return Answer{Body: body, FetchedAt: h.FetchedAt, Kept: true}, true, nil
}

func parseKept(text []byte) (keptHeader, []byte, bool) {
	line, body, found := bytes.Cut(text, []byte("\n"))
	var h keptHeader
	if !found || json.Unmarshal(line, &h) != nil {
		return h, nil, false
	}
	return h, body, true
}

// put keeps an answer without the secrets.
func (c *Cache) put(vendor, address string, keepFor time.Duration, a Answer, hider *strings.Replacer) error {
	path := c.path(vendor, address)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	line, err := json.Marshal(keptHeader{URL: address, FetchedAt: a.FetchedAt.UTC(), KeepUntil: a.FetchedAt.Add(keepFor).UTC()})
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return atomicfile.WriteFile(path, func(w io.Writer) error {
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
		_, err := io.WriteString(w, hider.Replace(string(a.Body)))
		return err
	})
}

// Prune removes the answers that serve nobody any more at the time now.
func (c *Cache) Prune(now time.Time) error {
	return filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, keptExtension) {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		start := make([]byte, 4096)
		n, err := io.ReadFull(f, start)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return errors.Join(err, f.Close())
		}
		if err := f.Close(); err != nil {
			return err
		}
		h, _, ok := parseKept(start[:n])
		if ok && !now.After(h.KeepUntil) {
			return nil
		}
		return os.Remove(path)
	})
}
