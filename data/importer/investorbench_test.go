package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"finmem/data"
	"finmem/data/importer"
)

func importJSON(t *testing.T, content string) importer.Result {
	t.Helper()
	r, err := importer.InvestorBench(context.Background(), file(t, "jnj.json", []byte(content)), "JNJ", importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInvestorBench(t *testing.T) {
	r := importJSON(t, `{
		"2020-03-12": {"prices": 111.5, "news": ["Trial ends well. (Sentiment: positive)", "Recall."], "10k": [], "10q": ["quarter"]},
		"2020-03-13": {"prices": 112.5, "news": [], "10k": ["year"], "10q": []}
	}`)
	h := r.History
	if got, want := closes(h), "2020-03-12=111.5 2020-03-13=112.5"; got != want {
		t.Errorf("bars %s, want %s", got, want)
	}
	if got, want := newsTexts(h), []string{"Trial ends well.", "Recall."}; !slices.Equal(got, want) {
		t.Errorf("news %q, want %q", got, want)
	}
	if want := (data.Sentiment{Positive: 1, Compound: 1, Method: "label"}); h.News[0].Sentiment == nil || *h.News[0].Sentiment != want || h.News[1].Sentiment != nil {
		t.Errorf("sentiments %+v and %+v, want %+v and none", h.News[0].Sentiment, h.News[1].Sentiment, want)
	}
	if len(h.Filings) != 2 || h.Filings[0].Form != "10-Q" || h.Filings[1].Form != "10-K" || !h.Filings[1].DateOnly || data.SessionOf(h.Filings[1].Accepted) != "2020-03-13" {
		t.Errorf("filings %+v", h.Filings)
	}
	if r.Meta.Name != "jnj" || r.Meta.Calendar != "NYSE" || r.Meta.PriceKind != data.CloseOnly || r.Report.Format != "investorbench" || r.Report.Read != 6 || r.Report.Kept != 6 {
		t.Errorf("meta %+v, report %+v", r.Meta, r.Report)
	}
}

func TestInvestorBenchForms(t *testing.T) {
	const want = "2020-03-12=111.5"
	tests := []struct{ name, content string }{
		{"number", `{"2020-03-12": {"prices": 111.5, "news": ["a"]}}`},
		{"number as text", `{"2020-03-12": {"prices": "111.5", "news": ["a"]}}`},
		{"list of one", `{"2020-03-12": {"prices": [111.5], "news": ["a"]}}`},
		{"JSON in a text", `{"2020-03-12": {"prices": "[\"111.5\"]", "news": "[\"a\"]"}}`},
		{"date in a text", `{"2020-03-12": "{\"prices\": 111.5, \"news\": [\"a\"]}"}`},
		{"keyed by symbol", `{"2020-03-12": {"prices": {"JNJ": 111.5, "MSFT": 1}, "news": {"JNJ": ["a"], "MSFT": ["b"]}}}`},
		{"keyed by symbol in a text", `{"2020-03-12": {"prices": "{\"JNJ\": 111.5}", "news": "{\"JNJ\": \"a\"}"}}`},
		{"null filings", `{"2020-03-12": {"prices": 111.5, "news": ["a"], "10k": null, "10q": null}}`},
		{"one news text", `{"2020-03-12": {"prices": 111.5, "news": "a"}}`},
		{"stamp as a date", `{"2020-03-12 00:00:00": {"prices": 111.5, "news": ["a"]}}`},
		{"B19: byte-order mark", "\ufeff" + `{"2020-03-12": {"prices": 111.5, "news": ["a"]}}` + "\r\n"},
		{"names of FinMem", `{"2020-03-12": {"price": 111.5, "news": ["a"], "filing_q": {}, "filing_k": {}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, "x.json", []byte(tt.content))
			r, err := importer.InvestorBench(context.Background(), path, "JNJ", importer.EnvOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if closes(r.History) != want || !slices.Equal(newsTexts(r.History), []string{"a"}) || len(r.History.Filings) != 0 {
				t.Errorf("%s, news %q, filings %v", closes(r.History), newsTexts(r.History), r.History.Filings)
			}
		})
	}
}

// A text that only looks like JSON is a text.
func TestInvestorBenchTextsLikeJSON(t *testing.T) {
	r := importJSON(t, `{"2020-03-12": {"prices": 1.5, "news": "[Update] \"Buy\" says one", "10q": "{unfinished"}}`)
	if got, want := newsTexts(r.History), []string{`[Update] "Buy" says one`}; !slices.Equal(got, want) {
		t.Errorf("news %q, want %q", got, want)
	}
	if len(r.History.Filings) != 1 || r.History.Filings[0].Text != "{unfinished" {
		t.Errorf("filings %+v", r.History.Filings)
	}
}

// B03, B04: prices that are none, named with file and line; NaN as Python writes
// it does not spoil the file, and stays as it is inside texts.
func TestInvestorBenchBadPrices(t *testing.T) {
	r := importJSON(t, `{
"2020-03-12": {"prices": 100, "news": []},
"2020-03-13": {"prices": NaN, "news": ["NaN and -Infinity \"NaN\" stay"]},
"2020-03-16": {"prices": -Infinity},
"2020-03-17": {"prices": "N/A"},
"2020-03-18": {"prices": 0},
"2020-03-19": {"prices": {"JNJ": [1, 2]}},
"2020-03-20": {"prices": null},
"2020-03-23": {"prices": 110}
}`)
	if got, want := closes(r.History), "2020-03-12=100 2020-03-23=110"; got != want {
		t.Errorf("bars %s, want %s", got, want)
	}
	if got, want := newsTexts(r.History), []string{`NaN and -Infinity "NaN" stay`}; !slices.Equal(got, want) {
		t.Errorf("news %q, want %q", got, want)
	}
	want := []importer.Skip{
		{File: "jnj.json", Line: 3, Reason: `2020-03-13: price "NaN" stands for no value`},
		{File: "jnj.json", Line: 4, Reason: `2020-03-16: price "-Infinity" is not a number`},
		{File: "jnj.json", Line: 5, Reason: `2020-03-17: price "N/A" stands for no value`},
		{File: "jnj.json", Line: 6, Reason: "2020-03-18: price 0 is not above zero"},
		{File: "jnj.json", Line: 7, Reason: "2020-03-19: price is a list of 2 values, not one"},
	}
	if !slices.Equal(r.Report.Skipped, want) {
		t.Errorf("skipped %v, want %v", r.Report.Skipped, want)
	}
	if !slices.Contains(r.Report.Notes, "1 dates have no price of JNJ") {
		t.Errorf("notes %q", r.Report.Notes)
	}
}

func TestInvestorBenchTexts(t *testing.T) {
	r := importJSON(t, `{"2020-03-12": {"prices": 1.5, "news": ["a", "  ", null, "a", "\u0000b\ud800", 7, {"title": "x"}]}}`)
	if got, want := newsTexts(r.History), []string{"a", "a", "b\uFFFD"}; !slices.Equal(got, want) {
		t.Errorf("news %q, want %q", got, want)
	}
	if r.Report.Read != 8 || r.Report.Kept != 4 || len(r.Report.Skipped) != 4 {
		t.Errorf("read %d, kept %d, skipped %v", r.Report.Read, r.Report.Kept, r.Report.Skipped)
	}
	for _, want := range []string{"2 blank texts were dropped", "1 news repeat another of the same date; all are kept, and a day shows each once with its number of copies"} {
		if !slices.Contains(r.Report.Notes, want) {
			t.Errorf("notes %q lack %q", r.Report.Notes, want)
		}
	}
}

// A date that stands twice with the same content counts once and is reported.
func TestInvestorBenchRepeatedDate(t *testing.T) {
	r := importJSON(t, `{"2020-03-12": {"prices": 1.5, "news": ["a"]},
"2020-03-12":{"prices": 1.5, "news": ["a"]}}`)
	want := []importer.Skip{{File: "jnj.json", Line: 2, Reason: "2020-03-12: stands before with equal content"}}
	if closes(r.History) != "2020-03-12=1.5" || len(r.History.News) != 1 || !slices.Equal(r.Report.Skipped, want) {
		t.Errorf("%s, %d news, skipped %v", closes(r.History), len(r.History.News), r.Report.Skipped)
	}
}

func TestInvestorBenchErrors(t *testing.T) {
	tests := []struct{ name, symbol, content, want string }{
		{"B18: date twice, differently", "JNJ", "{\"2020-03-12\": {\"prices\": 1.5},\n\n\"2020-03-12\": {\"prices\": 1.6}}", "x.json: the date 2020-03-12 stands twice, at line 1 and line 3, with different content; keep one"},
		{"key twice in a date", "JNJ", "{\n\"2020-03-12\": {\"prices\": 1.5,\n\"prices\": 1.6}}", `x.json line 3: date 2020-03-12: the key "prices" stands twice in one dict`},
		{"symbol not there", "IBM", `{"2020-03-12": {"prices": {"JNJ": 1.5, "MSFT": 2}}}`, "x.json has no symbol IBM; it has JNJ, MSFT"},
		{"B14: path as a symbol", "../x", `{}`, `symbol "../x"`},
		{"B11: no dates", "JNJ", `{}`, "x.json holds no dates"},
		{"B11: nothing usable", "JNJ", `{"2020-03-12": {"news": ["a"]}}`, "x.json has no price of JNJ that can be used"},
		{"list", "JNJ", `[1]`, "x.json line 1: want a dict of dates"},
		{"empty file", "JNJ", ``, "x.json line 1: the document ends too early"},
		{"cut short", "JNJ", "{\"2020-03-12\": {\"prices\":\n 1.5", "x.json line 2: date 2020-03-12: "},
		{"two documents", "JNJ", `{"2020-03-12": {"prices": 1.5}} {}`, "something follows the end of the document"},
		{"no date", "JNJ", "{\n\"2024-02-30\": {}}", `x.json line 2: date "2024-02-30"`},
		{"date that is a list", "JNJ", `{"2020-03-12": [1.5]}`, "date 2020-03-12 is a list, want a dict"},
		{"both names", "JNJ", `{"2020-03-12": {"prices": 1.5, "price": 1.5}}`, `date 2020-03-12 has both "prices" and "price"`},
		{"too deep", "JNJ", `{"2020-03-12": {"prices": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`, "more than 16 deep"},
		{"number out of range", "JNJ", `{"2020-03-12": {"prices": 1e999}}`, `"1e999" is out of range`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := importer.InvestorBench(context.Background(), file(t, "x.json", []byte(tt.content)), tt.symbol, importer.EnvOptions{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// The calendar is found by the share of weekend prices, so that one stray
// Saturday does not turn a share into a coin.
func TestInvestorBenchCalendar(t *testing.T) {
	var share, coin strings.Builder
	for i, s := 0, data.Session("2024-01-01"); i < 60; i, s = i+1, s.AddDays(1) {
		sep := map[bool]string{true: "{", false: ","}[i == 0]
		coin.WriteString(sep + `"` + string(s) + `":{"prices":1.5}`)
		if weekday := i % 7; weekday < 5 || i == 5 { // 1 January 2024 was a Monday
			share.WriteString(sep + `"` + string(s) + `":{"prices":1.5}`)
		}
	}
	if got := importJSON(t, coin.String()+"}").Meta.Calendar; got != "24/7" {
		t.Errorf("every day of 60: calendar %q, want 24/7", got)
	}
	r := importJSON(t, share.String()+"}")
	const want = "4 prices fall on dates that are no session of the NYSE calendar and will not be traded on: 2024-01-01, 2024-01-06, 2024-01-15, 2024-02-19"
	if r.Meta.Calendar != "NYSE" || !slices.Contains(r.Report.Notes, want) {
		t.Errorf("one Saturday in 45: calendar %q, notes %q; want NYSE and %q", r.Meta.Calendar, r.Report.Notes, want)
	}
}

func FuzzInvestorBench(f *testing.F) {
	for _, seed := range []string{
		`{"2020-03-12": {"prices": 111.5, "news": ["a. (Sentiment: positive)"], "10k": [], "10q": ["q"]}}`,
		`{"2020-03-12": "{\"prices\": \"[1.5]\"}", "2020-03-13": {"prices": {"JNJ": "2"}, "news": "[\"x\"]"}}`,
		`{"2020-03-12": {"prices": NaN}, "2020-03-12": {"prices": -Infinity}}`,
		"\ufeff{}\r\n",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "x.json")
	opts := importer.EnvOptions{Calendar: data.Always()}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := importer.InvestorBench(context.Background(), path, "JNJ", opts)
		checkImport(t, r, err)
	})
}
