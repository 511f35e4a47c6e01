package data_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// equalNaN lets two missing values be equal.
func equalNaN() cmp.Option { return cmpopts.EquateNaNs() }

func meta() data.Meta {
	return data.Meta{
		Name: "test", Calendar: "NYSE", Sources: []string{"made up"}, AsOf: "2024-12-31", Synthetic: true,
		PriceKind: data.OHLCV, Adjustment: data.SplitAdjusted, Notes: []string{"three sessions"},
	}
}

// history has something of everything.
func history(symbol string) data.History {
	stamp := time.Date(2024, 3, 8, 23, 30, 0, 0, time.UTC)
	return data.History{
		Symbol: symbol,
		Bars: []data.Bar{
			{Session: "2024-03-07", Open: 99, High: 101.5, Low: 98.25, Close: 100, AdjClose: 99.5, Volume: 1000},
			{Session: "2024-03-08", Open: 100, High: 112, Low: 100, Close: 110, AdjClose: 110, Volume: 0},
			data.CloseBar("2024-03-11", 121),
		},
		Actions: []data.Action{{Session: "2024-03-08", Split: 4, Dividend: 0.25}, {Session: "2024-03-11", Dividend: 0.1}},
		News: []data.News{
			{Time: stamp, Title: "Results <b>beat</b> & rise", Text: "a \"quoted\" text\nof two lines", Source: "wire", URL: "https://example.com/?a=1&b=2",
				Sentiment: &data.Sentiment{Positive: 0.9, Neutral: 0.1, Compound: 0.75, Method: "vader"}, Copies: 3},
			{Time: time.Date(2024, 3, 9, 0, 0, 0, 0, time.UTC), DateOnly: true, Title: "Saturday", Copies: 1,
				Summary: &data.Summary{Method: "extract", SHA256: strings.Repeat("a0", 32), Characters: 1}},
		},
		Filings: []data.Filing{
			{Accepted: stamp, Form: "10-Q", Period: "2023-12-31", Text: "quarter",
				Summary: &data.Summary{Method: "model", Model: "ollama/m", SHA256: strings.Repeat("0f", 32), Characters: 48210}},
			{Accepted: time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC), DateOnly: true, Form: "10-K", Text: "year"},
		},
	}
}

func newDataset(t testing.TB, m data.Meta, histories ...data.History) *data.Dataset {
	t.Helper()
	d, err := data.NewDataset(m, histories...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func writeDataset(t testing.TB, dir string, d *data.Dataset) {
	t.Helper()
	if err := data.WriteDataset(context.Background(), dir, d, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestDatasetRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "ds") // B89: folders are made
	want := newDataset(t, meta(), history("TSLA"), history("BRK.B"))
	writeDataset(t, dir, want)
	got, err := data.ReadDataset(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Meta, got.Meta); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"BRK.B", "TSLA"}, got.Symbols()); diff != "" {
		t.Errorf("symbols (-want +got):\n%s", diff)
	}
	for _, symbol := range []string{"TSLA", "brk-b"} {
		w, err := want.History(symbol)
		if err != nil {
			t.Fatal(err)
		}
		g, err := got.History(symbol)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w, g, equalNaN()); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", symbol, diff)
		}
		if want.Digest(symbol) != got.Digest(symbol) || len(got.Digest(symbol)) != 64 {
			t.Errorf("digest of %s is %q after reading, %q before writing", symbol, got.Digest(symbol), want.Digest(symbol))
		}
	}
}

