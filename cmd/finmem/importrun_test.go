package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An import that is interrupted leaves the folder as it was, or does not make it.
func TestInterruptedImport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "TSLA.csv")
	if err := os.WriteFile(file, []byte("Date,Close\n2024-03-07,178.65\n2024-03-08,175.34\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"data", "import", "auto", file, "--out", filepath.Join(dir, "new", "ds")}, nil, &stdout, &stderr)
	if code != exitInterrupted || stdout.Len() > 0 {
		t.Errorf("exit code %d, want %d; stdout %q, stderr %q", code, exitInterrupted, stdout.String(), stderr.String())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestRowsLine(t *testing.T) {
	for _, tt := range []struct {
		rows  int
		share float64
		spent time.Duration
		want  string
	}{
		{1000, 0.25, 2 * time.Second, "reading TSLA.csv   25 %  1000 rows  500 rows/s  6s left"},
		{1000, 0, 2 * time.Second, "reading TSLA.csv  1000 rows  500 rows/s"},
		{1000, 1, time.Second, "reading TSLA.csv  100 %  1000 rows  1000 rows/s  0s left"},
	} {
		if got := rowsLine("TSLA.csv", tt.rows, tt.share, tt.spent); got != tt.want {
			t.Errorf("rowsLine = %q, want %q", got, tt.want)
		}
	}
	if newImportProgress(&bytes.Buffer{}).rows("TSLA.csv") != nil {
		t.Error("rows are shown off a terminal")
	}
}

// A name in capitals is a symbol; a word, or a name in small letters, is none.
func TestSymbolOfName(t *testing.T) {
	for name, want := range map[string]string{
		"TSLA.csv": "TSLA", "BRK-B.csv": "BRK.B", "BTC-USD.csv": "BTC-USD", "AMZN_2015_2023-01.csv": "AMZN", "AAPL Historical Data.csv": "AAPL",
		"aapl.us.txt": "AAPL", "tsla_us_d.csv": "TSLA", "TSLA.JSONL": "TSLA", "TSLA": "TSLA",
		"tsla.csv": "", "prices.csv": "", "PRICES.csv": "", "DATA_2024.csv": "", "HistoricalData_1712345678.csv": "", "2024.csv": "", "": "", "..csv": "",
		"../../x.csv": "", strings.Repeat("A", 300) + ".csv": "",
	} {
		if got := symbolOfName(name); got != want {
			t.Errorf("symbolOfName(%q) = %q, want %q", name, got, want)
		}
	}
}
