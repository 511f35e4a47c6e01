package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
)

// A vendor has everything in memory and counts what it is asked.
type vendor struct {
	name       string
	adjustment data.Adjustment
	bars       map[string][]data.Bar
	actions    map[string][]data.Action
	news       map[string][]data.News
	filings    map[string][]data.Filing
	current    map[string][]data.News
	err        map[string]error // by symbol
	asked      []string
}

func (v *vendor) Name() string                { return v.name }
func (v *vendor) Adjustment() data.Adjustment { return v.adjustment }

func (v *vendor) Prices(_ context.Context, symbol string, _ *data.Calendar, r fetch.Range) (fetch.Prices, error) {
	v.asked = append(v.asked, symbol+" "+r.String())
	if err := v.err[symbol]; err != nil {
		return fetch.Prices{}, err
	}
	var p fetch.Prices
	for _, b := range v.bars[symbol] {
		p.Bar(r, b)
	}
	for _, a := range v.actions[symbol] {
		p.Split(r, a.Session, max(a.Split, 1))
		p.Dividend(r, a.Session, a.Dividend)
	}
	return p, p.Order(symbol, r)
}

func (v *vendor) News(_ context.Context, symbol string, _ *data.Calendar, r fetch.Range) (fetch.News, error) {
	v.asked = append(v.asked, symbol+" "+r.String())
	n := fetch.News{Items: v.news[symbol]} // the range is for the caller to enforce
	n.Read = len(n.Items)
	return n, v.err[symbol]
}

func (v *vendor) Filings(_ context.Context, symbol string, _ *data.Calendar, r fetch.Range) (fetch.Filings, error) {
	v.asked = append(v.asked, symbol+" "+r.String())
	f := fetch.Filings{Items: v.filings[symbol], News: v.current[symbol]}
	f.Read = len(f.Items)
	return f, v.err[symbol]
}

func bar(session data.Session, price float64) data.Bar {
	return data.Bar{Session: session, Open: price, High: price, Low: price, Close: price, AdjClose: math.NaN(), Volume: 1000}
}

// week has a bar for each session of a range of dates, 100 on the first and 1
// more each session.
func week(t testing.TB, from, to data.Session) []data.Bar {
	t.Helper()
	sessions, err := data.NYSE().Range(from, to)
	if err != nil {
		t.Fatal(err)
	}
	var bars []data.Bar
	for i, s := range sessions {
		bars = append(bars, bar(s, 100+float64(i)))
	}
	return bars
}

func prices(t testing.TB, symbols ...string) *vendor {
	v := &vendor{name: "test", adjustment: data.SplitAdjusted, bars: map[string][]data.Bar{}, err: map[string]error{}}
	for _, s := range symbols {
		v.bars[s] = week(t, "2024-03-04", "2024-03-15")
	}
	return v
}

func (v *vendor) took(t testing.TB, want ...string) {
	t.Helper()
	if !slices.Equal(v.asked, want) {
		t.Errorf("%s was asked for\n%s, want\n%s", v.name, strings.Join(v.asked, "\n"), strings.Join(want, "\n"))
	}
	v.asked = nil
}

