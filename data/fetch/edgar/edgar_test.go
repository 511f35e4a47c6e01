package edgar_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/edgar"
	"finmem/internal/shared"
)

const agent = "Example Research jane@example.org"

// A register is EDGAR on loopback: paths to what they answer.
type register struct {
	*httptest.Server
	mu    sync.Mutex
	paths map[string]http.HandlerFunc
	asked []string
	agent string // of the last request
}

func newRegister(t *testing.T) *register {
	t.Helper()
	g := &register{paths: map[string]http.HandlerFunc{}}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked = append(g.asked, r.URL.Path)
		g.agent = r.UserAgent()
		answer := g.paths[r.URL.Path]
		g.mu.Unlock()
		if answer == nil {
			http.Error(w, "<html><body>404</body></html>", http.StatusNotFound)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *register) count(path string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, p := range g.asked {
		if p == path {
			n++
		}
	}
	return n
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
}

// sharedFile serves a file of the shared data.
func sharedFile(t *testing.T, name string) http.HandlerFunc {
	t.Helper()
	content, err := os.ReadFile(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return text(string(content))
}

// network has a clock that only sleeping moves.
func network() *fetch.Network {
	var mu sync.Mutex
	now := time.Date(2023, 1, 10, 15, 0, 0, 0, time.UTC)
	return &fetch.Network{
		Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
			return ctx.Err()
		},
	}
}

func (g *register) source(t *testing.T, n *fetch.Network) *edgar.Source {
	t.Helper()
	s, err := edgar.New(n, agent, edgar.Options{WWW: g.URL, Data: g.URL + "/"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (g *register) filings(t *testing.T, symbol string, first, last data.Session) (fetch.Filings, error) {
	t.Helper()
	return g.source(t, network()).Filings(t.Context(), symbol, data.NYSE(), fetch.Days(first, last))
}

const (
	tickersPath     = "/files/company_tickers.json"
	submissionsPath = "/submissions/CIK0001318605.json"
	factsPath       = "/api/xbrl/companyfacts/CIK0001318605.json"
	tickers         = `{"0":{"cik_str":1318605,"ticker":"TSLA","title":"Tesla, Inc."},"1":{"cik_str":1067983,"ticker":"BRK-B","title":"BERKSHIRE"}}`
)

// A listedFiling is one filing of a made-up list.
type listedFiling struct{ accession, filed, report, accepted, form, items, document string }

// list makes an answer of the submissions API.
func list(older string, filings ...listedFiling) string {
	column := func(get func(listedFiling) string) string {
		values := make([]string, len(filings))
		for i, f := range filings {
			values[i] = fmt.Sprintf("%q", get(f))
		}
		return "[" + strings.Join(values, ",") + "]"
	}
	columns := fmt.Sprintf(`{"accessionNumber":%s,"filingDate":%s,"reportDate":%s,"acceptanceDateTime":%s,"form":%s,"items":%s,"primaryDocument":%s}`,
		column(func(f listedFiling) string { return f.accession }), column(func(f listedFiling) string { return f.filed }),
		column(func(f listedFiling) string { return f.report }), column(func(f listedFiling) string { return f.accepted }),
		column(func(f listedFiling) string { return f.form }), column(func(f listedFiling) string { return f.items }),
		column(func(f listedFiling) string { return f.document }))
	if older == "none" {
		return columns
	}
	return fmt.Sprintf(`{"cik":"1318605","name":"Tesla, Inc.","filings":{"recent":%s,"files":[%s]}}`, columns, older)
}

// A register with the real lists and figures of TSLA, and made-up documents.
func teslaRegister(t *testing.T) *register {
	t.Helper()
	g := newRegister(t)
	g.paths[tickersPath] = sharedFile(t, "data/filings/edgar/company_tickers.json")
	g.paths[submissionsPath] = sharedFile(t, "data/filings/edgar/submissions_TSLA_2022-11-30.json")
	g.paths[factsPath] = sharedFile(t, "data/filings/edgar/companyfacts_TSLA_2022-10-24.json")
	handler := g.Config.Handler
	g.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/Archives/edgar/data/1318605/") && !strings.HasSuffix(r.URL.Path, "-index-headers.html") {
			switch {
			case strings.Contains(r.URL.Path, "10k") || strings.Contains(r.URL.Path, "1231"):
				fmt.Fprint(w, annualReport)
			case strings.Contains(r.URL.Path, "8k"):
				fmt.Fprint(w, currentReport)
			default:
				fmt.Fprint(w, quarterlyReport)
			}
			return
		}
		handler.ServeHTTP(w, r)
	})
	return g
}

// The paper's period, from the real list: B09, and the trap of the zone.
func TestFilingsOfTesla(t *testing.T) {
	g := teslaRegister(t)
	got, err := g.filings(t, "TSLA", "2021-08-17", "2022-11-30")
	if err != nil {
		t.Fatal(err)
	}
	calendar := data.NYSE()
	var lines []string
	for _, f := range got.Items {
		session, err := calendar.SessionFor(f.Accepted, 0)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %s of %s, seen %s", f.Accepted.Format(time.RFC3339), f.Form, f.Period, session))
	}
	want := []string{
		"2021-10-25T10:12:15Z 10-Q of 2021-09-30, seen 2021-10-25",
		"2022-02-05T01:11:27Z 10-K of 2021-12-31, seen 2022-02-07", // stamped 2022-02-04T20:11:27.000Z
		"2022-04-23T01:36:59Z 10-Q of 2022-03-31, seen 2022-04-25",
		"2022-04-29T22:05:17Z 10-K/A of 2021-12-31, seen 2022-05-02",
		"2022-07-25T10:07:25Z 10-Q of 2022-06-30, seen 2022-07-25",
		"2022-10-24T10:08:50Z 10-Q of 2022-09-30, seen 2022-10-24",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("filings\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if len(got.News) != 17 || got.Read != len(got.News)+len(got.Items) {
		t.Errorf("%d news and %d filings of %d read, want 17, 6 and 23", len(got.News), len(got.Items), got.Read)
	}
	feed, err := data.NewFeed(calendar, data.History{Symbol: "TSLA", Filings: got.Items, News: got.News}, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for session, n := range map[data.Session]int{"2022-02-04": 0, "2022-02-07": 1, "2022-02-08": 0} {
		day, err := feed.Day(session)
		if err != nil || len(day.Filings) != n {
			t.Errorf("session %s shows %d filings, %v; want %d", session, len(day.Filings), err, n)
		}
	}
	if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, "read as times of New York: as UTC, ") || strings.Contains(notes, "as UTC, 0 of") {
		t.Errorf("notes %q do not say how the times are read", notes)
	}
	if g.agent != agent {
		t.Errorf("user agent %q, want %q", g.agent, agent)
	}
}

// The figures of TSLA's annual report for 2021, as its filing states them:
// revenue of 53,823 million, 31,536 the year before (+70.7 %).
func TestFiguresOfTesla(t *testing.T) {
	got, err := teslaRegister(t).filings(t, "TSLA", "2022-02-01", "2022-07-31")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != 4 {
		t.Fatalf("%d filings, want 4", len(got.Items))
	}
	for i, want := range map[int][]string{
		0: {
			"Figures of the year to 2021-12-31, as filed on 2022-02-07 | a year before | change",
			"Revenue | 53,823 million USD | 31,536 million USD | +70.7 %",
			"Net income | 5,519 million USD | 721 million USD | +665.5 %",
			"Earnings per diluted share | 4.90 USD | 0.64 USD | +665.6 %",
			"Assets | 62,131 million USD | 52,148 million USD | +19.1 %",
		},
		1: {"Figures of the quarter to 2022-03-31, as filed on 2022-04-25", "Revenue | 18,756 million USD | 10,389 million USD | +80.5 %"},
	} {
		for _, line := range want {
			if !strings.Contains(got.Items[i].Text, line) {
				t.Errorf("filing %d has no line %q:\n%.900s", i, line, got.Items[i].Text)
			}
		}
	}
	// The amendment of 2022-04-29 states none of its own.
	if strings.Contains(got.Items[2].Text, "Figures of") || got.Items[2].Form != "10-K/A" {
		t.Errorf("%s has figures: %.200s", got.Items[2].Form, got.Items[2].Text)
	}
}

// Nothing of a figure that was filed later, or by another filing of the date,
// may be in the table.
func TestFiguresAreThoseKnownThen(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths[submissionsPath] = text(list("", listedFiling{"0000000001-23-000001", "2023-02-01", "2022-12-31", "2023-02-01T07:00:00.000Z", "10-K", "", "a-20221231.htm"}))
	g.paths["/Archives/edgar/data/1318605/000000000123000001/a-20221231.htm"] = text(annualReport)
	fact := func(start, end string, value int, accession, filed string) string {
		return fmt.Sprintf(`{"start":%q,"end":%q,"val":%d,"accn":%q,"filed":%q}`, start, end, value, accession, filed)
	}
	g.paths[factsPath] = text(`{"cik":1318605,"facts":{"us-gaap":{"Revenues":{"units":{"USD":[` + strings.Join([]string{
		fact("2022-01-01", "2022-12-31", 999_000_000, "0000000001-24-000001", "2024-02-01"), // stated anew a year later
		fact("2022-01-01", "2022-12-31", 200_000_000, "0000000001-23-000001", "2023-02-01"),
		fact("2022-10-01", "2022-12-31", 60_000_000, "0000000001-23-000001", "2023-02-01"), // the last quarter
		fact("2021-01-01", "2021-12-31", 100_000_000, "0000000001-22-000001", "2022-02-01"),
		fact("2021-01-01", "2021-12-31", 110_000_000, "0000000001-22-000009", "2022-11-01"), // stated anew before
		fact("2021-01-01", "2021-12-31", 777_000_000, "0000000001-23-000002", "2023-02-01"), // the same date, another filing
		fact("2021-01-01", "2021-12-31", 888_000_000, "0000000001-23-000003", "2023-05-01"),
	}, ",") + `]}}}}}`)
	got, err := g.filings(t, "TSLA", "2023-01-01", "2023-03-01")
	if err != nil {
		t.Fatal(err)
	}
	want := "Revenue | 200 million USD | 110 million USD | +81.8 %\n"
	if len(got.Items) != 1 || !strings.Contains(got.Items[0].Text, want) {
		t.Errorf("no line %q in %.300s", want, got.Items[0].Text)
	}
}

// The clock of New York in winter and summer, in the hour that comes twice, and
// on a federal holiday on which the exchange trades.
func TestWhenAFilingIsKnown(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	filing := func(n int, filed, accepted string) listedFiling {
		return listedFiling{fmt.Sprintf("0000000001-22-%06d", n), filed, "2022-06-30", accepted, "8-K", "8.01", fmt.Sprintf("a%d.htm", n)}
	}
	g.paths[submissionsPath] = text(list("",
		filing(1, "2022-01-10", "2022-01-10T16:00:00.000Z"), // at the close
		filing(2, "2022-01-11", "2022-01-11T15:59:59.000Z"), // a second before
		filing(3, "2022-07-12", "2022-07-12T15:59:59.000Z"), // summer
		filing(4, "2022-10-11", "2022-10-07T18:00:00.000Z"), // Friday before Columbus Day
		filing(5, "2022-11-07", "2022-11-06T01:30:00.000Z"), // comes twice
		filing(6, "2022-11-09", ""),
	))
	for n := 1; n <= 6; n++ {
		g.paths[fmt.Sprintf("/Archives/edgar/data/1318605/00000000012200000%d/a%d.htm", n, n)] = text(currentReport)
	}
	got, err := g.filings(t, "TSLA", "2022-01-01", "2022-12-31")
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.NewFeed(data.NYSE(), data.History{Symbol: "TSLA", News: got.News}, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	stamps := map[string]bool{}
	for _, n := range got.News {
		stamps[n.Time.Format(time.RFC3339)] = true
	}
	for _, want := range []string{
		"2022-01-10T21:00:00Z", "2022-01-11T20:59:59Z", "2022-07-12T19:59:59Z",
		"2022-10-11T10:00:00Z", // handed out when EDGAR opens on Tuesday
		"2022-11-06T06:30:00Z", // the later of the two
		"2022-11-09T00:00:00Z", // a date only
	} {
		if !stamps[want] {
			t.Errorf("no filing is known from %s; got %v", want, stamps)
		}
	}
	for session, n := range map[data.Session]int{
		"2022-01-10": 0, "2022-01-11": 1 /* two of the same text */, "2022-07-12": 1, "2022-10-10": 0, "2022-10-11": 1, "2022-11-07": 1,
	} {
		day, err := feed.Day(session)
		if err != nil || len(day.News) != n {
			t.Errorf("session %s shows %d, %v; want %d", session, len(day.News), err, n)
		}
	}
	// What is handed out after the weekend belongs to a range that begins then, and
	// to none before.
	for _, r := range []struct {
		first, last data.Session
		n           int
	}{{"2022-10-01", "2022-10-10", 0}, {"2022-10-11", "2022-10-20", 1}} {
		if got, err := g.filings(t, "TSLA", r.first, r.last); err != nil || len(got.News) != r.n {
			t.Errorf("%s to %s: %d news, %v; want %d", r.first, r.last, len(got.News), err, r.n)
		}
	}
}

// The lists of some companies are in UTC although those of others, which look
// alike, are in the time of New York. The hours of EDGAR tell: nothing is
// accepted at night, and what is accepted after 17:30 has the next date.
func TestListsInUTC(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths[factsPath] = text(`{"cik":1318605,"facts":{}}`)
	filing := func(n int, filed, accepted, form string) listedFiling {
		name := fmt.Sprintf("a%d.htm", n)
		g.paths[fmt.Sprintf("/Archives/edgar/data/1318605/0000000001220%05d/%s", n, name)] = text(currentReport)
		return listedFiling{fmt.Sprintf("0000000001-22-%06d", n), filed, "", accepted, form, "8.01", name}
	}
	rows := []listedFiling{
		filing(1, "2022-01-10", "2022-01-10T21:05:00.000Z", "8-K"), // 16:05, and not 21:05 of the same date
		filing(2, "2022-01-13", "2022-01-13T01:30:00.000Z", "4"),   // 20:30 the evening before; by night there is nothing
		filing(3, "2022-07-12", "2022-07-12T20:30:00.000Z", "8-K"), // 16:30 in summer
		filing(4, "2022-07-13", "2022-07-13T17:00:00.000Z", "8-K"), // 13:00
	}
	stamps := func(rows ...listedFiling) (string, string) {
		t.Helper()
		g.paths[submissionsPath] = text(list("", rows...))
		got, err := g.filings(t, "TSLA", "2022-01-01", "2022-12-31")
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, n := range got.News {
			all = append(all, n.Time.Format("01-02T15:04Z"))
		}
		return strings.Join(all, " "), strings.Join(got.Notes, " ")
	}
	got, note := stamps(rows...)
	if want := "01-10T21:05Z 07-12T20:30Z 07-13T17:00Z"; got != want || !strings.Contains(note, "in UTC: as times of New York, 3 of 4") {
		t.Errorf("times %s, %s; want %s", got, note, want)
	}
	// Too few signs, or one against it: the later reading.
	got, note = stamps(rows[2:]...)
	if want := "07-13T00:30Z 07-13T21:00Z"; got != want || !strings.Contains(note, "read as times of New York: as UTC, 0 of 2") {
		t.Errorf("times %s, %s; want %s", got, note, want)
	}
	got, _ = stamps(append(rows, filing(5, "2022-08-01", "2022-08-01T06:05:00.000Z", "8-K"))...)
	if want := "01-11T02:05Z 07-13T00:30Z 07-13T21:00Z 08-01T10:05Z"; got != want {
		t.Errorf("times %s, want %s", got, want)
	}
}

func TestOlderListsAreRead(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	old := listedFiling{"0000000001-12-000001", "2012-02-27", "2011-12-31", "2012-02-27T07:00:00.000Z", "10-K405", "", "old-10k.htm"}
	g.paths[submissionsPath] = text(list(`{"name":"CIK0001318605-submissions-001.json","filingCount":1,"filingFrom":"2005-02-17","filingTo":"2013-12-10"},
		{"name":"CIK0001318605-submissions-002.json","filingCount":1,"filingFrom":"2001-01-01","filingTo":"2005-02-16"}`))
	g.paths["/submissions/CIK0001318605-submissions-001.json"] = text(list("none", old, old))
	g.paths["/Archives/edgar/data/1318605/000000000112000001/old-10k.htm"] = text(annualReport)
	got, err := g.filings(t, "TSLA", "2012-01-01", "2012-12-31")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != 1 || got.Items[0].Form != "10-K" {
		t.Errorf("got %d filings, want the 10-K405 of 2012 once, as 10-K", len(got.Items))
	}
	if n := g.count("/submissions/CIK0001318605-submissions-002.json"); n != 0 {
		t.Errorf("a list of other years was asked for")
	}
	if !strings.Contains(strings.Join(got.Notes, "\n"), "no figures") {
		t.Errorf("notes %q do not say that there are no figures", got.Notes)
	}
}

func TestCurrentReportsAreNews(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths[submissionsPath] = text(list("", listedFiling{"0000000001-23-000001", "2023-01-25", "2023-01-25", "2023-01-25T16:05:00.000Z", "8-K", "2.02,9.01", "a8k.htm"}))
	g.paths["/Archives/edgar/data/1318605/000000000123000001/a8k.htm"] = text(currentReport)
	got, err := g.filings(t, "TSLA", "2023-01-01", "2023-01-31")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.News) != 1 || len(got.Items) != 0 {
		t.Fatalf("%d news, %d filings", len(got.News), len(got.Items))
	}
	n := got.News[0]
	if n.Title != "Tesla, Inc., 8-K: Results of operations and financial condition" || n.Source != "edgar" ||
		n.URL != g.URL+"/Archives/edgar/data/1318605/000000000123000001/a8k.htm" {
		t.Errorf("got %+v", n)
	}
	want := "Item 2.02. Results of Operations and Financial Condition.\n\nOn January 25, 2023, the company announced its results.\n\nItem 9.01. Financial Statements and Exhibits."
	if n.Text != want {
		t.Errorf("text %q, want %q", n.Text, want)
	}
	if err := n.Validate(); err != nil {
		t.Error(err)
	}
}

// headers makes EDGAR's page about a filing; documents are pairs of type and name.
func headers(accession, stamp string, documents ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<HTML><HEAD><!--\n<SEC-HEADER>%s.hdr.sgml : 20230125\n<ACCEPTANCE-DATETIME>%s\n-->\n</HEAD><BODY><PRE>\n", accession, stamp)
	for i := 0; i+1 < len(documents); i += 2 {
		fmt.Fprintf(&b, "&lt;DOCUMENT&gt;\n&lt;TYPE&gt;%s\n&lt;SEQUENCE&gt;%d\n&lt;FILENAME&gt;%s\n&lt;TEXT&gt;\n", documents[i], i/2+1, documents[i+1])
	}
	return b.String() + "</PRE></BODY></HTML>"
}

// EDGAR's page about a filing has its time on the clock of New York, whatever the
// list says, and names the press release that a current report is about.
func TestPagesAboutFilings(t *testing.T) {
	const folder = "/Archives/edgar/data/1318605/000000000123000001/"
	const page = folder + "0000000001-23-000001-index-headers.html"
	documents := []string{"8-K", "a8k.htm", "EX-99.1", "release.htm", "EX-99.2", "slides.htm", "EX-101.SCH", "a.xsd"}
	release := "<html><p>Earnings beat what was expected.</p><div>2</div></html>"
	for _, tt := range []struct {
		name  string
		files map[string]string
		time  string
		text  string // what the text ends with
		note  string
	}{
		{"whole", map[string]string{page: headers("0000000001-23-000001", "20230125160512", documents...), folder + "release.htm": release},
			"2023-01-25T21:05:12Z", "Item 9.01. Financial Statements and Exhibits.\n\nEarnings beat what was expected.", ""},
		{"without its release", map[string]string{page: headers("0000000001-23-000001", "20230125160512", documents...)},
			"2023-01-25T21:05:12Z", "Financial Statements and Exhibits.", "EDGAR does not have its document"},
		{"a release that is a picture", map[string]string{page: headers("0000000001-23-000001", "20230125160512", "EX-99.1", "a.jpg")},
			"2023-01-25T21:05:12Z", "Financial Statements and Exhibits.", "is no text"},
		{"a release elsewhere", map[string]string{page: headers("0000000001-23-000001", "20230125160512", "EX-99.1", "../../x.htm")},
			"2023-01-25T21:05:12Z", "Financial Statements and Exhibits.", "which is none"},
		{"no page", nil, "2023-01-26T02:05:12Z", "Financial Statements and Exhibits.", "1 filings have no page of their own"},
		{"about another filing", map[string]string{page: headers("0000000001-23-000002", "20230125100000")}, "2023-01-26T02:05:12Z", "", "have no page"},
		{"a time that is none", map[string]string{page: headers("0000000001-23-000001", "20230125250000")}, "2023-01-26T02:05:12Z", "", "have no page"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRegister(t)
			g.paths[tickersPath] = text(tickers)
			// In UTC, which the list alone does not show.
			g.paths[submissionsPath] = text(list("", listedFiling{"0000000001-23-000001", "2023-01-25", "2023-01-25", "2023-01-25T21:05:12.000Z", "8-K", "2.02,9.01", "a8k.htm"}))
			g.paths[folder+"a8k.htm"] = text(currentReport)
			for path, content := range tt.files {
				g.paths[path] = text(content)
			}
			got, err := g.filings(t, "TSLA", "2023-01-01", "2023-01-31")
			if err != nil || len(got.News) != 1 {
				t.Fatalf("%d news, %v", len(got.News), err)
			}
			if at := got.News[0].Time.Format(time.RFC3339); at != tt.time {
				t.Errorf("time %s, want %s", at, tt.time)
			}
			if !strings.HasSuffix(got.News[0].Text, tt.text) {
				t.Errorf("text %q, want its end %q", got.News[0].Text, tt.text)
			}
			if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
		})
	}
}

func TestDocumentsThatAreNotThere(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	filing := func(n int, document string) listedFiling {
		return listedFiling{fmt.Sprintf("0000000001-22-%06d", n), "2022-05-02", "2022-03-31", fmt.Sprintf("2022-05-02T07:00:0%d.000Z", n), "10-Q", "", document}
	}
	g.paths[submissionsPath] = text(list("", filing(1, ""), filing(2, "gone.htm"), filing(3, "a.pdf"), filing(4, "../../x.htm"), filing(5, "a.htm"), filing(6, "blank.htm")))
	g.paths["/Archives/edgar/data/1318605/000000000122000005/a.htm"] = text(quarterlyReport)
	g.paths["/Archives/edgar/data/1318605/000000000122000006/blank.htm"] = text("<html><body></body></html>")
	got, err := g.filings(t, "TSLA", "2022-05-01", "2022-05-31")
	if err != nil {
		t.Fatal(err)
	}
	var skipped []string
	for _, s := range got.Skipped {
		skipped = append(skipped, s.String())
	}
	for i, want := range []string{"names no main document", "does not have its document", "is no text", "which is none", "has no text"} {
		if i >= len(skipped) || !strings.Contains(skipped[i], want) || !strings.Contains(skipped[i], "10-Q 0000000001-22-00000") {
			t.Errorf("skipped %q, want number %d to say %q", skipped, i+1, want)
		}
	}
	if len(got.Items) != 1 || got.Read != 6 || len(skipped) != 5 {
		t.Errorf("%d filings and %d skipped of %d, want 1, 5 and 6", len(got.Items), len(skipped), got.Read)
	}
}

func TestRefusals(t *testing.T) {
	page := "<!DOCTYPE html><html><head><title>SEC.gov | %s</title></head><body><h1>%s</h1></body></html>"
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); fmt.Fprint(w, body) }
	}
	undeclared := fmt.Sprintf(page, "Your Request Originates from an Undeclared Automated Tool", "Undeclared Automated Tool")
	tooFast := fmt.Sprintf(page, "Request Rate Threshold Exceeded", "Request Rate Threshold Exceeded")
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"cik":`)
	}
	for _, tt := range []struct {
		name   string
		path   string
		answer http.HandlerFunc
		kind   fetch.Kind
		says   string
		calls  int
	}{
		{"403 without an agent that pleases", submissionsPath, status(403, undeclared), fetch.KeyRefused, edgar.AgentVariable, 1},
		{"the same as a 200", submissionsPath, text(undeclared), fetch.KeyRefused, edgar.AgentVariable, 1},
		{"too fast, as a 403", submissionsPath, status(403, tooFast), fetch.RateLimited, "ten minutes", 1},
		{"too fast, as a 200", submissionsPath, text(tooFast), fetch.RateLimited, "ten minutes", 1},
		{"429", submissionsPath, status(429, ""), fetch.RateLimited, "submissions", 4},
		{"an outage", submissionsPath, status(503, "down"), fetch.Unavailable, "submissions", 4},
		{"a web page", submissionsPath, text(fmt.Sprintf(page, "Maintenance", "Back soon")), fetch.BadFormat, "web page", 1},
		{"a cut body", submissionsPath, cut, fetch.Cut, "ends after", 4},
		{"JSON that ends in the middle", submissionsPath, text(`{"cik":"13186`), fetch.Cut, "in the middle", 4},
		{"nothing", submissionsPath, text(""), fetch.Empty, "submissions", 1},
		{"another company", submissionsPath, text(`{"cik":"0000000007","name":"X","filings":{"recent":{"accessionNumber":[]}}}`), fetch.BadFormat, "about the company 7", 1},
		{"no list", submissionsPath, text(`{"cik":"1318605"}`), fetch.BadFormat, "no list of filings", 1},
		{"lists of different length", submissionsPath, text(`{"cik":1318605,"filings":{"recent":{"accessionNumber":["0000000001-22-000001"],"filingDate":[],"form":["10-K"]}}}`), fetch.BadFormat, "filingDate", 1},
		{"a list of another shape", submissionsPath, text(`{"cik":1318605,"filings":[]}`), fetch.BadFormat, "submissions", 1},
		{"an accession number that is none", submissionsPath, text(list("", listedFiling{"../x", "2022-02-02", "", "", "8-K", "", "a.htm"})), fetch.BadFormat, "accession", 1},
		{"a date that is none", submissionsPath, text(list("", listedFiling{"0000000001-22-000001", "2022-02-30", "", "", "8-K", "", "a.htm"})), fetch.BadFormat, "2022-02-30", 1},
		{"a time that is none", submissionsPath, text(list("", listedFiling{"0000000001-22-000001", "2022-02-02", "", "noon", "8-K", "", "a.htm"})), fetch.BadFormat, "noon", 1},
		{"older files elsewhere", submissionsPath, text(list(`{"name":"../../etc/passwd","filingFrom":"2000-01-01","filingTo":"2030-01-01"}`)), fetch.BadFormat, "etc/passwd", 1},
		{"figures in Python", factsPath, nil, fetch.BadFormat, "companyfacts", 1},
		{"figures of another company", factsPath, text(`{"cik":7,"facts":{}}`), fetch.BadFormat, "about the company 7", 1},
		{"figures without facts", factsPath, text(`{"cik":1318605}`), fetch.BadFormat, "no facts", 1},
		{"a daily index for the list of tickers", tickersPath, nil, fetch.BadFormat, "company_tickers", 1},
		{"no such ticker", tickersPath, text(`{"0":{"cik_str":1,"ticker":"A","title":"A"}}`), fetch.NoSymbol, "TSLA", 1},
		{"a ticker of two companies", tickersPath, text(`{"0":{"cik_str":1,"ticker":"TSLA"},"1":{"cik_str":2,"ticker":"tsla"}}`), fetch.BadFormat, "2 companies", 1},
		{"a document that is blank", documentPath, text(" \n"), fetch.Empty, "a.htm", 1},
		{"a document in an outage", documentPath, status(500, ""), fetch.Unavailable, "a.htm", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRegister(t)
			g.paths[tickersPath] = text(tickers)
			g.paths[submissionsPath] = text(list("", listedFiling{"0000000001-22-000001", "2022-05-02", "2022-03-31", "2022-05-02T07:00:00.000Z", "10-Q", "", "a.htm"}))
			g.paths[documentPath] = text(quarterlyReport)
			g.paths[factsPath] = text(`{"cik":1318605,"facts":{}}`)
			switch {
			case tt.answer != nil:
				g.paths[tt.path] = tt.answer
			case tt.path == factsPath:
				g.paths[tt.path] = sharedFile(t, "data/odd/companyfacts_python_repr_not_json.json")
			default:
				g.paths[tt.path] = sharedFile(t, "data/filings/edgar/badform.idx.txt")
			}
			_, err := g.filings(t, "TSLA", "2022-01-01", "2022-12-31")
			if fetch.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v, want one of the kind %q that says %q", err, tt.kind, tt.says)
			}
			if n := g.count(tt.path); n != tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
			}
		})
	}
}

