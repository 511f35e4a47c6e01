package main

import (
	"io"
	"path/filepath"
	"testing"

	"finmem/internal/shared"
)

// finmem runs a command in this process.
func finmem(b *testing.B, args ...string) {
	b.Helper()
	if code := run(b.Context(), args, nil, io.Discard, io.Discard); code != exitDone {
		b.Fatalf("finmem %v: exit code %d", args, code)
	}
}

// BenchmarkBacktestSample is the README's first command.
func BenchmarkBacktestSample(b *testing.B) {
	for b.Loop() {
		finmem(b, "backtest", "--runs", b.TempDir())
	}
}

// BenchmarkBacktestTSLA is a whole run over 353 sessions of real prices, 5,262
// news items and six filings.
func BenchmarkBacktestTSLA(b *testing.B) {
	pickle := shared.Path(b, "data", "finmem", "tsla.pkl")
	ds := filepath.Join(b.TempDir(), "ds")
	finmem(b, "data", "import", "finmem", pickle, "--symbol", "TSLA", "--out", ds)
	for b.Loop() {
		finmem(b, "backtest", "--data", ds, "--symbol", "TSLA", "--from", "2026-01-02", "--runs", b.TempDir())
	}
}