func read(t testing.TB, dir, symbol string) data.History {
	t.Helper()
	d, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.History(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func closes(bars []data.Bar) string {
	var out []string
	for _, b := range bars {
		out = append(out, fmt.Sprintf("%s %v", b.Session[5:], b.Close))
	}
	return strings.Join(out, ", ")
}

func TestFetchAsksOnlyForWhatIsMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "ds")
	v := prices(t, "AAA", "BRK.B")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	o := fetch.Options{Now: c.Now}
	s := fetch.Sources{Prices: v}
	get := func(r fetch.Range, symbols ...string) fetch.Summary {
		t.Helper()
		sum, err := fetch.Fetch(t.Context(), dir, symbols, r, s, o)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	// B13: two spellings of one symbol are one symbol.
	sum := get(fetch.Days("2024-03-06", "2024-03-08"), "aaa", "BRK-B", "brk.b")
	v.took(t, "AAA [2024-03-06, 2024-03-08]", "BRK.B [2024-03-06, 2024-03-08]")
	if p := sum.Symbols[0].Parts[0]; !sum.Written || p.Added != 3 || sum.Symbols[1].Symbol != "BRK.B" {
		t.Errorf("summary %+v", sum)
	}
	before := folder(t, dir)
	if sum := get(fetch.Days("2024-03-06", "2024-03-08"), "AAA", "BRK.B"); sum.Written {
		t.Error("a second fetch wrote something")
	}
	v.took(t)
	if got := folder(t, dir); got != before {
		t.Errorf("the second fetch changed the folder:\n%s\nwas\n%s", got, before)
	}
	// One bar is asked for again on either side, to see whether the past still stands.
	get(fetch.Days("2024-03-04", "2024-03-11"), "AAA")
	v.took(t, "AAA [2024-03-04, 2024-03-06]", "AAA [2024-03-08, 2024-03-11]")
	want := "03-04 100, 03-05 101, 03-06 102, 03-07 103, 03-08 104, 03-11 105"
	if got := closes(read(t, dir, "AAA").Bars); got != want {
		t.Errorf("AAA has %s, want %s", got, want)
	}
	// A weekend has no session, so nothing is missing.
	get(fetch.Days("2024-03-06", "2024-03-10"), "BRK.B")
	v.took(t)
}

// folder is all of a dataset but what is hidden.
func folder(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&all, "== %s\n%s", filepath.ToSlash(path[len(dir):]), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// B10: at 11:00 the bar of the session is there, with a price that will change.
func TestTheBarOfASessionThatIsNotOverIsNotStored(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = []data.Bar{bar("2024-03-08", 100), bar("2024-03-11", 101)}
	c := fetchtest.NewClock(t, "2024-03-11T11:00:00-04:00")
	o := fetch.Options{Now: c.Now, Settle: 20 * time.Minute}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-08", "2024-03-11"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	stored := func(want string) {
		t.Helper()
		if got := closes(read(t, dir, "AAA").Bars); got != want {
			t.Errorf("stored %s, want %s", got, want)
		}
	}
	stored("03-08 100")
	v.bars["AAA"][1] = bar("2024-03-11", 95)
	c.Set(t, "2024-03-11T16:10:00-04:00") // over, but not for 20 minutes
	update(t, dir, v, o)
	stored("03-08 100")
	c.Set(t, "2024-03-11T16:20:00-04:00")
	update(t, dir, v, o)
	stored("03-08 100, 03-11 95")
}

func update(t testing.TB, dir string, v *vendor, o fetch.Options) fetch.Summary {
	t.Helper()
	sum, err := fetch.Update(t.Context(), dir, fetch.Sources{Prices: v}, o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// B85: a half day ends at 13:00.
func TestAHalfDayIsOverAtItsOwnClose(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = []data.Bar{bar("2024-11-27", 100), bar("2024-11-29", 101)}
	c := fetchtest.NewClock(t, "2024-11-29T13:00:00-05:00")
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-11-27", "2024-11-29"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now}); err != nil {
		t.Fatal(err)
	}
	if got := closes(read(t, dir, "AAA").Bars); got != "11-27 100, 11-29 101" {
		t.Errorf("stored %s", got)
	}
}

// A split since the last update: the vendor has divided all that was before.
func TestARewrittenPastIsFetchedAnew(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = []data.Bar{bar("2024-03-07", 396), bar("2024-03-08", 400)}
	v.actions = map[string][]data.Action{"AAA": {{Session: "2024-03-07", Dividend: 0.8}}}
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-07", "2024-03-08"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	v.asked = nil
	v.bars["AAA"] = []data.Bar{bar("2024-03-07", 99), bar("2024-03-08", 100), bar("2024-03-11", 102)}
	v.actions["AAA"] = []data.Action{{Session: "2024-03-07", Dividend: 0.2}, {Session: "2024-03-11", Split: 4}}
	c.Set(t, "2024-03-11T17:00:00-04:00")
	sum := update(t, dir, v, o)
	v.took(t, "AAA [2024-03-08, 2024-03-11]", "AAA [2024-03-07, 2024-03-11]")
	h := read(t, dir, "AAA")
	if got := closes(h.Bars); got != "03-07 99, 03-08 100, 03-11 102" {
		t.Errorf("stored %s", got)
	}
	if got := fmt.Sprint(h.Actions); got != "[{2024-03-07 0 0.2} {2024-03-11 4 0}]" {
		t.Errorf("actions %s", got)
	}
	p := sum.Symbols[0].Parts[0]
	if !p.Restated || p.Added != 1 || p.Replaced != 2 || len(p.Notes) != 1 ||
		!strings.Contains(p.Notes[0], "the close of 2024-03-08 was 400 and is 100") {
		t.Errorf("part %+v", p)
	}
}

func TestARewrittenPastWithLessInItIsRefused(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = []data.Bar{bar("2024-03-07", 396), bar("2024-03-08", 400)}
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-07", "2024-03-08"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	before := folder(t, dir)
	v.bars["AAA"] = []data.Bar{bar("2024-03-08", 100), bar("2024-03-11", 102)}
	c.Set(t, "2024-03-11T17:00:00-04:00")
	_, err := fetch.Update(t.Context(), dir, fetch.Sources{Prices: v}, o)
	if err == nil || !strings.Contains(err.Error(), "lacks 1 sessions that the dataset has, the first of them 2024-03-07") {
		t.Errorf("Update = %v", err)
	}
	if folder(t, dir) != before {
		t.Error("the folder changed")
	}
}

// A price that was mended, and one whose volume was.
func TestAVolumeThatWasMendedIsReplaced(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = []data.Bar{bar("2024-03-08", 100)}
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-08", "2024-03-08"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	mended := bar("2024-03-08", 100)
	mended.Volume = 1100
	v.bars["AAA"] = []data.Bar{mended, bar("2024-03-11", 101)}
	c.Set(t, "2024-03-11T17:00:00-04:00")
	p := update(t, dir, v, o).Symbols[0].Parts[0]
	if h := read(t, dir, "AAA"); p.Replaced != 1 || p.Added != 1 || p.Restated || h.Bars[0].Volume != 1100 {
		t.Errorf("part %+v, bars %v", p, h.Bars)
	}
}

// B21: the series ends before the range. 2023-04-07 was a holiday.
func TestASeriesThatEndsEarlyIsSaid(t *testing.T) {
	dir := t.TempDir()
	v := prices(t)
	v.bars["AAA"] = week(t, "2023-04-03", "2023-04-06")
	c := fetchtest.NewClock(t, "2023-04-20T12:00:00-04:00")
	o := fetch.Options{Now: c.Now}
	sum, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2023-03-30", "2023-04-10"), fetch.Sources{Prices: v}, o)
	if err != nil {
		t.Fatal(err)
	}
	want := "[prices begin on 2023-04-03, 2 sessions after the start of the range 1 session missing (2023-04-10)]"
	if got := fmt.Sprint(sum.Symbols[0].Parts[0].Notes); got != want {
		t.Errorf("notes %s, want %s", got, want)
	}
	if h := read(t, dir, "AAA"); len(h.Actions) != 0 || h.Bars[len(h.Bars)-1].Session != "2023-04-06" {
		t.Errorf("stored %v", h)
	}
	// What was missing is asked for again; what was before the listing is not.
	v.asked = nil
	v.bars["AAA"] = append(v.bars["AAA"], bar("2023-04-10", 110))
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2023-03-30", "2023-04-10"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	v.took(t, "AAA [2023-04-06, 2023-04-10]")
}

// B11, B88: of three symbols one has no prices; the others are stored, and it is
// no success.
func TestPartOfTheSymbols(t *testing.T) {
	dir := t.TempDir()
	v := prices(t, "AAA", "CCC")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	sum, err := fetch.Fetch(t.Context(), dir, []string{"AAA", "BBB", "CCC"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now})
	var part *fetch.Incomplete
	if !errors.As(err, &part) || !slices.Equal(part.Failed, []string{"BBB"}) || part.Total != 3 {
		t.Fatalf("Fetch = %v", err)
	}
	if !strings.Contains(sum.Symbols[1].Error, "no prices for BBB in [2024-03-04, 2024-03-08]") {
		t.Errorf("summary %+v", sum.Symbols[1])
	}
	d, err := data.ReadDataset(t.Context(), dir)
	if err != nil || !slices.Equal(d.Symbols(), []string{"AAA", "CCC"}) {
		t.Errorf("stored %v, %v", d.Symbols(), err)
	}
}

func TestNothingIsLeftWhereNothingCame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ds")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	sum, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: prices(t)}, fetch.Options{Now: c.Now})
	if fetch.KindOf(err) != fetch.Empty || sum.Written {
		t.Fatalf("Fetch = %+v, %v", sum, err)
	}
	if left := folder(t, dir); left != "" {
		t.Errorf("left %s", left)
	}
}

// B24: a refused key ends everything at once.
func TestARefusedKeyEndsTheFetch(t *testing.T) {
	dir := t.TempDir()
	v := prices(t, "AAA", "CCC")
	v.err["BBB"] = fetch.Errorf(fetch.KeyRefused, "wrong")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	_, err := fetch.Fetch(t.Context(), dir, []string{"AAA", "BBB", "CCC"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now})
	var part *fetch.Incomplete
	if fetch.KindOf(err) != fetch.KeyRefused || errors.As(err, &part) || len(v.asked) != 2 {
		t.Errorf("Fetch = %v after %v", err, v.asked)
	}
	if left := folder(t, dir); left != "" {
		t.Errorf("left %s", left)
	}
}

func TestALimitedVendorIsNotAskedForTheOthers(t *testing.T) {
	v := prices(t, "BBB")
	v.err["AAA"] = fetch.Errorf(fetch.RateLimited, "25 a day")
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	sum, err := fetch.Fetch(t.Context(), t.TempDir(), []string{"AAA", "BBB"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now})
	if fetch.KindOf(err) != fetch.RateLimited || len(v.asked) != 1 || !strings.Contains(sum.Symbols[1].Error, "not asked") {
		t.Errorf("Fetch = %v after %v, %+v", err, v.asked, sum.Symbols[1])
	}
}

func TestWhatDoesNotMixIsRefusedBeforeAnybodyIsAsked(t *testing.T) {
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	o := fetch.Options{Now: c.Now}
	dir := t.TempDir()
	days := fetch.Days("2024-03-04", "2024-03-08")
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, days, fetch.Sources{Prices: prices(t, "AAA")}, o); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	raw := prices(t, "AAA", "BBB")
	raw.adjustment = data.Raw
	second := prices(t, "AAA")
	second.name = "second"
	for _, c := range []struct {
		name    string
		dir     string
		symbols []string
		days    fetch.Range
		vendor  *vendor
		want    string
	}{
		{"another adjustment", dir, []string{"BBB"}, days, raw, `adjustment "split", those of test are "raw"`},
		{"another vendor", dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-11"), second, "come from test; second does not continue them"},
		{"a pair among shares", dir, []string{"BTC-USD"}, days, prices(t), "BTC-USD does not go with the NYSE calendar"},
		{"a pair with shares", t.TempDir(), []string{"AAA", "BTC-USD"}, days, prices(t), "BTC-USD does not go with AAA"},
		{"B14: a path", t.TempDir(), []string{"../../tmp/x"}, days, prices(t), "symbol"},
		{"B14: dots", t.TempDir(), []string{".."}, days, prices(t), "symbol"},
		{"B14: a zero byte", t.TempDir(), []string{"A\x00B"}, days, prices(t), "symbol"},
		{"B14: a long one", t.TempDir(), []string{strings.Repeat("A", 300)}, days, prices(t), "longer than 20"},
		{"B90: reversed", t.TempDir(), []string{"AAA"}, fetch.Days("2024-03-08", "2024-03-04"), prices(t), "start lies after the end"},
		{"the future", t.TempDir(), []string{"AAA"}, fetch.Days("2024-03-20", "2024-03-29"), prices(t), "the last session that is over is 2024-03-19"},
		{"no session", t.TempDir(), []string{"AAA"}, fetch.Days("2024-03-09", "2024-03-10"), prices(t), "no session"},
		{"a folder of other things", other, []string{"AAA"}, days, prices(t), "holds letter.txt but no dataset.toml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := folder(t, c.dir)
			_, err := fetch.Fetch(t.Context(), c.dir, c.symbols, c.days, fetch.Sources{Prices: c.vendor}, o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Fetch = %v, want %q", err, c.want)
			}
			if len(c.vendor.asked) > 0 {
				t.Errorf("asked %v", c.vendor.asked)
			}
			if folder(t, c.dir) != before {
				t.Error("the folder changed")
			}
		})
	}
}

