package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/importer"
)

// writeFile writes a file into a folder of its own and returns its path.
func writeFile(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// importNews imports one file into a new dataset.
func importNews(t testing.TB, name, content string, opts importer.NewsOptions) (importer.NewsReport, *data.Dataset, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ds")
	report, err := importer.ImportNews(t.Context(), dir, []string{writeFile(t, name, content)}, opts)
	if err != nil {
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("a failed import left %v", entries)
		}
		return report, nil, err
	}
	if report.Read != report.Used+report.OfOthers+report.SkippedCount {
		t.Errorf("read %d is not used %d + of others %d + left out %d", report.Read, report.Used, report.OfOthers, report.SkippedCount)
	}
	ds, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return report, ds, nil
}

func newsOf(t testing.TB, ds *data.Dataset, symbol string) []data.News {
	t.Helper()
	h, err := ds.History(symbol)
	if err != nil {
		t.Fatal(err)
	}
	return h.News
}

// tree is the content of all files of a folder.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(content)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// withPrices makes a dataset folder with a bar of each symbol.
func withPrices(t testing.TB, symbols ...string) string {
	t.Helper()
	var histories []data.History
	for _, s := range symbols {
		histories = append(histories, data.History{Symbol: s, Bars: []data.Bar{data.CloseBar("2024-03-08", 10)}})
	}
	ds, err := data.NewDataset(data.Meta{Name: "priced", Calendar: "NYSE", PriceKind: data.CloseOnly, Adjustment: data.Raw}, histories...)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "ds")
	if err := data.WriteDataset(t.Context(), dir, ds, data.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Every layout in use gives the same item.
func TestImportNewsLayouts(t *testing.T) {
	at := time.Date(2024, 3, 8, 18, 30, 5, 0, time.UTC)
	want := data.News{Time: at, Title: "Tesla & co. beat", Text: "Deliveries rose.", Source: "wire", URL: "https://x.org/1", Copies: 1}
	short := want
	short.Source, short.URL = "", ""
	tests := []struct {
		name, file string
		opts       importer.NewsOptions
		want       data.News
	}{
		{name: "Alpaca", file: `{"news":[{"id":1,"headline":"Tesla &amp; co. beat","author":"A","created_at":"2024-03-08T18:30:05Z","updated_at":"2024-03-09T18:30:05Z",` +
			`"summary":"short","content":"<p>Deliveries <b>rose</b>.</p>","images":[{"url":"x"}],"url":"https://x.org/1","symbols":["TSLA","F"],"source":"wire"}],"next_page_token":null}`, opts: importer.NewsOptions{Symbols: []string{"TSLA"}}, want: want},
		{name: "Alpaca without content", file: `{"headline":"Tesla & co. beat","created_at":"2024-03-08T18:30:05Z","summary":"Deliveries rose.","content":"","url":"https://x.org/1","symbols":["TSLA"],"source":"wire"}`, want: want},
		{name: "Alpha Vantage", file: `{"items":"1","feed":[{"title":"Tesla & co. beat","url":"https://x.org/1","time_published":"20240308T183005","summary":"Deliveries rose.","source":"wire",` +
			`"topics":[{"topic":"Earnings"}],"ticker_sentiment":[{"ticker":"TSLA","relevance_score":"0.9"},{"ticker":"CRYPTO:BTC"}]}]}`, opts: importer.NewsOptions{Zone: time.UTC}, want: want},
		{name: "Finnhub", file: `[{"category":"company","datetime":1709922605,"headline":"Tesla & co. beat","id":7,"image":"","related":"TSLA","source":"wire","summary":"Deliveries rose.","url":"https://x.org/1"}]`, want: want},
		{name: "Tiingo", file: `[{"publishedDate":"2024-03-08T18:30:05Z","crawlDate":"2024-03-08T19:30:05Z","title":"Tesla & co. beat","url":"https://x.org/1","description":"Deliveries rose.","source":"wire","tickers":["tsla"],"tags":[]}]`, want: want},
		{name: "IEX", file: "\ufeff\"datetime\",\"headline\",\"source\",\"url\",\"summary\",\"related\",\"lang\",\"symbol\"\r\n\"1709922605000\",\"Tesla & co. beat\",\"wire\",\"https://x.org/1\",\"Deliveries rose.\",\"F,TSLA\",\"en\",\"\"\r\n", opts: importer.NewsOptions{Symbols: []string{"TSLA"}}, want: want},
		{name: "FNSPID", file: ",Date,Article_title,Stock_symbol,Url,Publisher,Author,Article,Lsa_summary\n0,2024-03-08 18:30:05 UTC,Tesla & co. beat,TSLA,https://x.org/1,wire,,Deliveries rose.,nothing\n", want: want},
		{name: "Kaggle headlines", file: ",headline,url,publisher,date,stock\n0,Tesla & co. beat,https://x.org/1,wire,2024-03-08 13:30:05-05:00,TSLA\n",
			want: data.News{Time: at, Title: want.Title, Source: "wire", URL: want.URL, Copies: 1}},
		{name: "Kaggle tweets", file: "Date,Tweet,Stock Name,Company Name\n2024-03-08 18:30:05+00:00,Deliveries rose.,TSLA,\"Tesla, Inc.\"\n", want: data.News{Time: at, Text: want.Text, Copies: 1}},
		{name: "stocknet", file: `{"created_at":"Fri Mar 08 18:30:05 +0000 2024","text":"Deliveries rose."}`, opts: importer.NewsOptions{Symbols: []string{"TSLA"}}, want: data.News{Time: at, Text: want.Text, Copies: 1}},
		{name: "Yahoo", file: `{"count":1,"quotes":[{"symbol":"TSLA"}],"news":[{"uuid":"a","title":"Tesla & co. beat","publisher":"wire","link":"https://x.org/1","providerPublishTime":1709922605,"relatedTickers":["TSLA"]}]}`,
			want: data.News{Time: at, Title: want.Title, Source: "wire", URL: want.URL, Copies: 1}},
		{name: "NewsAPI", file: `{"status":"ok","totalResults":1,"articles":[{"source":{"id":null,"name":"wire"},"title":"Tesla & co. beat","description":"d","url":"https://x.org/1","publishedAt":"2024-03-08T18:30:05Z","content":"Deliveries rose."}]}`,
			opts: importer.NewsOptions{Symbols: []string{"TSLA"}}, want: want},
		{name: "Polygon", file: `{"results":[{"publisher":{"name":"wire","homepage_url":"h"},"title":"Tesla & co. beat","published_utc":"2024-03-08T18:30:05Z","article_url":"https://x.org/1","tickers":["TSLA"],"description":"Deliveries rose."}]}`, want: want},
		{name: "a dataset's own", file: `{"time":"2024-03-08T18:30:05Z","title":"Tesla & co. beat","text":"Deliveries rose.","source":"wire","url":"https://x.org/1"}`, opts: importer.NewsOptions{Symbols: []string{"TSLA"}}, want: want},
		{name: "date and clock apart", file: "date;time;title;text;symbol\n08/03/2024;18:30:05;Tesla & co. beat;Deliveries rose.;TSLA\n", opts: importer.NewsOptions{Zone: time.UTC, DateOrder: importer.DayMonthYear}, want: short},
		{name: "chosen fields", file: `{"attributes":{"publishOn":"2024-03-08T18:30:05Z"},"what":"Tesla & co. beat","inside":"Deliveries rose.","text":"of the licence","code":"TSLA"}`,
			opts: importer.NewsOptions{Fields: map[string]string{"time": "attributes.publishOn", "title": "what", "text": "inside", "symbols": "code"}}, want: short},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, ds, err := importNews(t, "news", tt.file, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			got := newsOf(t, ds, "TSLA")
			if len(got) != 1 || !reflect.DeepEqual(got[0], tt.want) {
				t.Errorf("%s gives\n%+v, want\n%+v", tt.name, got, tt.want)
			}
			if len(ds.Symbols()) != 1 || report.Used != 1 {
				t.Errorf("symbols %v, %d used; want TSLA alone, 1", ds.Symbols(), report.Used)
			}
		})
	}
}