// Whatever can be held can be written and read back unchanged.
func TestDatasetRoundTripOfAnything(t *testing.T) {
	price := func(t *rapid.T, name string) float64 {
		if rapid.Bool().Draw(t, name+" missing") {
			return math.NaN()
		}
		return rapid.Float64Range(1e-6, 1e9).Draw(t, name)
	}
	parent := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		h := data.History{Symbol: "TSLA"}
		session := data.Session("1990-01-01")
		for range rapid.IntRange(1, 5).Draw(t, "bars") {
			session = session.AddDays(rapid.IntRange(1, 400).Draw(t, "gap"))
			b := data.Bar{Session: session, Close: rapid.Float64Range(1e-6, 1e9).Draw(t, "close"), AdjClose: price(t, "adjusted"), Open: price(t, "open"),
				High: math.NaN(), Low: math.NaN(), Volume: rapid.Float64Range(0, 1e12).Draw(t, "volume")}
			h.Bars = append(h.Bars, b)
			if rapid.Bool().Draw(t, "action") {
				h.Actions = append(h.Actions, data.Action{Session: session, Split: rapid.Float64Range(1e-4, 50).Draw(t, "split"), Dividend: rapid.Float64Range(0.01, 5).Draw(t, "dividend")})
			}
		}
		for range rapid.IntRange(0, 4).Draw(t, "news") {
			at := time.Unix(rapid.Int64Range(631152000, 1900000000).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).UTC()
			item := data.News{Time: at, Title: rapid.String().Draw(t, "title"), Text: rapid.String().Draw(t, "text"), Copies: rapid.IntRange(1, 3).Draw(t, "copies")}
			if rapid.Bool().Draw(t, "date only") {
				item.DateOnly, item.Time = true, at.Truncate(24*time.Hour)
			}
			h.News = append(h.News, item)
			h.Filings = append(h.Filings, data.Filing{Accepted: item.Time, DateOnly: item.DateOnly, Form: "10-Q", Text: item.Text})
		}
		d, err := data.NewDataset(meta(), h)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(parent, "ds")
		if err := data.WriteDataset(context.Background(), dir, d, data.WriteOptions{Replace: true}); err != nil {
			t.Fatal(err)
		}
		got, err := data.ReadDataset(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest("TSLA") != d.Digest("TSLA") {
			want, _ := d.History("TSLA")
			read, _ := got.History("TSLA")
			t.Fatalf("read back differently (-want +got):\n%s", cmp.Diff(want, read, equalNaN()))
		}
	})
	if n == 0 {
		t.Fatal("nothing was tried")
	}
}

func TestDigestSeesEveryPart(t *testing.T) {
	base := newDataset(t, meta(), history("TSLA")).Digest("TSLA")
	changes := map[string]func(*data.History){
		"close":       func(h *data.History) { h.Bars[0].Close = 100.0001 },
		"volume":      func(h *data.History) { h.Bars[0].Volume = math.NaN() },
		"a bar less":  func(h *data.History) { h.Bars = h.Bars[1:] },
		"split":       func(h *data.History) { h.Actions[0].Split = 2 },
		"news text":   func(h *data.History) { h.News[0].Text += "." },
		"news time":   func(h *data.History) { h.News[0].Time = h.News[0].Time.Add(time.Second) },
		"sentiment":   func(h *data.History) { h.News[0].Sentiment = nil },
		"filing text": func(h *data.History) { h.Filings[1].Text = "" },
		"a summary":   func(h *data.History) { h.News[1].Summary = nil },
	}
	for name, change := range changes {
		h := history("TSLA")
		change(&h)
		if got := newDataset(t, meta(), h).Digest("TSLA"); got == base {
			t.Errorf("the digest does not change with %s", name)
		}
	}
	other := meta()
	other.Notes = append(other.Notes, "one note more")
	if newDataset(t, other, history("TSLA")).Digest("TSLA") != base {
		t.Error("the digest changes with the description")
	}
	if got := newDataset(t, meta()).Digest("TSLA"); got != "" {
		t.Errorf("digest of a symbol that is not there = %q, want none", got)
	}
}