// An action of a Saturday takes effect on Monday, together with what Monday has.
func TestActionsOfOneSessionAreOne(t *testing.T) {
	dir := t.TempDir()
	v := prices(t, "AAA")
	v.actions = map[string][]data.Action{"AAA": {{Session: "2024-03-09", Dividend: 0.25}, {Session: "2024-03-11", Split: 2}, {Session: "2024-03-11", Dividend: 0.5}}}
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-15"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(read(t, dir, "AAA").Actions); got != "[{2024-03-11 2 0.75}]" {
		t.Errorf("actions %s", got)
	}
}

func item(at, title string) data.News {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return data.News{Time: t, Title: title, Text: "Profit rose.", URL: "https://example.com/" + strings.ReplaceAll(title, " ", "-")}
}

// B05, B07: news of a half-open range of dates, none of it twice and none from
// after the time of asking.
func TestNewsAreAddedOnce(t *testing.T) {
	dir := t.TempDir()
	v := prices(t, "AAA")
	n := &vendor{name: "wire", news: map[string][]data.News{"AAA": {
		item("2024-03-05T23:59:59-05:00", "before"),
		item("2024-03-06T00:00:00-05:00", "first"),
		item("2024-03-06T00:00:00-05:00", "first"), // sent twice
		item("2024-03-08T12:00:00-05:00", "second"),
		item("2024-03-08T18:00:00-05:00", "future"),
		{Time: time.Date(2024, 3, 7, 15, 0, 0, 0, time.UTC)},
	}}}
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	s := fetch.Sources{Prices: v, News: n}
	sum, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-29"), s, o)
	if err != nil {
		t.Fatal(err)
	}
	// What is over and what is not are two questions, so that the first can be kept.
	n.took(t, "AAA [2024-03-06, 2024-03-07]", "AAA [2024-03-08, 2024-03-08]")
	titles := func(want string) {
		t.Helper()
		var got []string
		for _, x := range read(t, dir, "AAA").News {
			got = append(got, x.Title)
			if x.Sentiment == nil || x.Sentiment.Method != "vader" {
				t.Errorf("%s has the sentiment %v", x.Title, x.Sentiment)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("news %v, want %s", got, want)
		}
	}
	titles("first second")
	if p := sum.Symbols[0].Parts[1]; p.Added != 2 || p.Known != 1 || len(p.Skipped) != 2 {
		t.Errorf("part %+v", p)
	}
	// The day of the first fetch was not over, so it is asked for again.
	c.Set(t, "2024-03-11T17:00:00-04:00")
	n.news["AAA"] = append(n.news["AAA"], item("2024-03-11T09:00:00-04:00", "third"))
	if _, err := fetch.Update(t.Context(), dir, s, o); err != nil {
		t.Fatal(err)
	}
	n.took(t, "AAA [2024-03-08, 2024-03-10]", "AAA [2024-03-11, 2024-03-11]")
	titles("first second future third")
}

// B09: a filing has the time of its acceptance, not of its period.
func TestFilingsAreAddedOnce(t *testing.T) {
	dir := t.TempDir()
	accepted := time.Date(2024, 3, 7, 21, 5, 0, 0, time.UTC)
	f := &vendor{name: "reports", filings: map[string][]data.Filing{"AAA": {{Accepted: accepted, Form: "10-Q", Period: "2023-12-31", Text: "Revenue rose."}}}}
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	s := fetch.Sources{Prices: prices(t, "AAA"), Filings: f}
	for range 2 {
		if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-08"), s, o); err != nil {
			t.Fatal(err)
		}
	}
	h := read(t, dir, "AAA")
	if len(h.Filings) != 1 || !h.Filings[0].Accepted.Equal(accepted) {
		t.Fatalf("filings %v", h.Filings)
	}
	feed, err := data.NewFeed(data.NYSE(), h, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for session, want := range map[data.Session]int{"2024-03-06": 0, "2024-03-07": 0, "2024-03-08": 1} {
		if d, err := feed.Day(session); err != nil || len(d.Filings) != want {
			t.Errorf("%s shows %d filings, want %d (%v)", session, len(d.Filings), want, err)
		}
	}
}

// A current report that was accepted in the range may be known after its end. It is
// no less asked for.
func TestNewsOfFilingsAreKeptThoughKnownLater(t *testing.T) {
	dir := t.TempDir()
	f := &vendor{name: "reports", current: map[string][]data.News{"AAA": {item("2024-03-11T06:00:00-04:00", "event")}}}
	c := fetchtest.NewClock(t, "2024-03-20T17:00:00-04:00")
	s := fetch.Sources{Prices: prices(t, "AAA"), Filings: f}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-08"), s, fetch.Options{Now: c.Now}); err != nil {
		t.Fatal(err)
	}
	if h := read(t, dir, "AAA"); len(h.News) != 1 {
		t.Errorf("news %v, want the event", h.News)
	}
}

