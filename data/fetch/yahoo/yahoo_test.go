package yahoo_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/fetch/fetchtest"
	"finmem/data/fetch/yahoo"
)

const lateEnough = "2025-02-21T12:00:00-05:00"

func fetchFrom(t *testing.T, handler http.HandlerFunc, symbol string, calendar *data.Calendar, r fetch.Range) (fetch.Prices, *fetchtest.Server, error) {
	t.Helper()
	s := fetchtest.Serve(t, handler)
	p, err := yahoo.New(fetchtest.NewClock(t, lateEnough).Network(), s.URL).Prices(t.Context(), symbol, calendar, r)
	return p, s, err
}

func TestPricesOfASplitDay(t *testing.T) {
	body := fetchtest.Yahoo(t, "chart-AAPL-2020-08-31-to-2020-11-07.json")
	p, s, err := fetchFrom(t, fetchtest.Status(200, body), "AAPL", data.NYSE(), fetch.Days("2020-08-31", "2020-11-06"))
	if err != nil {
		t.Fatal(err)
	}
	q := s.Requests()[0].URL
	if q.Path != "/v8/finance/chart/AAPL" || q.Query().Get("period1") != "1598846400" || q.Query().Get("period2") != "1604725200" {
		t.Errorf("asked %s; want AAPL from midnight of 2020-08-31 to that of 2020-11-07 in New York", q)
	}
	if ua := s.Requests()[0].UserAgent(); !strings.Contains(ua, "finmem") {
		t.Errorf("user agent %q", ua)
	}
	if len(p.Bars) != 49 || p.Bars[0].Session != "2020-08-31" || p.Bars[48].Session != "2020-11-06" {
		t.Fatalf("%d bars, want 49 from 2020-08-31 to 2020-11-06", len(p.Bars))
	}
	if c := p.Bars[0].Close; c != 129.04 {
		t.Errorf("close %v, want 129.04, which Yahoo sends as 129.0399932861328", c)
	}
	want := []data.Action{{Session: "2020-08-31", Split: 4}, {Session: "2020-11-06", Dividend: 0.205}}
	if fmt.Sprint(p.Actions) != fmt.Sprint(want) {
		t.Errorf("actions %v, want %v", p.Actions, want)
	}
}

func TestPricesOfDividends(t *testing.T) {
	body := fetchtest.Yahoo(t, "historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.json")
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "MSFT", data.NYSE(), fetch.Days("2021-02-01", "2022-01-31"))
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Action{
		{Session: "2021-02-17", Dividend: 0.56}, {Session: "2021-05-19", Dividend: 0.56},
		{Session: "2021-08-18", Dividend: 0.56}, {Session: "2021-11-17", Dividend: 0.62},
	}
	if fmt.Sprint(p.Actions) != fmt.Sprint(want) || len(p.Bars) != 252 {
		t.Errorf("%d bars, actions %v; want 252 and %v", len(p.Bars), p.Actions, want)
	}
	if b := p.Bars[0]; !(b.AdjClose < b.Close) {
		t.Errorf("adjusted close %v of %s is not below the close %v", b.AdjClose, b.Session, b.Close)
	}
}

func TestPricesOfTheWholeHistoryOfTSLA(t *testing.T) {
	body := fetchtest.Yahoo(t, "historical-via-chart-dividends-TSLA-no-dividends.json")
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "TSLA", data.NYSE(), fetch.Days("2021-08-17", "2023-04-10"))
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := data.NYSE().Range("2021-08-17", "2023-04-10")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Bars) != len(sessions) || len(p.Skipped) != 0 {
		t.Errorf("%d bars, want one for each of %d sessions; skipped %v", len(p.Bars), len(sessions), p.Skipped)
	}
}

func TestPricesOfAPairAreByUTCDate(t *testing.T) {
	body := fetchtest.Yahoo(t, "chart-BTC-USD-2020-01-01-to-2020-01-03.json")
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "BTC-USD", data.Always(), fetch.Days("2020-01-01", "2020-01-02"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Bars) != 2 || p.Bars[0].Session != "2020-01-01" {
		t.Errorf("bars %v", p.Bars)
	}
}

