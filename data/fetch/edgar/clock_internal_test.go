package edgar

import (
	"os"
	"strings"
	"testing"

	"finmem/data"
	"finmem/internal/shared"
)

// The real list of TSLA is in the time of New York: read so, none of its times is
// impossible but for papers of the SEC's own; read as UTC, 182 are.
func TestClockOfTesla(t *testing.T) {
	body, err := os.ReadFile(shared.Path(t, "data/filings/edgar/submissions_TSLA_2022-11-30.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := parseSubmissions(body)
	if err != nil {
		t.Fatal(err)
	}
	c := clockOf(p.rows, data.NYSE().Location())
	wrong := 0
	for _, f := range p.rows {
		if !f.possible(c) && !strings.HasPrefix(f.Accession, "99999999") {
			wrong++
		}
	}
	if c.utc || c.timed < 900 || c.impossible < 150 || wrong > 0 {
		t.Errorf("UTC %v, %d of %d impossible as UTC and %d as New York's", c.utc, c.impossible, c.timed, wrong)
	}
}