// News are added to prices that are there, without a source of prices.
func TestAKindThatWasNotFetchedBefore(t *testing.T) {
	dir := t.TempDir()
	c := fetchtest.NewClock(t, "2024-03-08T17:00:00-05:00")
	o := fetch.Options{Now: c.Now}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-08"), fetch.Sources{Prices: prices(t, "AAA")}, o); err != nil {
		t.Fatal(err)
	}
	n := &vendor{name: "wire", news: map[string][]data.News{"AAA": {item("2024-03-07T12:00:00-05:00", "first")}}}
	if _, err := fetch.Update(t.Context(), dir, fetch.Sources{News: n}, o); err != nil {
		t.Fatal(err)
	}
	n.took(t, "AAA [2024-03-06, 2024-03-07]", "AAA [2024-03-08, 2024-03-08]")
	d, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range d.Meta.Fetched {
		got = append(got, fmt.Sprintf("%s %s %s %s-%s", x.Symbol, x.Kind, x.Vendor, x.From, x.To))
	}
	want := []string{"AAA prices test 2024-03-06-2024-03-09", "AAA news wire 2024-03-06-2024-03-08"}
	if !slices.Equal(got, want) {
		t.Errorf("fetched %v, want %v", got, want)
	}
	if !slices.Equal(d.Meta.Sources, []string{"test prices", "wire news"}) || d.Meta.AsOf != "2024-03-08" {
		t.Errorf("meta %+v", d.Meta)
	}
	if _, err := fetch.Fetch(t.Context(), t.TempDir(), []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-08"), fetch.Sources{News: n}, o); err == nil || !strings.Contains(err.Error(), "no prices of AAA") {
		t.Errorf("news of a symbol without prices: %v", err)
	}
}

