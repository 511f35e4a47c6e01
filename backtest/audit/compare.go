package audit

import (
	"fmt"
	"strings"

	"finmem/backtest"
	"finmem/data"
	"finmem/internal/printable"
)

// A Difference is where a session came out otherwise than recorded although only
// what lay behind it had changed: a leak.
type Difference struct {
	Symbol  string       `json:"symbol"`
	Session data.Session `json:"session"`
	// Aspect is what differs: "prompt", "offered memories", "decision" and so on.
	Aspect string `json:"aspect"`
	// Recorded and Rerun are the first line of it that differs in each run.
	Recorded string `json:"recorded"`
	Rerun    string `json:"rerun"`
}

// Compare holds two runs of one symbol against each other, session by session.
// It reports all aspects in which the first session that differs does. later
// counts the sessions after that one that differ as well: once one did, those
// after it follow from it.
func Compare(recorded, rerun []backtest.Record) (first []Difference, later int) {
	for i := range max(len(recorded), len(rerun)) {
		var found []Difference
		switch {
		case i >= len(recorded):
			found = []Difference{missing(rerun[i], "not there", "there")}
		case i >= len(rerun):
			found = []Difference{missing(recorded[i], "there", "not there")}
		default:
			found = differences(recorded[i], rerun[i])
		}
		switch {
		case len(found) == 0:
		case first == nil:
			first = found
		default:
			later++
		}
	}
	return first, later
}

func missing(r backtest.Record, recorded, rerun string) Difference {
	return Difference{r.Symbol, r.Session, "session", recorded, rerun}
}

func differences(recorded, rerun backtest.Record) []Difference {
	if recorded.Session != rerun.Session {
		return []Difference{{recorded.Symbol, recorded.Session, "session", string(recorded.Session), string(rerun.Session)}}
	}
	var found []Difference
	other := aspects(rerun)
	for i, a := range aspects(recorded) {
		if a.text == other[i].text {
			continue
		}
		was, is := firstDifference(a.text, other[i].text)
		found = append(found, Difference{recorded.Symbol, recorded.Session, a.name, was, is})
	}
	return found
}

// shownChars is how much of a differing line is shown.
const shownChars = 160

// firstDifference is the first line in which two texts differ, cut to where they
// do.
func firstDifference(a, b string) (string, string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(as), len(bs)) {
		switch {
		case i >= len(as):
			return "no line " + fmt.Sprint(i+1), cut(bs[i], 0)
		case i >= len(bs):
			return cut(as[i], 0), "no line " + fmt.Sprint(i+1)
		case as[i] != bs[i]:
			return cut(as[i], common(as[i], bs[i])), cut(bs[i], common(as[i], bs[i]))
		}
	}
	return "", ""
}

// common is the number of bytes at the start that two lines share.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// cut is a line around the byte at which it differs.
func cut(line string, at int) string {
	const before = 40
	if at > before {
		line = "…" + strings.ToValidUTF8(line[at-before:], "")
	}
	return printable.Cut(printable.Line(line), shownChars)
}
