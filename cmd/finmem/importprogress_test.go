package main

import (
	"bytes"
	"testing"
	"time"

	"finmem/data/importer"
)

func TestProgressLine(t *testing.T) {
	tests := []struct {
		at    importer.NewsProgress
		spent time.Duration
		want  string
	}{
		{importer.NewsProgress{Total: 100}, 0, "reading    0 %  0 items  0 items/s  … left"},
		{importer.NewsProgress{Done: 25, Total: 100, Items: 500}, 10 * time.Second, "reading   25 %  500 items  50 items/s  30s left"},
		{importer.NewsProgress{Writing: true, Done: 300, Total: 400, Items: 500}, 3 * time.Second, "writing  300/400 items  100 items/s  1s left"},
		{importer.NewsProgress{Writing: true, Done: 400, Total: 400}, 4 * time.Second, "writing  400/400 items  100 items/s  0s left"},
	}
	for _, tt := range tests {
		if got := progressLine(tt.at, tt.spent); got != tt.want {
			t.Errorf("progressLine(%+v, %s) = %q, want %q", tt.at, tt.spent, got, tt.want)
		}
	}
}

func TestImportProgressIsSilentOffATerminal(t *testing.T) {
	var out bytes.Buffer
	p := newImportProgress(&out)
	p.show(importer.NewsProgress{Done: 1, Total: 2})
	p.end()
	if out.Len() != 0 {
		t.Errorf("%q is shown off a terminal", out.String())
	}
}