const documentPath = "/Archives/edgar/data/1318605/000000000122000001/a.htm"

func TestAgentIsNeeded(t *testing.T) {
	for agent, kind := range map[string]fetch.Kind{
		"": fetch.KeyMissing, "  ": fetch.KeyMissing, "finmem": fetch.KeyRefused, "a@b.c\r\nX-Evil: 1": fetch.KeyRefused, "Zoë z@example.org": fetch.KeyRefused,
	} {
		_, err := edgar.New(network(), agent, edgar.Options{})
		if fetch.KindOf(err) != kind || !strings.Contains(err.Error(), edgar.AgentVariable) {
			t.Errorf("New(%q) = %v, want kind %q and what to set", agent, err, kind)
		}
	}
}

func TestSymbols(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths["/submissions/CIK0001067983.json"] = text(`{"cik":1067983,"name":"B","filings":{"recent":{"accessionNumber":[],"filingDate":[],"form":[]}}}`)
	if got, err := g.filings(t, "BRK.B", "2022-01-01", "2022-12-31"); err != nil || got.Items == nil || len(got.Items) != 0 {
		t.Errorf("BRK.B: %v, %v; want an empty list", got, err)
	}
	asked := len(g.asked)
	if _, err := g.filings(t, "BTC-USD", "2022-01-01", "2022-12-31"); fetch.KindOf(err) != fetch.NoSymbol || len(g.asked) != asked {
		t.Errorf("BTC-USD: %v after %d requests, want none", err, len(g.asked)-asked)
	}
}

