package sample_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/sample"
	"finmem/internal/shared"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func generate(t testing.TB, seed uint64) *data.Dataset {
	t.Helper()
	d, err := sample.Generate(seed)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func histories(t testing.TB, d *data.Dataset) []data.History {
	t.Helper()
	var list []data.History
	for _, s := range d.Symbols() {
		h, err := d.History(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, h)
	}
	return list
}

// The golden file holds the SHA-256 of what is written to a dataset folder.
func TestSameBytesEverywhere(t *testing.T) {
	d := generate(t, sample.DefaultSeed)
	var got strings.Builder
	for _, s := range d.Symbols() {
		fmt.Fprintf(&got, "%s %s\n", s, d.Digest(s))
	}
	path := filepath.Join("testdata", "digest.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("digests\n%swant\n%s", got.String(), want)
	}
}

func TestSeedsDiffer(t *testing.T) {
	a, b, again := generate(t, 1), generate(t, 2), generate(t, 1)
	for _, s := range a.Symbols() {
		if a.Digest(s) == b.Digest(s) {
			t.Errorf("%s is the same for seeds 1 and 2", s)
		}
		if a.Digest(s) != again.Digest(s) {
			t.Errorf("%s differs between two runs of seed 1", s)
		}
	}
}

func TestSaysThatItIsSynthetic(t *testing.T) {
	d := generate(t, sample.DefaultSeed)
	if !d.Meta.Synthetic || !strings.Contains(d.Meta.Name, "synthetic") {
		t.Errorf("meta %+v does not say so", d.Meta)
	}
	for _, h := range histories(t, d) {
		for _, f := range h.Filings {
			if !strings.Contains(f.Text[:200], "The company does not exist") {
				t.Errorf("%s %s of %s begins %q", h.Symbol, f.Form, f.Period, f.Text[:200])
			}
		}
		for _, n := range h.News {
			if !strings.HasPrefix(n.URL, "https://news.example/") {
				t.Errorf("%s: address %q might exist", h.Symbol, n.URL)
			}
		}
	}
}

func TestCompaniesAreInvented(t *testing.T) {
	file, err := os.ReadFile(shared.Path(t, "data/filings/edgar/company_tickers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var listed map[string]struct {
		Ticker string `json:"ticker"`
		Title  string `json:"title"`
	}
	if err := json.Unmarshal(file, &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed) < 5000 {
		t.Fatalf("only %d companies on the list", len(listed))
	}
	ours := generate(t, sample.DefaultSeed).Symbols()
	names := []string{"unobtainium", "nonesuch", "figment"}
	for _, c := range listed {
		if slices.Contains(ours, c.Ticker) {
			t.Errorf("%s is the symbol of %s", c.Ticker, c.Title)
		}
		for _, name := range names {
			if strings.Contains(strings.ToLower(c.Title), name) {
				t.Errorf("%q is part of the name of %s", name, c.Title)
			}
		}
	}
}

// No symbol of the NYSE or Nasdaq has more than five letters.
func TestSymbolsCannotBecomeReal(t *testing.T) {
	symbols := generate(t, sample.DefaultSeed).Symbols()
	if want := []string{"FIGMNT", "NOKELP", "UNOBTA"}; !slices.Equal(symbols, want) {
		t.Errorf("symbols %v, want %v", symbols, want)
	}
	for _, s := range symbols {
		if len(s) < 6 {
			t.Errorf("%s is short enough to be listed", s)
		}
	}
}

func TestDatasetIsClean(t *testing.T) {
	report, err := data.Check(generate(t, sample.DefaultSeed), data.CheckOptions{From: sample.First, To: sample.Last})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Symbols {
		if s.Bars != 374 || s.MissingCount != 0 || len(s.NonSessions) != 0 || len(s.Jumps) != 0 || len(s.ZeroVolume) != 0 {
			t.Errorf("%s: %d bars, %d missing, %d on no session, %d jumps, %d without volume",
				s.Symbol, s.Bars, s.MissingCount, len(s.NonSessions), len(s.Jumps), len(s.ZeroVolume))
		}
	}
}

func TestBars(t *testing.T) {
	sessions, err := data.NYSE().Range(sample.First, sample.Last)
	if err != nil {
		t.Fatal(err)
	}
	whole := func(x float64) bool { return math.Abs(x-math.Round(x)) < 1e-6 }
	for _, h := range histories(t, generate(t, sample.DefaultSeed)) {
		if len(h.Bars) != len(sessions) {
			t.Fatalf("%s has %d bars, the calendar %d sessions", h.Symbol, len(h.Bars), len(sessions))
		}
		gaps := 0
		for i, b := range h.Bars {
			if b.Session != sessions[i] {
				t.Fatalf("%s: bar %d is of %s, want %s", h.Symbol, i, b.Session, sessions[i])
			}
			if b.High < max(b.Open, b.Close) || b.Low > min(b.Open, b.Close) || b.Low <= 0 {
				t.Errorf("%s %s: high and low do not enclose: %+v", h.Symbol, b.Session, b)
			}
			for _, p := range []float64{b.Open, b.High, b.Low, b.Close} {
				if !whole(100 * p) {
					t.Errorf("%s %s: price %v is not in whole cents", h.Symbol, b.Session, p)
				}
			}
			if b.Volume < 100_000 || !whole(b.Volume/100) {
				t.Errorf("%s %s: volume %v", h.Symbol, b.Session, b.Volume)
			}
			if i > 0 && b.Open != h.Bars[i-1].Close {
				gaps++
			}
		}
		if gaps < len(h.Bars)*9/10 {
			t.Errorf("%s: only %d sessions open elsewhere than the last closed", h.Symbol, gaps)
		}
	}
}

func TestActions(t *testing.T) {
	d := generate(t, sample.DefaultSeed)
	if d.Meta.Adjustment != data.SplitAdjusted {
		t.Errorf("adjustment %q", d.Meta.Adjustment)
	}
	h, err := d.History("NOKELP")
	if err != nil {
		t.Fatal(err)
	}
	if want := []data.Action{{Session: "2023-09-18", Split: 2}, {Session: "2024-03-14", Dividend: 0.45}}; !slices.Equal(h.Actions, want) {
		t.Fatalf("actions %v, want %v", h.Actions, want)
	}
	bar := func(s data.Session) (before, on data.Bar) {
		i := slices.IndexFunc(h.Bars, func(b data.Bar) bool { return b.Session == s })
		return h.Bars[i-1], h.Bars[i]
	}
	// The prices before the split are already those of half a share.
	if before, on := bar("2023-09-18"); on.Open/before.Close < 0.9 {
		t.Errorf("the split shows in the prices: %v after %v", on.Open, before.Close)
	}
	// Before the dividend the adjusted close is smaller by dividend / close.
	before, on := bar("2024-03-14")
	if want := before.Close * (1 - 0.45/before.Close); math.Abs(before.AdjClose-want) > 0.0001 {
		t.Errorf("adjusted close before the dividend %v, want %.4f", before.AdjClose, want)
	}
	if on.AdjClose != on.Close {
		t.Errorf("adjusted close on the day %v, want the close %v", on.AdjClose, on.Close)
	}
	first := h.Bars[0]
	if got, want := first.AdjClose/first.Close, before.AdjClose/before.Close; math.Abs(got-want) > 1e-5 {
		t.Errorf("first adjusted close is %v of the close, want %v", got, want)
	}
	for _, other := range []string{"FIGMNT", "UNOBTA"} {
		h, err := d.History(other)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Actions) != 0 || slices.ContainsFunc(h.Bars, func(b data.Bar) bool { return b.AdjClose != b.Close }) {
			t.Errorf("%s has actions or adjusted prices", other)
		}
	}
}

// Every kind of moment occurs, so that the rules of the session are exercised.
func TestNewsComesAtAllHours(t *testing.T) {
	nyse := data.NYSE()
	for _, h := range histories(t, generate(t, sample.DefaultSeed)) {
		counts := map[string]int{}
		for _, n := range h.News {
			date := data.SessionOf(n.Time.In(nyse.Location()))
			switch {
			case n.DateOnly && nyse.IsSession(data.SessionOf(n.Time)):
				counts["date only"]++
			case n.DateOnly:
				counts["date only, closed"]++
			case !nyse.IsSession(date):
				counts["closed"]++
			case n.Time.Before(nyse.Open(date)):
				counts["before the open"]++
			case n.Time.Before(nyse.Close(date)):
				counts["open"]++
			default:
				counts["after the close"]++
			}
		}
		for kind, least := range map[string]int{"date only": 30, "date only, closed": 1, "closed": 15, "before the open": 60, "open": 80, "after the close": 60} {
			if counts[kind] < least {
				t.Errorf("%s: %d items %s, want at least %d", h.Symbol, counts[kind], kind, least)
			}
		}
		weeks := 78.0
		if perWeek := float64(len(h.News)) / weeks; perWeek < 4 || perWeek > 8 {
			t.Errorf("%s: %.1f items a week, want 4 to 8", h.Symbol, perWeek)
		}
	}
}

// Case B22: some items are spread again by others and fold into one.
func TestSomeNewsIsCopied(t *testing.T) {
	for _, h := range histories(t, generate(t, sample.DefaultSeed)) {
		feed, err := data.NewFeed(data.NYSE(), h, data.FeedOptions{})
		if err != nil {
			t.Fatal(err)
		}
		folded := 0
		for _, b := range h.Bars {
			day, err := feed.Day(b.Session)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range day.News {
				if n.Copies > 1 {
					folded++
				}
			}
		}
		if folded < 3 {
			t.Errorf("%s: %d items were folded, want a few", h.Symbol, folded)
		}
	}
}

func TestTexts(t *testing.T) {
	odd := regexp.MustCompile(`[{}%]|[^\n -~]|  +[a-z]|\bthe the\b|\b[aA] [aeiou]|\.\.`)
	sentence := regexp.MustCompile(`^[A-Z]|[.?]$`)
	for _, h := range histories(t, generate(t, sample.DefaultSeed)) {
		distinct := map[string]bool{}
		for _, n := range h.News {
			if found := odd.FindString(n.Title + "\n" + n.Text); found != "" {
				t.Errorf("%s: %q in %q", h.Symbol, found, n.Text)
			}
			if len(sentence.FindAllString(n.Text, -1)) != 2 || n.Title == "" {
				t.Errorf("%s: title %q, text %q", h.Symbol, n.Title, n.Text)
			}
			if len(n.Text) < 80 || len(n.Text) > 500 {
				t.Errorf("%s: %d characters in %q", h.Symbol, len(n.Text), n.Text)
			}
			distinct[n.Text] = true
		}
		if len(distinct) < len(h.News)*8/10 {
			t.Errorf("%s: only %d of %d texts are different", h.Symbol, len(distinct), len(h.News))
		}
		forms := ""
		for _, f := range h.Filings {
			forms += f.Form + " "
			if found := odd.FindString(f.Text); found != "" {
				t.Errorf("%s %s: %q in %q", h.Symbol, f.Form, found, f.Text)
			}
			least, most := 1_500, 3_000
			if f.Form == "10-K" {
				least, most = 4_000, 6_000
			}
			if len(f.Text) < least || len(f.Text) > most {
				t.Errorf("%s %s of %s has %d characters, want %d to %d", h.Symbol, f.Form, f.Period, len(f.Text), least, most)
			}
			if age := f.Accepted.Sub(data.Session(f.Period).In(time.UTC)).Hours() / 24; age < 25 || age > 65 {
				t.Errorf("%s %s of %s came %.0f days later", h.Symbol, f.Form, f.Period, age)
			}
		}
		if forms != "10-K 10-Q 10-Q 10-Q 10-K 10-Q " {
			t.Errorf("%s has the filings %s", h.Symbol, forms)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := sample.Generate(sample.DefaultSeed); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleGenerate() {
	d, err := sample.Generate(sample.DefaultSeed)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, symbol := range d.Symbols() {
		h, err := d.History(symbol)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %d sessions, %d filings\n", symbol, len(h.Bars), len(h.Filings))
	}
	// Output:
	// FIGMNT 374 sessions, 6 filings
	// NOKELP 374 sessions, 6 filings
	// UNOBTA 374 sessions, 6 filings
}
