package report_test

import (
	"bytes"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"finmem/backtest/metrics"
	"finmem/backtest/report"
	"finmem/data"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// blocks are the parts of a page that are code and not its structure.
var blocks = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<!--.*?-->`)

// The whole page but for its code: an element that moves or goes shows up in the
// diff of the golden file.
func TestPage(t *testing.T) {
	got := blocks.ReplaceAllStringFunc(write(t, small()), func(s string) string { return s[:strings.IndexAny(s, ">\n")+1] + "…" })
	got = regexp.MustCompile(`sha256-.*?&#39;`).ReplaceAllString(got, "sha256-…&#39;")
	golden := filepath.Join("testdata", "small.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s line %d:\n got %s\nwant %s", golden, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s has %d lines, want %d", golden, len(g), len(w))
}

func TestSameRunSameBytes(t *testing.T) {
	first := write(t, long(70))
	if again := write(t, long(70)); first != again {
		t.Error("two pages of one run differ")
	}
}

// Texts of news and models cannot get out of where they stand.
func TestHostileTexts(t *testing.T) {
	run := small()
	run.Symbols[0].Name = hostile
	run.Symbols[0].Traders[1].Name = hostile
	page := write(t, run)
	for _, never := range []string{"<script>alert", "<img", "<b>bold", "<i>script", "onerror=\"", "\u2028", "\u202e"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if n := strings.Count(page, "</script>"); n != 3 {
		t.Errorf("%d scripts end in the page, want 3: the data and two scripts", n)
	}
	if !strings.Contains(page, "&lt;/script&gt;&lt;script&gt;alert(1)") {
		t.Error("the reason is not shown as the text it is")
	}
	if got := drawn(t, page).Charts[0].Series[1].Name; !strings.HasPrefix(got, "</script><script>alert(1)</script>") {
		t.Errorf("the name in the data is %q, want it as it was", got)
	}
}

// The browser may run the two scripts, by their hashes, and load nothing.
func TestPolicy(t *testing.T) {
	page := write(t, small())
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(page)
	if policy == nil {
		t.Fatal("the page has no policy")
	}
	want := regexp.MustCompile(`^default-src &#39;none&#39;; script-src (&#39;sha256-[^;]{44,60}&#39; ?){2}; `)
	if !want.MatchString(policy[1]) {
		t.Errorf("policy %s", policy[1])
	}
	if strings.Index(page, policy[0]) > strings.Index(page, "<style>") {
		t.Error("the policy comes after what it is for")
	}
	for _, attribute := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(blocks.ReplaceAllString(page, ""), -1) {
		if !strings.HasPrefix(attribute[1], "#") && attribute[1] != "data:," {
			t.Errorf("the page points to %s", attribute[1])
		}
	}
}

// The charting library comes with its licence.
func TestLicence(t *testing.T) {
	page := write(t, small())
	for _, part := range []string{"uPlot 1.6.32", "uPlot (v1.6.32) */", "The MIT License (MIT)", "Copyright (c) 2022 Leon Sorokin", "Permission is hereby granted"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

func TestSeries(t *testing.T) {
	page := write(t, small())
	nan := math.NaN()
	for _, tt := range []struct {
		heading, name string
		want          []float64
	}{
		{"Account against the baselines", "finmem", []float64{100, 110, 121, 99, 108.9}},
		{"Account against the baselines", "buy and hold", []float64{100, 100, 120, 120, 132}},
		// 99/121 - 1 and 108.9/121 - 1.
		{"Drawdown", "finmem", []float64{0, 0, 0, -0.18181818, -0.1}},
		{"Decisions on the price", "close", []float64{11, nan, 10, 12}},
		{"Decisions on the price", "buy", []float64{11, nan, nan, nan}},
		{"Decisions on the price", "sell", []float64{nan, nan, nan, 12}},
		// Of the session without a price there is no place for a mark.
		{"Decisions on the price", "hold", []float64{nan, nan, nan, nan}},
		{"Decisions on the price", "error day", []float64{nan, nan, 10, nan}},
		{"Position", "position", []float64{0, 0.9, 0.875, 0}},
		{"Short layer", "short", []float64{10, 7, 7, 2, 2, 2}},
		{"Mid layer", "mid", []float64{0, 3, 2, 1, 1, 1}},
		{"Long layer", "long", []float64{0, 0, 1, 1, 1, 1}},
		{"Reflection layer", "reflection", []float64{0, 0, 0, 0, 0, 2}},
		// Weeks from the Mondays 2024-01-29 and 2024-02-26.
		{"Added and forgotten per week", "added", []float64{10, 2}},
		{"Added and forgotten per week", "forgotten", []float64{0, -6}},
		{"Promoted and demoted per week", "promoted", []float64{4, 0}},
		{"Promoted and demoted per week", "demoted", []float64{0, -1}},
	} {
		got := values(t, page, tt.heading, tt.name)
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if !slices.EqualFunc(got, tt.want, same) {
			t.Errorf("%s, %s: %v, want %v", tt.heading, tt.name, got, tt.want)
		}
	}
	d := drawn(t, page)
	if got := d.Axes[d.Charts[0].Axis]; !slices.Equal(got, []int{19753, 19754, 19781, 19782, 19783}) {
		t.Errorf("days %v; 2024-01-31 is day 19753", got)
	}
	if strings.Contains(page, "Rolling Sharpe") {
		t.Error("four sessions have a rolling Sharpe ratio of 63")
	}
}

// The last point of the rolling ratio is the plain ratio of the last 63 sessions.
func TestRollingSharpe(t *testing.T) {
	run := long(70)
	got := values(t, write(t, run), "Rolling Sharpe ratio, 63 sessions", "buy and hold")
	if len(got) != 8 {
		t.Fatalf("%d values for 70 sessions, want 8", len(got))
	}
	returns := metrics.Returns(run.Symbols[0].Traders[1].Curve.Values())
	for i, want := range []float64{metrics.Sharpe(returns[:63], 0, 252), metrics.Sharpe(returns[7:], 0, 252)} {
		if v := got[i*7]; math.Abs(v-want) > 1e-6*math.Abs(want) {
			t.Errorf("value %d is %v, want %v", i*7, v, want)
		}
	}
}

// More than 80 weeks are shown by months.
func TestFlowsOfALongRunAreByMonth(t *testing.T) {
	got := values(t, write(t, long(440)), "Added and forgotten per month", "added")
	// 23 weekdays from 2024-01-02 without the first: 22, with 3 to 6 news and a
	// reflection each.
	if want := float64(22*4 + 22/4*6 + 1); got[0] != want {
		t.Errorf("added in the first month %v, want %v", got[0], want)
	}
}

func TestTables(t *testing.T) {
	page := write(t, small())
	for _, tt := range []struct {
		heading, label string
		want           []string
	}{
		// From 100 to 99 over February, then +10 %.
		{"Returns by month", "2024-02", []string{"-1.00", "20.00", "3"}},
		{"Returns by month", "2024-03", []string{"10.00", "10.00", "1"}},
		{"Returns by month", "all", []string{"8.90", "32.00", "4"}},
		{"All figures", "return", []string{"8.90", "32.00"}},
		{"All figures", "Sharpe ratio", []string{"1.250", "n/a"}},
		{"All figures", "Sortino ratio", []string{"n/a", "n/a"}},
		{"All figures", "its recovery", []string{"not yet", "n/a"}},
		{"All figures", "best session", []string{"10.00 2024-02-01 ", "n/a"}},
		{"All figures", "benchmark", []string{"buy and hold", "n/a"}},
		{"All figures", "return less the benchmark&#39;s", []string{"-23.10", "n/a"}},
		{"Other figures", "brand new figure", []string{"1234.57", "n/a"}},
		{"All figures", "sessions limited by the largest weight", []string{"3", "n/a"}},
		{"All figures", "ruined on", []string{"never", "n/a"}},
		{"All figures", "beta, p", []string{"&lt;0.0001", "n/a"}},
		// Buying and holding was not tested.
		{"How far it may be luck</h3>", "Wilcoxon p", []string{"0.6250"}},
		{"How far it may be luck</h3>", "exact p", []string{"yes"}},
		{"Balance of the memory", "short", []string{"10", "0", "3", "1", "0", "6", "2"}},
		{"Balance of the memory", "mid", []string{"0", "3", "1", "0", "1", "0", "1"}},
		{"Balance of the memory", "long", []string{"0", "1", "0", "0", "0", "0", "1"}},
		{"Tokens and cost", "2024-02", []string{"3", "5", "3", "5,600", "130", "400", "0.0375"}},
		{"Tokens and cost", "warm-up", []string{"1", "1", "0", "1,000", "50", "200", "0.0125"}},
		{"Tokens and cost", "all", []string{"5", "7", "3", "7,600", "230", "800", "0.0625"}},
		{"Round trips", "2024-03-01", []string{"open", "buy", "1", "12", "n/a", "n/a", "n/a"}},
	} {
		if got := rowOf(t, page, tt.heading, tt.label); !slices.Equal(got, tt.want) {
			t.Errorf("%s, %s: %q, want %q", tt.heading, tt.label, got, tt.want)
		}
	}
	if n := strings.Count(page, ">Sharpe ratio</th>"); n != 1 {
		t.Errorf("the Sharpe ratio, which the result has twice, has %d rows, want 1", n)
	}
	if !strings.Contains(page, "The tokens of 3 answers are estimated") {
		t.Error("nothing is said of the estimated tokens")
	}
}

// A cost that is not known is n/a, and so is every sum that it is in.
func TestUnknownCost(t *testing.T) {
	run := small()
	run.Symbols[0].Sessions[0].Usage.Cost = nil
	page := write(t, run)
	for label, want := range map[string]string{"2024-01": "n/a", "warm-up": "n/a", "test": "0.0500", "all": "n/a"} {
		cells := rowOf(t, page, "Tokens and cost", label)
		if got := cells[len(cells)-1]; got != want {
			t.Errorf("cost of %s: %s, want %s", label, got, want)
		}
	}
}

// More traders than fit stand one below the other; none is lost.
func TestManyTraders(t *testing.T) {
	page := write(t, long(70))
	for _, name := range []string{"finmem", "flat", "SMA cross 20/50", "random, seed 1"} {
		rowOf(t, page, "in short", name)
	}
	if !strings.Contains(page, "Not shown here: SMA cross 20/50; random, seed 1.") {
		t.Error("the months leave traders out and do not say which")
	}
	d := drawn(t, page)
	for i, s := range d.Charts[0].Series {
		if s.Hidden != (i >= 4) {
			t.Errorf("curve %d is hidden: %v", i, s.Hidden)
		}
	}
}

// An error day is an error, not a hold.
func TestErrorDays(t *testing.T) {
	page := write(t, small())
	if !strings.Contains(page, "3 unusable answers, the last: &lt;/script&gt;") {
		t.Error("the reason of the error day is not there")
	}
	if !strings.Contains(page, "4 sessions: 1 buy, 1 sell, 1 hold and 1 without a decision.") {
		t.Error("the decisions are not counted apart from the error day")
	}
	run := small()
	run.Symbols[0].Sessions[4].Decision = report.Decision{Action: "hold"}
	if strings.Contains(write(t, run), "<h3>Error days</h3>") {
		t.Error("a run without error days has a list of them")
	}
}

func TestSyntheticBanner(t *testing.T) {
	run := small()
	if !strings.Contains(write(t, run), "<strong>Synthetic data.</strong>") {
		t.Error("synthetic data are not named")
	}
	run.Synthetic = false
	if strings.Contains(write(t, run), "Synthetic") {
		t.Error("real data are called synthetic")
	}
}

// Every table has heads, every chart a summary, every id one owner.
func TestAccessible(t *testing.T) {
	page := blocks.ReplaceAllString(write(t, long(70)), "")
	if n, heads := strings.Count(page, "<table"), strings.Count(page, "<thead>"); n == 0 || n != heads {
		t.Errorf("%d tables and %d heads", n, heads)
	}
	if th := regexp.MustCompile(`<th(?: class="[^"]*")?>`).FindString(page); th != "" {
		t.Error("a head without a scope")
	}
	charts := regexp.MustCompile(`(?s)<div class="plot" id="[^"]*" role="img" aria-label="Chart: [^"]+" aria-describedby="([^"]*)".*?<figcaption id="([^"]*)">([^<]*)<`).FindAllStringSubmatch(page, -1)
	if len(charts) != len(drawn(t, write(t, long(70))).Charts) {
		t.Errorf("%d places for charts, want one for each", len(charts))
	}
	for _, c := range charts {
		if c[1] != c[2] || len(c[3]) < 30 {
			t.Errorf("chart described by %s, %s is %q", c[1], c[2], c[3])
		}
	}
	seen := map[string]bool{}
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if seen[id[1]] {
			t.Errorf("id %s is there twice", id[1])
		}
		seen[id[1]] = true
	}
	level := 0
	for _, h := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
		if next := int(h[1][0] - '0'); next > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", next, level)
		} else {
			level = next
		}
	}
}

// One section a symbol, and a way to each.
func TestSeveralSymbols(t *testing.T) {
	run := small()
	other := run.Symbols[0]
	other.Name = "BRK.B"
	run.Symbols = append(run.Symbols, other)
	page := write(t, run)
	if !strings.Contains(page, `<a href="#symbol2">BRK.B</a>`) || strings.Count(page, `<section class="symbol"`) != 2 {
		t.Error("the second symbol has no section, or no link to it")
	}
}

func TestReading(t *testing.T) {
	page := write(t, small())
	for _, sentence := range []string{
		"95 % of such runs would have returned between -20.00 % and 40.00 %. A loss and a gain both lie inside",
		"between -1.000 and 3.000. Zero lies inside",
		"the chance that the true Sharpe ratio is above zero is 61 %.",
		"Allowing for 4 variants tried, it is 30 %.",
		"at least 813 sessions long before chance is an unlikely explanation. This run has 4.",
		"it cannot be told from buying and holding (Wilcoxon signed rank, p = 0.6250)",
		"in 50 % of the cases: the timing added nothing",
		"The gain is gone at a cost of 42.3 basis points a side.",
		"would be 0.00 % instead of 8.53 %. The whole gain comes from them.",
	} {
		if !strings.Contains(page, sentence) {
			t.Errorf("the reading lacks %q", sentence)
		}
	}
	run := small()
	run.Symbols[0].Traders[0].Result = []byte(`{"cumulativeReturn":0.1,"significance":null}`)
	page = write(t, run)
	if strings.Contains(page, "How far it may be luck") {
		t.Error("a run without statistics has a reading of them")
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*report.Run)
		want   string
	}{
		{"no symbols", func(r *report.Run) { r.Symbols = nil }, "it has no symbols"},
		{"no traders", func(r *report.Run) { r.Symbols[0].Traders = nil }, "AAA: it has no traders"},
		{"no session", func(r *report.Run) { r.Symbols[0].Traders[0].Curve = curve([]data.Session{"2024-01-31"}, 100) }, "finmem has no scored session"},
		{"no test", func(r *report.Run) { r.Symbols[0].Sessions = r.Symbols[0].Sessions[:2] }, "it has no session of the test"},
		{"strange layer", func(r *report.Run) { r.Symbols[0].Moves[0].To = "deep" }, `to layer "deep": the layers are short, mid`},
		{"cut JSON", func(r *report.Run) { r.Symbols[0].Traders[0].Result = []byte(`{"a": [1, {"b"`) }, "results of finmem"},
		{"no JSON object", func(r *report.Run) { r.Symbols[0].Traders[0].Result = []byte(`[1]`) }, "want an object"},
	} {
		run := small()
		tt.change(&run)
		var b bytes.Buffer
		err := report.Write(&b, run)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: half a page was written", tt.name)
		}
	}
}

// Whatever metrics.json holds, there is a page or an error, never a panic.
func FuzzResult(f *testing.F) {
	f.Add([]byte(smallResult))
	f.Add([]byte(`{"a":[{"b":1},{"c":2,"b":{}}],"d":[1,2],"e":{"f":{"g":[]}},"period":1,"return":2}`))
	f.Add([]byte(`{"a":`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		run := small()
		run.Symbols[0].Traders[0].Result = raw
		var b bytes.Buffer
		if err := report.Write(&b, run); err != nil && b.Len() > 0 {
			t.Errorf("half a page was written: %v", err)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	run := long(252)
	for b.Loop() {
		if err := report.Write(io.Discard, run); err != nil {
			b.Fatal(err)
		}
	}
}
