package memory_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"finmem/memory"
)

// docs/memory.md tells the lives of events; they must be those of the code.
func TestDocsTellTheLives(t *testing.T) {
	page, err := os.ReadFile("../docs/memory.md")
	if err != nil {
		t.Fatal(err)
	}
	var columns [3][]string
	var born []string
	for i, name := range []string{"layered", "paper", "reference"} {
		for _, l := range preset(t, name).Dynamics().Layers {
			for _, life := range l.Lives {
				cell := ""
				for _, m := range life.Moves {
					cell += fmt.Sprintf("%s in night %d, ", m.To, m.Night)
				}
				columns[i] = append(columns[i], fmt.Sprintf("%sgone in night %d by %s", cell, *life.Dies, life.Why))
				if name == "layered" {
					born = append(born, fmt.Sprintf("%s %g", l.Layer, life.Importance))
				}
			}
		}
	}
	for row := range born {
		// The reference preset draws other values for news: a table of its own.
		cells := []string{born[row], columns[0][row], columns[1][row], columns[2][row]}
		if strings.HasPrefix(born[row], memory.Short.String()) {
			cells[3] = "see below"
			news := fmt.Sprintf("short %d in `reference`: %s", 50+20*row, columns[2][row])
			if !strings.Contains(string(page), news) {
				t.Errorf("docs/memory.md lacks\n%s", news)
			}
		}
		if line := "| " + strings.Join(cells, " | ") + " |"; !strings.Contains(string(page), line) {
			t.Errorf("docs/memory.md lacks\n%s", line)
		}
	}
}