func TestWhatIsRefused(t *testing.T) {
	january := fetch.Days("2020-01-01", "2020-01-03")
	for _, c := range []struct {
		name, symbol, body string
		status             int
		kind               fetch.Kind
		want               string
	}{
		{"prices in pence from London", "OCDO.L", strings.Replace(fetchtest.Yahoo(t, "chart-OCDO.L-2020-01-01-to-2020-01-03.json"), "OCDO.L", "OCDO-L", 1), 200, fetch.Refused, "Europe/London and in GBp"},
		{"prices without dates", "AAPL", fetchtest.Yahoo(t, "chart-notimestamp-quotes-length.fake.json"), 200, fetch.BadFormat, "1 prices and no dates"},
		{"B11: an empty answer", "AAPL", strings.Replace(fetchtest.Yahoo(t, "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json"), `"1m"`, `"1d"`, 1), 200, fetch.Empty, "no prices for AAPL in [2020-01-01, 2020-01-03]"},
		{"bars of a minute", "AAPL", fetchtest.Yahoo(t, "chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json"), 200, fetch.BadFormat, "1m"},
		{"another symbol", "MSFT", fetchtest.Yahoo(t, "chart-AAPL-2020-01-01-to-2020-01-03.json"), 200, fetch.BadFormat, `asked for MSFT, and "AAPL" came`},
		{"unknown symbol", "XXXX", `{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}`, 404, fetch.NoSymbol, "delisted"},
		{"unknown symbol in a 200", "XXXX", `{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}`, 200, fetch.NoSymbol, "No data found"},
		{"no data for the range", "AAPL", `{"chart":{"result":null,"error":{"code":"Bad Request","description":"Data doesn't exist for startDate = 1"}}}`, 400, fetch.Empty, "Data doesn't exist"},
		{"limit", "AAPL", "Too Many Requests", 429, fetch.RateLimited, "after 4 calls"},
		{"no key that could be wrong", "AAPL", "Unauthorized", 401, fetch.Refused, "Unauthorized"},
		{"a web page", "AAPL", "<!DOCTYPE html><html>consent", 200, fetch.BadFormat, "web page"},
		{"half an answer", "AAPL", `{"chart":{"result":[{"meta"`, 200, fetch.Cut, "ends in the middle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := fetchFrom(t, fetchtest.Status(c.status, c.body), c.symbol, data.NYSE(), january)
			if fetch.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want kind %q and %q", err, c.kind, c.want)
			}
		})
	}
}

// chart makes an answer of rows by New York opening times.
func chart(t *testing.T, symbol string, rows ...string) string {
	t.Helper()
	var stamps, closes, adjusted []string
	for _, row := range rows {
		day, price, _ := strings.Cut(row, " ")
		at, err := time.ParseInLocation("2006-01-02T15:04", day+"T09:30", data.NYSE().Location())
		if err != nil {
			t.Fatal(err)
		}
		stamps, closes, adjusted = append(stamps, fmt.Sprint(at.Unix())), append(closes, price), append(adjusted, price)
	}
	list := func(l []string) string { return "[" + strings.Join(l, ",") + "]" }
	return fmt.Sprintf(`{"chart":{"result":[{"meta":{"currency":"USD","symbol":%q,"exchangeTimezoneName":"America/New_York","dataGranularity":"1d"},
"timestamp":%s,"indicators":{"quote":[{"open":%[3]s,"high":%[3]s,"low":%[3]s,"close":%[3]s,"volume":%[3]s}],"adjclose":[{"adjclose":%[4]s}]}}],"error":null}}`,
		symbol, list(stamps), list(closes), list(adjusted))
}

// B18, B20: rows of null, out of order and twice.
func TestOddRows(t *testing.T) {
	body := chart(t, "AAPL", "2024-03-08 110", "2024-03-06 null", "2024-03-07 100", "2024-03-08 111", "2024-03-05 0", "2024-03-07 100")
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "AAPL", data.NYSE(), fetch.Days("2024-03-04", "2024-03-08"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Bars) != 2 || p.Bars[0].Close != 100 || p.Bars[1].Close != 110 || p.Read != 6 {
		t.Errorf("%d read, bars %v; want 6, and 100 and 110", p.Read, p.Bars)
	}
	want := "[2024-03-06: the row has no close 2024-03-05: the row has no close 2024-03-08: a second row with a close of 111; that of the first, 110, was kept]"
	if got := fmt.Sprint(p.Skipped); got != want {
		t.Errorf("skipped %s, want %s", got, want)
	}
}

// B10: today's bar is not in the range that is asked for, and not taken if it
// comes all the same.
func TestTheBarOfTodayIsPassedOver(t *testing.T) {
	body := chart(t, "AAPL", "2024-03-08 110", "2024-03-11 101")
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "AAPL", data.NYSE(), fetch.Days("2024-03-08", "2024-03-08"))
	if err != nil || len(p.Bars) != 1 {
		t.Errorf("bars %v, %v; want that of 2024-03-08 alone", p.Bars, err)
	}
}

// B13: class shares.
func TestTicker(t *testing.T) {
	for symbol, want := range map[string]string{"BRK.B": "BRK-B", "TSLA": "TSLA", "BTC-USD": "BTC-USD"} {
		if got := yahoo.Ticker(symbol); got != want {
			t.Errorf("Ticker(%s) = %s, want %s", symbol, got, want)
		}
	}
	body := chart(t, "BRK-B", "2024-03-08 400")
	_, s, err := fetchFrom(t, fetchtest.Status(200, body), "BRK.B", data.NYSE(), fetch.Days("2024-03-08", "2024-03-08"))
	if err != nil || s.Requests()[0].URL.Path != "/v8/finance/chart/BRK-B" {
		t.Errorf("%v, asked %s", err, s.Requests()[0].URL)
	}
}

func TestMissingVolumeIsNotZero(t *testing.T) {
	body := strings.Replace(chart(t, "AAPL", "2024-03-08 110"), `"volume":[110]`, `"volume":[null]`, 1)
	p, _, err := fetchFrom(t, fetchtest.Status(200, body), "AAPL", data.NYSE(), fetch.Days("2024-03-08", "2024-03-08"))
	if err != nil || !math.IsNaN(p.Bars[0].Volume) {
		t.Errorf("bars %v, %v; want no volume", p.Bars, err)
	}
}