func TestHistoryNamesWhatIsThere(t *testing.T) {
	d := newDataset(t, meta(), history("TSLA"), history("NFLX"))
	for symbol, says := range map[string]string{
		"TSLB":      `did you mean "TSLA"?; it has NFLX, TSLA`,
		"../../x":   "want letters",
		"BTC-USD":   "it has NFLX, TSLA",
		"PG.PR.ABC": "at most one separator",
	} {
		if _, err := d.History(symbol); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("History(%q) error = %v, want it to say %q", symbol, err, says)
		}
	}
	if _, err := newDataset(t, meta()).History("TSLA"); err == nil || !strings.Contains(err.Error(), "it is empty") {
		t.Errorf("History of an empty dataset: %v", err)
	}
}

func TestNewDatasetRefuses(t *testing.T) {
	change := func(f func(*data.History)) data.History {
		h := history("TSLA")
		f(&h)
		return h
	}
	for says, h := range map[string]data.History{
		"canonical spelling is BRK.B":  change(func(h *data.History) { h.Symbol = "BRK-B" }),
		"oldest first":                 change(func(h *data.History) { h.Bars[0], h.Bars[1] = h.Bars[1], h.Bars[0] }),
		"close NaN":                    change(func(h *data.History) { h.Bars[1].Close = math.NaN() }),
		"close +Inf":                   change(func(h *data.History) { h.Bars[1].Close = math.Inf(1) }),
		"close 1e-07":                  change(func(h *data.History) { h.Bars[1].Close = 1e-7 }),
		"close 2e+12":                  change(func(h *data.History) { h.Bars[1].Close = 2e12 }),
		"close 0":                      change(func(h *data.History) { h.Bars[1].Close = 0 }),
		"open -1":                      change(func(h *data.History) { h.Bars[0].Open = -1 }),
		"high 99 of 2024-03-07 below":  change(func(h *data.History) { h.Bars[0].High = 99 }),
		"low 99.5 of 2024-03-07 above": change(func(h *data.History) { h.Bars[0].Low = 99.5 }),
		"volume -1":                    change(func(h *data.History) { h.Bars[0].Volume = -1 }),
		"a day that exists":            change(func(h *data.History) { h.Bars[0].Session = "2024-02-30" }),
		"neither split nor dividend":   change(func(h *data.History) { h.Actions[0] = data.Action{Session: "2024-03-08"} }),
		"split NaN":                    change(func(h *data.History) { h.Actions[0].Split = math.NaN() }),
		"each date once":               change(func(h *data.History) { h.Actions[1].Session = h.Actions[0].Session }),
		"time is missing":              change(func(h *data.History) { h.News[0].Time = time.Time{} }),
		"must be midnight UTC":         change(func(h *data.History) { h.News[0].DateOnly = true }),
		"copies -1":                    change(func(h *data.History) { h.News[0].Copies = -1 }),
		"sentiment compound NaN":       change(func(h *data.History) { h.News[0].Sentiment.Compound = math.NaN() }),
		"sentiment positive 1.5":       change(func(h *data.History) { h.News[0].Sentiment.Positive = 1.5 }),
		"summary method is empty":      change(func(h *data.History) { h.News[1].Summary = &data.Summary{} }),
		"summary sha256 \"0f\"":        change(func(h *data.History) { h.Filings[0].Summary = &data.Summary{Method: "x", SHA256: "0f"} }),
		"summary characters 0": change(func(h *data.History) {
			h.Filings[0].Summary = &data.Summary{Method: "x", SHA256: strings.Repeat("0f", 32)}
		}),
		"form is empty":       change(func(h *data.History) { h.Filings[0].Form = "" }),
		"period: date":        change(func(h *data.History) { h.Filings[0].Period = "Q1" }),
		"accepted is missing": change(func(h *data.History) { h.Filings[0].Accepted = time.Time{} }),
	} {
		if _, err := data.NewDataset(meta(), h); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
	}
	if _, err := data.NewDataset(meta(), history("TSLA"), history("TSLA")); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("one symbol twice: %v", err)
	}
	for says, f := range map[string]func(*data.Meta){
		"name is empty": func(m *data.Meta) { m.Name = " " },
		"calendar":      func(m *data.Meta) { m.Calendar = "LSE" },
		"as_of":         func(m *data.Meta) { m.AsOf = "yesterday" },
		"price_kind":    func(m *data.Meta) { m.PriceKind = "tick" },
		"adjustment":    func(m *data.Meta) { m.Adjustment = "" },
	} {
		m := meta()
		f(&m)
		if _, err := data.NewDataset(m); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
	}
}

