package exporter_test

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/exporter"
	"finmem/internal/atomicfile"
)

// describePickle prints a pickle as Python sees it, types and all, and fails if
// loading it takes a module that the standard library does not have.
const describePickle = `
import datetime, pickle, sys

class Plain(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) != ("datetime", "date"):
            raise pickle.UnpicklingError(module + "." + name)
        return datetime.date

def show(v):
    if type(v) is dict:
        return "{" + ", ".join(show(k) + ": " + show(x) for k, x in v.items()) + "}"
    if type(v) in (list, tuple):
        return type(v).__name__ + "[" + ", ".join(show(x) for x in v) + "]"
    return type(v).__name__ + " " + ascii(v)

env = Plain(open(sys.argv[1], "rb")).load()
assert list(env) == sorted(env)
assert pickle.load(open(sys.argv[1], "rb")) == env
for date, value in env.items():
    print(show(date), show(value))
`

// Plain Python, without FinMem's packages, reads what FinMem reads: types, order
// and values.
func TestPythonLoadsThePickle(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skipf("no python3 to load the pickle with: %v", err)
	}
	long := strings.Repeat("é", 200) // 400 bytes: past the short form of a text
	h := data.History{
		Symbol: "BRK.B",
		Bars:   []data.Bar{data.CloseBar("2024-02-29", 0.1), data.CloseBar("2024-03-01", 410.4)},
		News: []data.News{
			{Time: at(t, "2024-02-29 10:00"), Text: "Beat \"big\"\nand more", Sentiment: &data.Sentiment{Positive: 0.5, Neutral: 0.25, Negative: 0.25}},
			{Time: at(t, "2024-02-29 11:00"), Text: long},
		},
		Filings: []data.Filing{
			{Accepted: at(t, "2024-02-29 12:00"), Form: "10-Q", Text: "One."},
			{Accepted: at(t, "2024-02-29 13:00"), Form: "10-Q", Text: "Two."},
			{Accepted: at(t, "2024-02-29 17:00"), Form: "10-K", Text: "Year."},
		},
	}
	ds := dataset(t, data.UnknownAdjustment, h)
	env, _ := collect(t, ds, exporter.Options{Sentiment: true}, "BRK.B")
	for shape, want := range map[exporter.Shape]string{
		exporter.Dicts: `date datetime.date(2024, 2, 29) {str 'price': {str 'BRK.B': float 0.1}, str 'news': {str 'BRK.B': list[str 'Beat "big"\nand more` +
			` The positive score for this news is 0.5. The neutral score for this news is 0.25. The negative score for this news is 0.25.', str '` +
			strings.Repeat(`\xe9`, 200) + `']}, str 'filing_q': {str 'BRK.B': str 'One.\n\nTwo.'}, str 'filing_k': {}}
date datetime.date(2024, 3, 1) {str 'price': {str 'BRK.B': float 410.4}, str 'news': {str 'BRK.B': list[]}, str 'filing_q': {}, str 'filing_k': {str 'BRK.B': str 'Year.'}}
`,
		exporter.Tuples: `date datetime.date(2024, 2, 29) tuple[{str 'price': {str 'BRK.B': float 0.1}}, {str 'news': {str 'BRK.B': list[str 'Beat "big"\nand more` +
			` The positive score for this news is 0.5. The neutral score for this news is 0.25. The negative score for this news is 0.25.', str '` +
			strings.Repeat(`\xe9`, 200) + `']}}, {str 'filing_q': {str 'BRK.B': str 'One.\n\nTwo.'}}, {str 'filing_k': {}}]
date datetime.date(2024, 3, 1) tuple[{str 'price': {str 'BRK.B': float 410.4}}, {str 'news': {str 'BRK.B': list[]}}, {str 'filing_q': {}}, {str 'filing_k': {str 'BRK.B': str 'Year.'}}]
`,
	} {
		path := filepath.Join(t.TempDir(), "env.pkl")
		if err := atomicfile.WriteFile(path, func(w io.Writer) error { return exporter.FinMem(w, env, shape) }); err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), python, "-I", "-c", describePickle, path)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", shape, err, stderr.String())
		}
		if string(out) != want {
			t.Errorf("%s: Python sees\n%s\nwant\n%s", shape, out, want)
		}
	}
}