// Prices are added to news that are there, whatever the folder says of prices that
// it does not have.
func TestPricesForNewsThatAreThere(t *testing.T) {
	dir := t.TempDir()
	meta := data.Meta{Name: "news", Calendar: "NYSE", PriceKind: data.CloseOnly, Adjustment: data.UnknownAdjustment}
	d, err := data.NewDataset(meta, data.History{Symbol: "AAA", News: []data.News{item("2024-03-07T12:00:00-05:00", "first")}},
		data.History{Symbol: "BBB", News: []data.News{item("2024-03-07T12:00:00-05:00", "other")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteDataset(t.Context(), dir, d, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	c := fetchtest.NewClock(t, "2024-03-20T17:00:00-04:00")
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-06", "2024-03-08"), fetch.Sources{Prices: prices(t, "AAA")}, fetch.Options{Now: c.Now}); err != nil {
		t.Fatal(err)
	}
	d, err = data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := d.History("AAA"); err != nil || len(h.Bars) != 3 || len(h.News) != 1 {
		t.Errorf("AAA has %v, %v", h, err)
	}
	if d.Meta.Adjustment != data.SplitAdjusted || d.Meta.PriceKind != data.OHLCV || len(d.Symbols()) != 2 {
		t.Errorf("meta %+v", d.Meta)
	}
}

func TestOnlyOneFetchAtATime(t *testing.T) {
	dir := t.TempDir()
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	v := prices(t, "AAA")
	inner := error(nil)
	o := fetch.Options{Now: c.Now, Progress: func(fetch.Step) {
		_, inner = fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: v}, fetch.Options{Now: c.Now})
	}}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-08"), fetch.Sources{Prices: v}, o); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(inner, fetch.ErrBusy) {
		t.Errorf("the second fetch: %v, want ErrBusy", inner)
	}
}

func TestACancelledFetchLeavesTheDatasetAsItWas(t *testing.T) {
	dir := t.TempDir()
	c := fetchtest.NewClock(t, "2024-03-20T12:00:00-04:00")
	v := prices(t, "AAA", "BBB")
	s := fetch.Sources{Prices: v}
	if _, err := fetch.Fetch(t.Context(), dir, []string{"AAA"}, fetch.Days("2024-03-04", "2024-03-06"), s, fetch.Options{Now: c.Now}); err != nil {
		t.Fatal(err)
	}
	before := folder(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	o := fetch.Options{Now: c.Now, Progress: func(s fetch.Step) {
		if s.Symbol == "BBB" {
			cancel()
		}
	}}
	v.err["BBB"] = context.Canceled
	_, err := fetch.Fetch(ctx, dir, []string{"AAA", "BBB"}, fetch.Days("2024-03-04", "2024-03-08"), s, o)
	if !errors.Is(err, context.Canceled) || folder(t, dir) != before {
		t.Errorf("Fetch = %v; the folder is as before: %v", err, folder(t, dir) == before)
	}
}
