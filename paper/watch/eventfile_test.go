package watch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"finmem/paper"
	"finmem/paper/watch"
)

func TestEventFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), watch.EventsName)
	if list, err := watch.LastEvents(path, 5); err != nil || len(list) != 0 {
		t.Errorf("no file: %v, %v", list, err)
	}
	write := func(texts ...string) {
		t.Helper()
		f, err := watch.OpenEventFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			f.Observe(decision(text))
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write("one", "two\nlines")
	// A process that was killed in the middle of a line.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"kind":"fill","te`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	write("three")
	list, err := watch.LastEvents(path, 2)
	if err != nil || len(list) != 2 || list[0].Text != "two\nlines" || list[1].Text != "three" {
		t.Fatalf("events %+v, %v", list, err)
	}
	if e := list[1]; e.Kind != paper.Decided || !e.At.Equal(decision("").At) || e.Fields["action"] != "buy" {
		t.Errorf("event %+v", e)
	}
}

// Files do not grow for ever, and none of the last events is lost in between.
func TestEventFileTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), watch.EventsName)
	f, err := watch.OpenEventFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const n = 150
	for i := range n {
		f.Observe(paper.Event{Kind: paper.Trouble, Text: fmt.Sprint(i, strings.Repeat(" x", 1<<15))})
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + ".1"} {
		if info, err := os.Stat(name); err != nil || info.Size() > 4<<20 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	list, err := watch.LastEvents(path, 20)
	if err != nil || len(list) != 20 || !strings.HasPrefix(list[19].Text, "149 ") || !strings.HasPrefix(list[0].Text, "130 ") {
		t.Errorf("%d events, %v", len(list), err)
	}
}