func TestImportNewsRefusals(t *testing.T) {
	tsla := importer.NewsOptions{Symbols: []string{"TSLA"}}
	tests := []struct {
		name, file string
		opts       importer.NewsOptions
		want       string
	}{
		{"a layout that nobody uses", "when,what\n2024-03-08,x\n", tsla, `no field is known to hold the time of the news; it has "when", "what"`},
		{"time and nothing else", "date,volume\n2024-03-08,x\n", tsla, `no field is known to hold the words`},
		{"a polite message (B20)", `{"Information":"Thank you for using our service"}`, tsla, `it has "Information"`},
		{"prices", "Date,Open,High,Low,Close,Sentiment_gpt\n2024-03-08,1,1,1,1,3\n", tsla, "has prices and no news"},
		{"answers", "date,LLM_output,confidence\n2024-03-08,x,8\n", tsla, "has answers of a language model and no news"},
		{"no zone", "date,title\n2024-03-08 09:30:00,x\n", tsla, `line 2: time "2024-03-08 09:30:00" has no zone`},
		{"day or month first", "date,title\n03/04/2024,x\n", tsla, `line 2: time "03/04/2024" does not show whether day or month comes first`},
		{"no symbol in the file", "date,title\n2024-03-08,x\n", importer.NewsOptions{}, "does not say which symbol"},
		{"no symbol in the file, two asked for", "date,title\n2024-03-08,x\n", importer.NewsOptions{Symbols: []string{"A", "B"}}, "does not say which symbol"},
		{"several symbols", "date,title,ticker\n2024-03-08,x,A\n2024-03-08,y,B\n", importer.NewsOptions{}, "several symbols: A, B"},
		{"two symbols on all items", "date,title,ticker\n2024-03-08,x,\"A,B\"\n", importer.NewsOptions{}, "several symbols: A, B"},
		{"only of others", "date,title,ticker\n2024-03-08,x,A\n2024-03-08,y,B\n", tsla, "no news of TSLA; it has A, B"},
		{"only relative times", "date,title\n4 hours ago,x\nyesterday,y\n", tsla, `none of 2 items can be used; the first: news line 2: time "4 hours ago" counts from the time of fetching`},
		{"a field that is not there", "date,title\n2024-03-08,x\n", importer.NewsOptions{Symbols: []string{"A"}, Fields: map[string]string{"time": "posted"}}, `has no field "posted" to be the time; it has "date", "title"`},
		{"a part that is none", "date,title\n2024-03-08,x\n", importer.NewsOptions{Symbols: []string{"A"}, Fields: map[string]string{"when": "date"}}, `part "when"`},
		{"an empty file", "", tsla, "the file is empty"},
		{"a path as a symbol (B14)", "date,title\n2024-03-08,x\n", importer.NewsOptions{Symbols: []string{"../../x"}}, `symbol "../../x"`},
		{"only paths as tickers (B14)", "date,title,ticker\n2024-03-08,x,../../x\n", importer.NewsOptions{}, `symbol "../../x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := importNews(t, "news", tt.file, tt.opts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestImportNewsLeavesOut(t *testing.T) {
	// B04: placeholders are missing values. A 0 is what FNSPID writes for a text that
	// it does not have.
	file := "date,title,text,ticker\n" +
		"2024-03-08,good,null,TSLA\n" +
		"5 DAYS AGO,b,x,TSLA\n" +
		"-,c,x,TSLA\n" +
		"2024-03-08,--,0,TSLA\n" +
		"2024-03-08,e,x,N/A\n" +
		"1970-01-01,f,x,TSLA\n" +
		"2024-03-08,g\n" +
		"2024-03-08,h,x,AAPL\n" +
		"2,i,x,TSLA\n"
	report, ds, err := importNews(t, "n.csv", file, importer.NewsOptions{Symbols: []string{"TSLA"}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Read != 9 || report.Used != 1 || report.OfOthers != 1 || report.SkippedCount != 7 {
		t.Errorf("read %d, used %d, of others %d, left out %d; want 9, 1, 1, 7", report.Read, report.Used, report.OfOthers, report.SkippedCount)
	}
	var skipped []string
	for _, s := range report.Skipped {
		skipped = append(skipped, s.String())
	}
	want := []string{
		`n.csv line 3: time "5 DAYS AGO" counts from the time of fetching, which the file does not say`,
		`n.csv line 4: time is missing`,
		`n.csv line 5: no words: "0" is all there is`,
		`n.csv line 6: names no symbol`,
		`n.csv line 7: date 1970-01-01 is outside the NYSE calendar, which covers 1990-01-01 to 2030-12-31`,
		`n.csv line 8: 2 cells where the header has 4`,
		`n.csv line 10: time "2" is a number; want seconds or milliseconds since 1970, or a date`,
	}
	if !slices.Equal(skipped, want) {
		t.Errorf("left out\n%s, want\n%s", strings.Join(skipped, "\n"), strings.Join(want, "\n"))
	}
	reasons := map[importer.NewsFault]int{}
	for _, r := range report.Reasons {
		reasons[r.Reason] = r.Count
	}
	if !maps.Equal(reasons, map[importer.NewsFault]int{importer.FaultRelative: 1, importer.FaultTime: 2, importer.FaultWords: 1, importer.FaultSymbol: 1, importer.FaultCalendar: 1, importer.FaultMalformed: 1}) {
		t.Errorf("reasons %v", reasons)
	}
	if n := newsOf(t, ds, "TSLA"); len(n) != 1 || n[0].Title != "good" || n[0].Text != "" {
		t.Errorf("news %+v, want the first alone", n)
	}
}

func TestImportNewsListsTwentyAndCountsTheRest(t *testing.T) {
	report, _, err := importNews(t, "n.csv", "date,title\n2024-03-08,x\n"+strings.Repeat("yesterday,y\n", 50), importer.NewsOptions{Symbols: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Skipped) != 20 || report.SkippedCount != 50 || report.Reasons[0].Count != 50 {
		t.Errorf("%d listed, %d counted, reasons %v; want 20, 50", len(report.Skipped), report.SkippedCount, report.Reasons)
	}
}

// B22: five copies with other addresses, case and spacing are one item.
func TestImportNewsFoldsCopies(t *testing.T) {
	file := `{"time":"2024-03-08T14:30:00Z","title":"Tesla  beats","text":"Up 3 %","url":"https://a.org"}
{"time":"2024-03-08T14:00:00Z","title":"TESLA BEATS","text":"up 3 %","url":"https://b.org"}
{"time":"2024-03-08T15:00:00Z","title":"tesla beats","text":"Up  3 %\n","url":"https://c.org"}
{"time":"2024-03-07T22:00:00Z","title":"Tesla beats","text":"UP 3 %","url":"https://d.org"}
{"time":"2024-03-08T20:59:59Z","title":"Tesla Beats","text":"Up 3 %","url":"https://e.org"}
{"time":"2024-03-08T21:00:00Z","title":"Tesla beats","text":"Up 3 %","url":"https://f.org"}
`
	report, ds, err := importNews(t, "news.jsonl", file, importer.NewsOptions{Symbols: []string{"TSLA"}})
	if err != nil {
		t.Fatal(err)
	}
	got := newsOf(t, ds, "TSLA")
	if len(got) != 2 || got[0].Copies != 5 || got[0].URL != "https://d.org" || got[0].Title != "Tesla beats" {
		t.Errorf("news %+v, want the earliest with 5 copies and that of the next session", got)
	}
	// The sixth came after the close: the session before could not know of it.
	if len(got) == 2 && (got[1].Copies != 1 || got[1].URL != "https://f.org") {
		t.Errorf("news of the next session %+v, want one copy", got[1])
	}
	if r := report.Symbols[0]; r.New != 6 || r.Folded != 4 || r.Items != 2 {
		t.Errorf("report %+v, want 6 new, 4 folded, 2 items", r)
	}
}

// An item without a time is known later than one with a time, so they are not
// folded into each other; a day still shows them as one.
func TestImportNewsKeepsDatesAndTimesApart(t *testing.T) {
	_, ds, err := importNews(t, "n.csv", "date,title\n2024-03-08,same\n2024-03-08T15:00:00Z,same\n2024-03-08,Same\n", importer.NewsOptions{Symbols: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	got := newsOf(t, ds, "A")
	if len(got) != 2 || got[0].Copies != 2 || !got[0].DateOnly || got[1].Copies != 1 {
		t.Fatalf("news %+v, want two items with 2 and 1 copies", got)
	}
	if day := dayOf(t, ds, "A", "2024-03-08"); len(day) != 1 || day[0].Copies != 3 {
		t.Errorf("the day shows %+v, want one item with 3 copies", day)
	}
}

func dayOf(t testing.TB, ds *data.Dataset, symbol string, s data.Session) []data.News {
	t.Helper()
	h, err := ds.History(symbol)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.NewFeed(data.NYSE(), h, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	day, err := feed.Day(s)
	if err != nil {
		t.Fatal(err)
	}
	return day.News
}

// B05, B06, B07: half-open days, weekends and the change of clocks, whatever the
// zone of the host.
func TestImportNewsBelongsToItsSession(t *testing.T) {
	file := "time,title\n" +
		"2024-03-08 15:59:59,before the close\n2024-03-08 16:00:00,at the close\n2024-03-08 16:00:01,after the close\n" +
		"2024-03-08 18:30:00,friday evening\n2024-03-09 12:00:00,saturday\n2024-03-10 23:00:00,sunday\n2024-03-11 08:00:00,monday\n"
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"UTC", "America/Los_Angeles", "Asia/Tokyo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		saved := time.Local
		time.Local = loc
		_, ds, err := importNews(t, "n.csv", file, importer.NewsOptions{Symbols: []string{"A"}, Zone: ny})
		time.Local = saved
		if err != nil {
			t.Fatal(err)
		}
		friday, monday, tuesday := dayOf(t, ds, "A", "2024-03-08"), dayOf(t, ds, "A", "2024-03-11"), dayOf(t, ds, "A", "2024-03-12")
		if len(friday) != 1 || friday[0].Title != "before the close" || len(monday) != 6 || len(tuesday) != 0 {
			t.Errorf("TZ=%s: Friday sees %d, Monday %d, Tuesday %d; want 1, 6, 0", zone, len(friday), len(monday), len(tuesday))
		}
	}
}

// B12: days without news, and files without any.
func TestImportNewsEmptyFiles(t *testing.T) {
	for name, file := range map[string]string{"list": "[]", "page": `{"news":[],"next_page_token":null}`, "header": "date,title\n"} {
		t.Run(name, func(t *testing.T) {
			report, ds, err := importNews(t, "n", file, importer.NewsOptions{Symbols: []string{"A"}})
			if err != nil {
				t.Fatal(err)
			}
			if report.Read != 0 || len(newsOf(t, ds, "A")) != 0 {
				t.Errorf("read %d, news %v; want none, and a symbol known to have none", report.Read, newsOf(t, ds, "A"))
			}
			if _, _, err := importNews(t, "n", file, importer.NewsOptions{}); err == nil || !strings.Contains(err.Error(), "no news in it") {
				t.Errorf("without a symbol: %v, want a refusal", err)
			}
		})
	}
}

// B13: class shares have one spelling; an item of several symbols goes to each.
func TestImportNewsSymbols(t *testing.T) {
	file := `[{"time":"2024-03-08T15:00:00Z","title":"both","symbols":["brk-b","KO","^GSPC"]},
{"time":"2024-03-08T15:01:00Z","title":"berkshire","symbols":["BRK/B"]},
{"time":"2024-03-08T15:02:00Z","title":"coke","symbols":"$KO, NYSE:PEP"},
{"time":"2024-03-08T15:03:00Z","title":"pepsi","symbols":["PEP"]},
{"time":"2024-03-08T15:04:00Z","title":"class","symbols":[{"name":"BRK.B"}]}]`
	titles := func(ds *data.Dataset, symbol string) string {
		var out []string
		for _, n := range newsOf(t, ds, symbol) {
			out = append(out, n.Title)
		}
		return strings.Join(out, " ")
	}
	check := func(t *testing.T, ds *data.Dataset, r importer.NewsReport) {
		t.Helper()
		if b, k := titles(ds, "BRK.B"), titles(ds, "KO"); b != "both berkshire class" || k != "both coke" {
			t.Errorf("BRK.B has %q, KO has %q", b, k)
		}
		if r.Read != 5 || r.Used != 4 || r.OfOthers != 1 {
			t.Errorf("read %d, used %d, of others %d; want 5, 4, 1", r.Read, r.Used, r.OfOthers)
		}
		if !slices.Equal(ds.Symbols(), []string{"BRK.B", "KO"}) {
			t.Errorf("symbols %v", ds.Symbols())
		}
	}
	t.Run("asked for", func(t *testing.T) {
		r, ds, err := importNews(t, "n", file, importer.NewsOptions{Symbols: []string{"ko", "BRK.B"}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, ds, r)
	})
	t.Run("with prices", func(t *testing.T) {
		dir := withPrices(t, "BRK.B", "KO")
		r, err := importer.ImportNews(t.Context(), dir, []string{writeFile(t, "n", file)}, importer.NewsOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ds, err := data.ReadDataset(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		check(t, ds, r)
		if ds.Meta.PriceKind != data.CloseOnly || ds.Meta.Adjustment != data.Raw || ds.Meta.Name != "priced" {
			t.Errorf("the description of the prices became %+v", ds.Meta)
		}
	})
	t.Run("the only one", func(t *testing.T) {
		_, ds, err := importNews(t, "n.csv", "date,title,ticker\n2024-03-08,x,\"A,NFLX\"\n2024-03-08,y,NFLX\n2024-03-08,z,\"NFLX,B\"\n", importer.NewsOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(newsOf(t, ds, "NFLX")) != 3 {
			t.Errorf("symbols %v, want NFLX, which all items name", ds.Symbols())
		}
	})
}

func TestImportNewsSentiment(t *testing.T) {
	score := func(text string) data.Sentiment {
		return data.Sentiment{Neutral: 1, Method: "test of " + text}
	}
	tests := []struct{ name, file, want string }{
		{"none", "date,title,text\n2024-03-08,a,b\n", "0/1/0/0 test of a\nb"},
		{"three columns", "date,title,positive,neutral,negative\n2024-03-08,a,0.7,0.2,0.1\n", "0.7/0.2/0.1/0.6 source"},
		{"VADER's four", "date,title,pos,neu,neg,compound\n2024-03-08,a,0.7,0.3,0,0.5\n", "0.7/0.3/0/0.5 source"},
		{"a score", `{"date":"2024-03-08","title":"a","overall_sentiment_score":-0.25}`, "0/0.75/0.25/-0.25 source"},
		{"a label", "date,title,sentiment\n2024-03-08,a,Positive\n", "1/0/0/1 label"},
		{"a shaded label", `{"date":"2024-03-08","title":"a","overall_sentiment_score":"","sentiment_label":"Somewhat-Bearish"}`, "0/0/1/-1 label"},
		{"a class number is no score", "date,title,sentiment\n2024-03-08,a,1\n", "0/1/0/0 test of a"},
		{"out of range", "date,title,compound\n2024-03-08,a,3\n", "0/1/0/0 test of a"},
		{"FinMem's sentences", "date,text\n2024-03-08,A rose. The positive score for this news is 0.9. The neutral score for this news is 0.1. The negative score for this news is 0.\n", "0.9/0.1/0/0.9 finbert"},
		{"a dataset's own", `{"time":"2024-03-08","title":"a","sentiment":{"positive":0.5,"neutral":0.5,"negative":0,"compound":0.5,"method":"finbert"}}`, "0.5/0.5/0/0.5 finbert"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, ds, err := importNews(t, "n", tt.file, importer.NewsOptions{Symbols: []string{"A"}, Score: score})
			if err != nil {
				t.Fatal(err)
			}
			n := newsOf(t, ds, "A")[0]
			s := n.Sentiment
			got := fmt.Sprintf("%.4g/%.4g/%.4g/%.4g %s", s.Positive, s.Neutral, s.Negative, s.Compound, s.Method)
			if got != tt.want || strings.Contains(n.Text, "score") {
				t.Errorf("sentiment %s, text %q; want %s", got, n.Text, tt.want)
			}
		})
	}
	_, ds, err := importNews(t, "n", "date,title\n2024-03-08,a\n", importer.NewsOptions{Symbols: []string{"A"}})
	if err != nil || newsOf(t, ds, "A")[0].Sentiment != nil {
		t.Errorf("without a scorer: %+v, %v; want no sentiment", newsOf(t, ds, "A"), err)
	}
}

// Where a vendor has a tone for each symbol of an item, each symbol gets its own.
func TestImportNewsSentimentBySymbol(t *testing.T) {
	file := `{"feed":[{"title":"a","time_published":"20240308","overall_sentiment_score":0.5,"ticker_sentiment":[
{"ticker":"UP","ticker_sentiment_score":"0.75"},{"ticker":"DOWN","ticker_sentiment_score":"-0.25"},{"ticker":"PLAIN"},{"ticker":"FOREX:USD","ticker_sentiment_score":"1"}]}]}
{"results":[{"title":"b","published_utc":"2024-03-09","tickers":["UP","DOWN","PLAIN"],"insights":[{"ticker":"DOWN","sentiment":"negative","sentiment_reasoning":"x"}]}]}`
	_, ds, err := importNews(t, "n", file, importer.NewsOptions{Symbols: []string{"UP", "DOWN", "PLAIN"}})
	if err != nil {
		t.Fatal(err)
	}
	for symbol, want := range map[string][2]string{"UP": {"0.75", "none"}, "DOWN": {"-0.25", "-1"}, "PLAIN": {"0.5", "none"}} {
		for i, n := range newsOf(t, ds, symbol) {
			got := "none"
			if n.Sentiment != nil {
				got = fmt.Sprint(n.Sentiment.Compound)
			}
			if got != want[i] {
				t.Errorf("%s %s: %s, want %s", symbol, n.Title, got, want[i])
			}
		}
	}
}

func TestImportNewsCleansTexts(t *testing.T) {
	file := `{"date":"2024-03-08","title":"Tes\u0000la\u001b[31m  caf\u0065\u0301 &amp; co","content":"<div>One<br>two</div><script>bad()</script><p>\u202ethree</p>"}`
	_, ds, err := importNews(t, "n", file, importer.NewsOptions{Symbols: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	n := newsOf(t, ds, "A")[0]
	if n.Title != "Tesla[31m café & co" || n.Text != "One\ntwo\n\nthree" {
		t.Errorf("title %q, text %q", n.Title, n.Text)
	}
}

// Importing the same or overlapping files again adds nothing, and what the dataset
// has stays.
func TestImportNewsAgain(t *testing.T) {
	first := "date,title,url\n2024-03-08T15:00:00Z,a,u1\n2024-03-08T15:30:00Z,A,u2\n2024-03-08T16:00:00Z,b,u3\n"
	second := first + "2024-03-11T15:00:00Z,c,u4\n"
	dir := withPrices(t, "X")
	opts := importer.NewsOptions{Symbols: []string{"X"}, Score: func(string) data.Sentiment { return data.Sentiment{Compound: 0.5, Method: "m"} }}
	do := func(file string, opts importer.NewsOptions) importer.NewsSymbolReport {
		t.Helper()
		r, err := importer.ImportNews(t.Context(), dir, []string{writeFile(t, "n.csv", file)}, opts)
		if err != nil {
			t.Fatal(err)
		}
		return r.Symbols[0]
	}
	if r := do(first, opts); r.Items != 2 || r.There != 0 || r.Scored != 2 {
		t.Errorf("first import %+v", r)
	}
	before := tree(t, dir)
	if r := do(first, opts); r.Items != 2 || r.There != 2 || r.New != 3 || r.Folded != 3 || r.Scored != 0 {
		t.Errorf("the same again %+v", r)
	}
	if after := tree(t, dir); !maps.Equal(before, after) {
		t.Errorf("the same file again changed the dataset:\n%v\n%v", before, after)
	}
	if r := do(second, opts); r.Items != 3 || r.There != 2 || r.Scored != 1 {
		t.Errorf("one more item %+v", r)
	}
	if r := do("date,title\n2024-03-08T15:45:00Z,a\n", opts); r.Items != 3 || r.Folded != 1 {
		t.Errorf("a further copy %+v", r)
	}
	ds, err := data.ReadDataset(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := newsOf(t, ds, "X"); n[0].Copies != 3 || n[0].URL != "u1" {
		t.Errorf("first item %+v, want 3 copies", n[0])
	}
	replace := opts
	replace.Replace = true
	if r := do("date,title\n2024-03-12,only\n", replace); r.Items != 1 || r.There != 0 {
		t.Errorf("replaced %+v", r)
	}
	if h, err := data.ReadDataset(t.Context(), dir); err != nil || len(newsOf(t, h, "X")) != 1 {
		t.Errorf("after replacing: %v", err)
	}
}

// Whatever the order of the file and however little memory there is, the dataset
// has the same bytes.
func TestImportNewsOrderAndMemoryDoNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var lines []string
	for i := range 3000 {
		at := time.Date(2024, 1, 2, 0, 0, 1, 0, time.UTC).Add(time.Duration(r.IntN(40*24*60)) * time.Minute)
		lines = append(lines, fmt.Sprintf(`{"time":%q,"title":"title %d","text":"%s","symbols":["A","B"],"url":"u%d"}`, at.Format(time.RFC3339), r.IntN(400), strings.Repeat("word ", r.IntN(30)), i))
	}
	var want map[string]string
	for _, memory := range []int{0, 3000, 30_000} {
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		dir := filepath.Join(t.TempDir(), "ds")
		report, err := importer.ImportNews(t.Context(), dir, []string{writeFile(t, "news.jsonl", strings.Join(lines, "\n"))}, importer.NewsOptions{Symbols: []string{"A", "B"}, Memory: memory})
		if err != nil {
			t.Fatal(err)
		}
		if s := report.Symbols[0]; s.Folded == 0 || s.Items+s.Folded != 3000 {
			t.Errorf("%+v, want some of 3000 folded", s)
		}
		got := tree(t, dir)
		if want == nil {
			want = got
		}
		if !maps.Equal(got, want) {
			t.Errorf("with %d bytes of memory the dataset differs", memory)
		}
	}
}

// An import that is stopped, or fails late, leaves the dataset as it was and
// nothing beside it.
func TestImportNewsInterrupted(t *testing.T) {
	dir := withPrices(t, "X")
	if _, err := importer.ImportNews(t.Context(), dir, []string{writeFile(t, "n.csv", "date,title\n2024-03-08,old\n")}, importer.NewsOptions{Symbols: []string{"X"}}); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	path := filepath.Join(t.TempDir(), "n.jsonl")
	writeNewsFile(t, path, 2000)
	for _, writing := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		opts := importer.NewsOptions{Symbols: []string{"X"}, Fields: map[string]string{"symbols": ""}, Memory: 10_000, Progress: func(p importer.NewsProgress) {
			if p.Writing == writing {
				cancel()
			}
		}}
		_, err := importer.ImportNews(ctx, dir, []string{path}, opts)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while writing %v: %v", writing, err)
		}
		if after := tree(t, dir); !maps.Equal(before, after) {
			t.Errorf("cancelled while writing %v: the folder has %v", writing, slices.Sorted(maps.Keys(after)))
		}
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if _, err := importer.ImportNews(t.Context(), fresh, []string{path, writeFile(t, "bad.csv", "when,what\n1,2\n")}, importer.NewsOptions{Symbols: []string{"AAA"}}); err == nil {
		t.Error("a bad second file is taken")
	}
	if _, err := os.Stat(filepath.Dir(fresh)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed import left a folder: %v", err)
	}
}

// What an import holds in memory depends on NewsOptions.Memory and not on the file.
func TestImportNewsMemoryIsBounded(t *testing.T) {
	const limit = 6 << 20
	path := filepath.Join(t.TempDir(), "n.jsonl")
	writeNewsFile(t, path, 15_000)
	if info, err := os.Stat(path); err != nil || info.Size() < limit*3/2 {
		t.Fatalf("the file is too small to show anything: %v, %v", info, err)
	}
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	most, seen := uint64(0), 0
	_, err := importer.ImportNews(t.Context(), filepath.Join(t.TempDir(), "ds"), []string{path}, importer.NewsOptions{
		Symbols: []string{"AAA", "BB.B"}, Memory: 256 << 10, Progress: func(importer.NewsProgress) {
			if seen++; seen%8 == 0 {
				most = max(most, live())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 || most > before+limit {
		t.Errorf("%d bytes were held at most, %d before, in %d looks; want %d more at most", most, before, seen, limit)
	}
	t.Logf("%d bytes were held at most, %d before", most, before)
}

func TestImportNewsProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.jsonl")
	writeNewsFile(t, path, 2000)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	last := importer.NewsProgress{}
	seen := 0
	_, err = importer.ImportNews(t.Context(), filepath.Join(t.TempDir(), "ds"), []string{path}, importer.NewsOptions{Symbols: []string{"AAA"}, Progress: func(p importer.NewsProgress) {
		if !p.Writing && p.Total != info.Size() || p.Done > p.Total || p.Writing == last.Writing && p.Done < last.Done {
			t.Errorf("%+v follows %+v", p, last)
		}
		last = p
		seen++
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !last.Writing || last.Done != last.Total || last.Items != 2000 || seen < 5 {
		t.Errorf("the last of %d is %+v, want all written", seen, last)
	}
}

// A pair makes a dataset on the calendar that never closes.
func TestImportNewsOfAPair(t *testing.T) {
	_, ds, err := importNews(t, "n.csv", "date,title\n2024-03-09,x\n", importer.NewsOptions{Symbols: []string{"btc/usd"}})
	if err != nil {
		t.Fatal(err)
	}
	if ds.Meta.Calendar != "24/7" || ds.Symbols()[0] != "BTC-USD" {
		t.Errorf("calendar %s, symbols %v", ds.Meta.Calendar, ds.Symbols())
	}
	dir := withPrices(t, "X")
	_, err = importer.ImportNews(t.Context(), dir, []string{writeFile(t, "n.csv", "date,title\n2024-03-09,x\n")}, importer.NewsOptions{Symbols: []string{"X"}, Calendar: data.Always()})
	if err == nil || !strings.Contains(err.Error(), "the calendar of "+dir+" is NYSE, not 24/7") {
		t.Errorf("another calendar: %v", err)
	}
}

func TestParseNewsMap(t *testing.T) {
	got, err := importer.ParseNewsMap([]string{"time=published_at", " title = head line ", "text="})
	if want := map[string]string{"time": "published_at", "title": "head line", "text": ""}; err != nil || !maps.Equal(got, want) {
		t.Errorf("ParseNewsMap = %v, %v, want %v", got, err, want)
	}
	for _, bad := range []string{"time", "=x", "when=x"} {
		if _, err := importer.ParseNewsMap([]string{bad}); err == nil {
			t.Errorf("ParseNewsMap(%q) is taken", bad)
		}
	}
	if _, err := importer.ParseNewsMap([]string{"time=a", "time=b"}); err == nil {
		t.Error("a part given twice is taken")
	}
}