// A second fetch asks for nothing that cannot have changed, and redirects and
// packed answers are no matter.
func TestKeptAnswers(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}
	g.paths["/elsewhere"] = text(tickers)
	g.paths[submissionsPath] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, list("", listedFiling{"0000000001-22-000001", "2022-05-02", "2022-03-31", "2022-05-02T07:00:00.000Z", "10-Q", "", "a.htm"}))
		_ = z.Close()
	}
	g.paths[documentPath] = text(quarterlyReport)
	n := network()
	n.Cache = fetch.NewCache(t.TempDir())
	s := g.source(t, n)
	var before string
	for i := range 2 {
		got, err := s.Filings(t.Context(), "TSLA", data.NYSE(), fetch.Days("2022-01-01", "2022-12-31"))
		if err != nil || len(got.Items) != 1 {
			t.Fatalf("%d filings, %v", len(got.Items), err)
		}
		if i == 1 && got.Items[0].Text != before {
			t.Error("the kept answers give another text")
		}
		before = got.Items[0].Text
	}
	for _, path := range []string{tickersPath, submissionsPath, documentPath} {
		if c := g.count(path); c != 1 {
			t.Errorf("%s was asked for %d times, want once", path, c)
		}
	}
}

// Ten requests a second at most.
func TestRate(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths[factsPath] = text(`{"cik":1318605,"facts":{}}`)
	var filings []listedFiling
	for i := range 40 {
		name := fmt.Sprintf("a%d.htm", i)
		filings = append(filings, listedFiling{fmt.Sprintf("0000000001-22-%06d", i), "2022-05-02", "2022-03-31", fmt.Sprintf("2022-05-02T07:00:%02d.000Z", i), "8-K", "", name})
		g.paths[fmt.Sprintf("/Archives/edgar/data/1318605/0000000001220%05d/%s", i, name)] = text(currentReport)
	}
	g.paths[submissionsPath] = text(list("", filings...))
	n := network()
	start := n.Now()
	if got, err := g.source(t, n).Filings(t.Context(), "TSLA", data.NYSE(), fetch.Days("2022-01-01", "2022-12-31")); err != nil || len(got.News) != 40 {
		t.Fatalf("%d news, %v", len(got.News), err)
	}
	if took := n.Now().Sub(start); took < 8100*time.Millisecond {
		t.Errorf("82 requests took %v, want at least 8.1 s", took)
	}
}

// The items come out of the document whole, and nothing else does.
func TestItemsOfReports(t *testing.T) {
	g := newRegister(t)
	g.paths[tickersPath] = text(tickers)
	g.paths[submissionsPath] = text(list("",
		listedFiling{"0000000001-22-000001", "2022-05-02", "2022-03-31", "2022-05-02T07:00:00.000Z", "10-Q", "", "a.htm"},
		listedFiling{"0000000001-22-000002", "2022-06-02", "2022-03-31", "2022-06-02T07:00:00.000Z", "10-K", "", "b.htm"},
	))
	g.paths[documentPath] = text(quarterlyReport)
	g.paths["/Archives/edgar/data/1318605/000000000122000002/b.htm"] = text(annualReport)
	got, err := g.filings(t, "TSLA", "2022-05-01", "2022-06-30")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{quarterlyItems, annualItems} {
		if got.Items[i].Text != want {
			t.Errorf("%s: got\n%s\n\nwant\n%s", got.Items[i].Form, got.Items[i].Text, want)
		}
		if err := got.Items[i].Validate(); err != nil {
			t.Error(err)
		}
	}
}