// A caller's slices stay as they are.
func TestNewDatasetDoesNotTouchItsInput(t *testing.T) {
	h := history("TSLA")
	h.News[0], h.News[1] = h.News[1], h.News[0]
	d := newDataset(t, meta(), h)
	if h.News[0].Title != "Saturday" {
		t.Error("NewDataset sorted the caller's news")
	}
	got, err := d.History("TSLA")
	if err != nil {
		t.Fatal(err)
	}
	if got.News[0].Title == "Saturday" {
		t.Error("news of the dataset is not in order")
	}
}

// The same dataset gives the same bytes, and adding it to a folder that has it
// is refused unless it is to be replaced.
func TestWriteDatasetTwice(t *testing.T) {
	parent := t.TempDir()
	a, b := filepath.Join(parent, "a"), filepath.Join(parent, "b")
	d := newDataset(t, meta(), history("TSLA"), history("NFLX"))
	writeDataset(t, a, d)
	writeDataset(t, b, d)
	before := contents(t, a)
	if diff := cmp.Diff(before, contents(t, b)); diff != "" {
		t.Errorf("written twice (-first +second):\n%s", diff)
	}
	if len(before) != 9 {
		t.Errorf("folder has %d files, want dataset.toml and four for each symbol", len(before))
	}
	err := data.WriteDataset(context.Background(), a, d, data.WriteOptions{})
	if err == nil || !strings.Contains(err.Error(), "already has NFLX, TSLA") {
		t.Errorf("second write: %v, want it refused", err)
	}
	if diff := cmp.Diff(before, contents(t, a)); diff != "" {
		t.Errorf("the refused write changed the folder:\n%s", diff)
	}
	if err := data.WriteDataset(context.Background(), a, d, data.WriteOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, contents(t, a)); diff != "" {
		t.Errorf("replacing by the same changed the folder:\n%s", diff)
	}
}

// contents are the files below a folder, name to text.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(text)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWriteDatasetAddsSymbols(t *testing.T) {
	dir := t.TempDir()
	writeDataset(t, dir, newDataset(t, meta(), history("TSLA")))
	second := meta()
	second.Name, second.AsOf = "other", "2025-01-31"
	second.Sources, second.Notes = []string{"made up", "a second source"}, []string{"of NFLX"}
	writeDataset(t, dir, newDataset(t, second, history("NFLX")))
	got, err := data.ReadDataset(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := meta()
	want.AsOf = "2025-01-31"
	want.Sources, want.Notes = []string{"made up", "a second source"}, []string{"three sessions", "of NFLX"}
	if diff := cmp.Diff(want, got.Meta); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"NFLX", "TSLA"}, got.Symbols()); diff != "" {
		t.Errorf("symbols (-want +got):\n%s", diff)
	}
}

// A symbol is replaced as a whole: its old filings do not stay.
func TestWriteDatasetReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	writeDataset(t, dir, newDataset(t, meta(), history("TSLA"), history("NFLX")))
	h := history("TSLA")
	h.News, h.Filings, h.Actions = nil, nil, nil
	if err := data.WriteDataset(context.Background(), dir, newDataset(t, meta(), h), data.WriteOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	files := contents(t, dir)
	for _, name := range []string{"news/TSLA.jsonl", "filings/TSLA.jsonl", "actions/TSLA.csv"} {
		if _, there := files[name]; there {
			t.Errorf("%s of the replaced symbol is still there", name)
		}
	}
	if _, there := files["news/NFLX.jsonl"]; !there {
		t.Error("the other symbol lost its news")
	}
}

func TestWriteDatasetRefusesAnotherBasis(t *testing.T) {
	for says, change := range map[string]func(*data.Meta){
		"its calendar is NYSE, that of the new data 24/7": func(m *data.Meta) { m.Calendar = "24/7" },
		"made-up and real":                    func(m *data.Meta) { m.Synthetic = false },
		"prices are ohlcv, the new ones clo":  func(m *data.Meta) { m.PriceKind = data.CloseOnly },
		`adjustment "split", the new ones "r`: func(m *data.Meta) { m.Adjustment = data.Raw },
	} {
		dir := t.TempDir()
		writeDataset(t, dir, newDataset(t, meta(), history("TSLA")))
		before := contents(t, dir)
		m := meta()
		change(&m)
		err := data.WriteDataset(context.Background(), dir, newDataset(t, m, history("NFLX")), data.WriteOptions{Replace: true})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error = %v, want it to say %q", err, says)
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("the refused write changed the folder:\n%s", diff)
		}
	}
}

// Total-return prices and prices that do not say mix: neither takes dividends
// on top.
func TestWriteDatasetMixesTotalAndUnknown(t *testing.T) {
	dir := t.TempDir()
	total, unknown := meta(), meta()
	total.Adjustment, unknown.Adjustment = data.TotalReturn, data.UnknownAdjustment
	writeDataset(t, dir, newDataset(t, total, history("TSLA")))
	writeDataset(t, dir, newDataset(t, unknown, history("NFLX")))
	d, err := data.ReadDataset(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if d.Meta.Adjustment != data.UnknownAdjustment {
		t.Errorf("adjustment = %q, want %q", d.Meta.Adjustment, data.UnknownAdjustment)
	}
}

func TestWriteDatasetIntoAForeignFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.docx"), []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := data.WriteDataset(context.Background(), dir, newDataset(t, meta(), history("TSLA")), data.WriteOptions{Replace: true})
	if err == nil || !strings.Contains(err.Error(), "thesis.docx") {
		t.Errorf("error = %v, want it to name the file in the way", err)
	}
	if got := contents(t, dir); len(got) != 1 {
		t.Errorf("folder holds %d files, want the one", len(got))
	}
}

// B89: what stands in the way of the folder is named, and nothing is left over.
func TestWriteDatasetWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDataset(t, meta(), history("TSLA"))
	for _, target := range []string{filepath.Join(dir, "file"), filepath.Join(dir, "file", "ds")} {
		if err := data.WriteDataset(context.Background(), target, d, data.WriteOptions{}); err == nil || !strings.Contains(err.Error(), "file") {
			t.Errorf("writing to %s: %v", target, err)
		}
	}
	if got := contents(t, dir); len(got) != 1 || got["file"] != "in the way" {
		t.Errorf("folder holds %v, want the one file as it was", got)
	}
}

// A cancelled write leaves nothing behind.
func TestWriteDatasetCancelled(t *testing.T) {
	dir := t.TempDir()
	writeDataset(t, dir, newDataset(t, meta(), history("TSLA")))
	before := contents(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := data.WriteDataset(ctx, dir, newDataset(t, meta(), history("NFLX")), data.WriteOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the cancelled write changed the folder:\n%s", diff)
	}
	if _, err := data.ReadDataset(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("read error = %v, want context.Canceled", err)
	}
}

func TestDatasetTomlIsReadable(t *testing.T) {
	dir := t.TempDir()
	writeDataset(t, dir, newDataset(t, meta(), history("TSLA")))
	got, err := os.ReadFile(filepath.Join(dir, "dataset.toml"))
	if err != nil {
		t.Fatal(err)
	}
	want := `name = "test"
calendar = "NYSE"
sources = ["made up"]
as_of = "2024-12-31"
synthetic = true
price_kind = "ohlcv"
adjustment = "split"
notes = ["three sessions"]
`
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("dataset.toml is\n%s\nwant\n%s", got, want)
	}
}
