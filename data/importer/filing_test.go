package importer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"finmem/data"
	"finmem/data/importer"
	"finmem/internal/shared"
)

func date(text string) time.Time { return data.Session(text).In(time.UTC) }

// The counts of the README of the shared data, by symbol and form.
func TestFilingsOfRealFiles(t *testing.T) {
	for _, tt := range []struct {
		file, format string
		counts       map[string]string // symbol: "10-K 10-Q"
		dateOnly     bool
	}{
		{"mdna_10k_10q_2023_2025_AMZN_MSFT_NFLX_TSLA.jsonl", "jsonl", map[string]string{"AMZN": "3 6", "MSFT": "2 7", "NFLX": "3 7", "TSLA": "3 7"}, true},
		{"mdna_10k_10q_2024_2026_five_tickers.parquet", "parquet", map[string]string{"AMZN": "2 4", "COIN": "2 4", "MSFT": "2 5", "NFLX": "2 4", "TSLA": "2 4"}, false},
		{"summaries_10k_10q_2024_2026_five_tickers.parquet", "parquet", map[string]string{"AMZN": "2 4", "COIN": "2 4", "MSFT": "2 5", "NFLX": "2 4", "TSLA": "2 4"}, false},
		{"summaries_10k_10q_seeds.json", "json", map[string]string{"AMZN": "1 1", "COIN": "1 1", "MSFT": "1 1", "NFLX": "1 1", "TSLA": "1 1"}, true},
	} {
		path := shared.Path(t, "data/filings", tt.file)
		for symbol, want := range tt.counts {
			r, err := importer.Filings(t.Context(), path, symbol, importer.FilingOptions{})
			if err != nil {
				t.Fatal(err)
			}
			annual, quarterly := 0, 0
			for _, f := range r.History.Filings {
				if f.Annual() {
					annual++
				}
				if f.Quarterly() {
					quarterly++
				}
				if f.DateOnly != tt.dateOnly {
					t.Errorf("%s: date only is %v", tt.file, f.DateOnly)
				}
			}
			if got := fmt.Sprint(annual, quarterly); got != want || r.Report.Format != tt.format || len(r.Report.Skipped) > 0 {
				t.Errorf("%s: %s has %q in %s, want %q in %s; skipped %v", tt.file, symbol, got, r.Report.Format, want, tt.format, r.Report.Skipped)
			}
		}
	}
}

// TSLA's 10-K for 2025 was accepted at 20:55 in New York on 2026-01-28, which is
// the next day in UTC; it is seen on the 29th.
func TestFilingsOfPipelineAreSeenAfterAcceptance(t *testing.T) {
	r, err := importer.Filings(t.Context(), shared.Path(t, "data/filings/mdna_10k_10q_2024_2026_five_tickers.parquet"), "tsla", importer.FilingOptions{})
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.NewFeed(data.NYSE(), r.History, data.FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for session, n := range map[data.Session]int{"2026-01-28": 0, "2026-01-29": 1, "2026-01-30": 0} {
		day, err := feed.Day(session)
		if err != nil || len(day.Filings) != n {
			t.Errorf("session %s shows %d filings, %v; want %d", session, len(day.Filings), err, n)
		}
	}
}

func TestFilingTables(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		filings []data.Filing
		skipped []string
		notes   []string
		err     string
	}
	for _, tt := range []struct {
		name, file, content string
		opts                importer.FilingOptions
		want                want
	}{
		{
			"dates, other symbols, a copy, what cannot be used", "a.jsonl",
			`{"date":"2023-01-26","ticker":"NFLX","form":"10-K","text":"Item 7.\u0000 Growth"}
{"date":"2023-01-26","ticker":"nflx","form":"10k","text":"Item 7. Growth"}
{"date":"2023-02-30","ticker":"NFLX","form":"10-K","text":"x"}
{"date":"2023-02-20","ticker":"NFLX","form":"10-K","text":" "}
{"date":"2023-02-20","ticker":"NFLX","form":"","text":"x"}
{"date":"2023-02-20","ticker":"../x","form":"10-K","text":"x"}
{"date":"2023-02-20","ticker":"MSFT","form":"10-K","text":"x"}`,
			importer.FilingOptions{},
			want{
				filings: []data.Filing{{Accepted: date("2023-01-26"), DateOnly: true, Form: "10-K", Text: "Item 7. Growth"}},
				skipped: []string{"line 2: stands before", "line 3: time \"2023-02-30\"", "line 4: blank", "line 5: form", "line 6:"},
				notes:   []string{"1 filings have a date and no time", "1 rows are of other symbols: MSFT"},
			},
		},
		{
			"B09: the period decides nothing", "a.csv",
			"form,period_of_report,accepted,content,cik\n10-Q,2024-03-31,2024-05-10T17:01:02-04:00,\"<p>Net &amp; gross</p>\",1\n",
			importer.FilingOptions{},
			want{
				filings: []data.Filing{{Accepted: time.Date(2024, 5, 10, 21, 1, 2, 0, time.UTC), Form: "10-Q", Period: "2024-03-31", Text: "Net & gross"}},
				notes:   []string{"1 rows name no symbol", "columns not read: cik"},
			},
		},
		{
			"the clock of EDGAR", "a.json",
			`[{"acceptanceDateTime":"2022-02-04T20:11:27.000Z","form":"10-K","reportDate":"2021-12-31","text":"x"}]`,
			importer.FilingOptions{},
			want{filings: []data.Filing{{Accepted: time.Date(2022, 2, 5, 1, 11, 27, 0, time.UTC), Form: "10-K", Period: "2021-12-31", Text: "x"}}},
		},
		{
			"times of UTC and New York", "a.jsonl",
			`{"utc_timestamp":"2026-04-23 01:43:00","est_timestamp":"2026-04-22 21:43:00","type":"10-Q","content":"x"}
{"utc_timestamp":"2026-04-23 01:43:00","est_timestamp":"2026-04-22 22:43:00","type":"10-Q","content":"y"}
{"utc_timestamp":"2026-04-23 04:00:00","est_timestamp":"2026-04-23 00:00:00","type":"10-Q","content":"z"}`,
			importer.FilingOptions{},
			want{
				filings: []data.Filing{
					{Accepted: time.Date(2026, 4, 23, 1, 43, 0, 0, time.UTC), Form: "10-Q", Text: "x"},
					{Accepted: time.Date(2026, 4, 23, 2, 43, 0, 0, time.UTC), Form: "10-Q", Text: "y"},
					{Accepted: time.Date(2026, 4, 23, 4, 0, 0, 0, time.UTC), Form: "10-Q", Text: "z"},
				},
				notes: []string{"row 2 has two times of acceptance, 2026-04-23T01:43:00Z and 2026-04-23T02:43:00Z; the later counts"},
			},
		},
		{"no zone", "a.jsonl", `{"date":"2023-01-26 16:30:00","form":"10-K","text":"x"}`, importer.FilingOptions{}, want{err: "has no zone"}},
		{
			"a zone that is said, and a form", "a.jsonl", `{"date":"2023-01-26 16:30:00","text":"x"}`, importer.FilingOptions{Zone: newYork, Form: "10-q"},
			want{filings: []data.Filing{{Accepted: time.Date(2023, 1, 26, 21, 30, 0, 0, time.UTC), Form: "10-Q", Text: "x"}}},
		},
		{"a summary where there is no content", "a.jsonl", `{"date":"2023-01-26","form":"10-K","summary":"s","content":""}`, importer.FilingOptions{}, want{
			filings: []data.Filing{{Accepted: date("2023-01-26"), DateOnly: true, Form: "10-K", Text: "s"}},
		}},
		{"no text", "a.jsonl", `{"date":"2023-01-26","form":"10-K"}`, importer.FilingOptions{}, want{err: "no field is known to hold the text"}},
		{"no form and no time", "a.csv", "text,who\nx,y\n", importer.FilingOptions{}, want{err: "the time (accepted, utc_timestamp, est_timestamp, date), the form"}},
		{"of others only", "a.jsonl", `{"date":"2023-01-26","ticker":"MSFT","form":"10-K","text":"x"}`, importer.FilingOptions{}, want{err: "no filings of NFLX; it has MSFT"}},
		{"none that can be used", "a.jsonl", `{"date":"soon","form":"10-K","text":"x"}`, importer.FilingOptions{}, want{err: "none of 1 filings of NFLX can be used"}},
		{"cut", "a.jsonl", `{"date":"2023-01-26","form":"10-K","text":"x`, importer.FilingOptions{}, want{err: "cut"}},
		{"empty", "a.jsonl", "", importer.FilingOptions{}, want{err: "empty"}},
		{"a Parquet file that is none", "a.parquet", "PAR1 and no more", importer.FilingOptions{}, want{err: "PAR1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := importer.Filings(t.Context(), path, "NFLX", tt.opts)
			if tt.want.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want.err) || !strings.Contains(err.Error(), tt.file) {
					t.Fatalf("error %v, want %q and the file", err, tt.want.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(r.History.Filings) != fmt.Sprint(tt.want.filings) {
				t.Errorf("filings %v, want %v", r.History.Filings, tt.want.filings)
			}
			if len(r.Report.Skipped) != len(tt.want.skipped) || r.Report.Read != r.Report.Kept+len(r.Report.Skipped) {
				t.Fatalf("read %d, kept %d, skipped %v; want %v", r.Report.Read, r.Report.Kept, r.Report.Skipped, tt.want.skipped)
			}
			for i, want := range tt.want.skipped {
				if got := r.Report.Skipped[i].String(); !strings.Contains(got, want) {
					t.Errorf("skipped %q, want %q", got, want)
				}
			}
			for _, want := range tt.want.notes {
				if !strings.Contains(strings.Join(r.Report.Notes, "\n"), want) {
					t.Errorf("notes %q, want %q", r.Report.Notes, want)
				}
			}
			if err := r.History.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFilingDocuments(t *testing.T) {
	report := "<html><body><h2>Item 1A. Risk Factors</h2><p>Floods may delay our production.</p><h2>Item 1B. Unresolved Staff Comments</h2><p>None</p></body></html>"
	accepted := importer.FilingOptions{Form: "10-K", Accepted: date("2023-02-01"), DateOnly: true}
	with := func(change func(*importer.FilingOptions)) importer.FilingOptions {
		o := accepted
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name, file, content string
		opts                importer.FilingOptions
		text, note, err     string
	}{
		{"items of HTML", "a.htm", report, accepted, "Item 1A. Risk Factors\n\nFloods may delay our production.", "Item 7, Item 7A not found", ""},
		{"the whole of it", "a.htm", report, with(func(o *importer.FilingOptions) { o.Whole = true }), "Item 1A. Risk Factors\n\nFloods may delay our production.\n\nItem 1B. Unresolved Staff Comments\n\nNone", "", ""},
		{"Markdown", "a.md", "## **Item 7A.** Market Risk\n\nRates of interest matter to us.\n", accepted, "Item 7A. Market Risk\n\nRates of interest matter to us.", "Item 1A, Item 7 not found", ""},
		{"another form", "a.txt", "Plain\n  text", with(func(o *importer.FilingOptions) { o.Form = "8-k" }), "Plain\n  text", "", ""},
		{"Windows-1252", "a.txt", "the company\x92s \xa710", with(func(o *importer.FilingOptions) { o.Form = "DEF 14A" }), "the company’s §10", "", ""},
		{"no form", "a.htm", report, importer.FilingOptions{}, "", "", importer.ErrFilingForm.Error()},
		{"no date", "a.txt", "x", importer.FilingOptions{Form: "10-K"}, "", "", importer.ErrFilingForm.Error()},
		{"PDF", "a.pdf", "%PDF-1.7", accepted, "", "", "is a PDF"},
		{"UTF-16", "a.txt", "\xff\xfea\x00", accepted, "", "", "UTF-16"},
		{"not a text", "a.txt", "a\x00b", accepted, "", "", "byte 1 is 0"},
		{"blank", "a.htm", "<html></html>", accepted, "", "", "no text"},
		{"a page number and nothing else", "a.txt", "12", accepted, "", "", "no text"},
		{"a period that is none", "a.txt", "x", with(func(o *importer.FilingOptions) { o.Period = "2022" }), "", "", "period"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := importer.Filings(t.Context(), path, "TSLA", tt.opts)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), tt.file) {
					t.Fatalf("error %v, want %q and the file", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(r.History.Filings) != 1 || r.History.Filings[0].Text != tt.text {
				t.Errorf("got %v, want %q", r.History.Filings, tt.text)
			}
			if note := strings.Join(r.Report.Notes, "\n"); !strings.Contains(note, tt.note) {
				t.Errorf("notes %q, want %q", note, tt.note)
			}
		})
	}
	if _, err := importer.Filings(t.Context(), filepath.Join(t.TempDir(), "nowhere.txt"), "TSLA", accepted); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := importer.Filings(t.Context(), "x", "../x", accepted); err == nil {
		t.Error("a symbol that is a path was taken")
	}
}

func TestFilingsOfRealDocuments(t *testing.T) {
	for file, want := range map[string][]string{
		"Apple.10-K.md":           {"Item 1A. Risk Factors", "Item 7. Management’s Discussion", "Item 7A. Quantitative"},
		"Apple.8-K.md":            {"8-K"},
		"1800Flowers.8-K.html":    {"1-800-FLOWERS.COM"},
		"Oracle.8-K.html":         {"Oracle Corporation"},
		"../edgar/empty-form.idx": {"Master Index"},
	} {
		form := "8-K"
		if strings.Contains(file, "10-K") {
			form = "10-K"
		}
		r, err := importer.Filings(t.Context(), shared.Path(t, "data/filings/text", file), "AAPL", importer.FilingOptions{Form: form, Accepted: date("2024-11-01"), DateOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if len(r.History.Filings) != 1 || !strings.Contains(r.History.Filings[0].Text, text) {
				t.Errorf("%s: no %q", file, text)
			}
		}
	}
}

func FuzzFilings(f *testing.F) {
	for _, s := range []string{
		`{"date":"2023-01-26","ticker":"X","form":"10-K","text":"Item 7"}`,
		`[{"acceptanceDateTime":"2022-02-04T20:11:27.000Z","type":"10-Q","content":"<p>a","reportDate":"2021-12-31"}]`,
		"form,utc_timestamp,est_timestamp,content\n10-K,2026-04-23 01:43:00,2026-04-22 21:43:00,x\n",
		"PAR1", `{"date":1709940600,"form":"8-K","summary":["a"],"text":{"name":"b"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(t.TempDir(), "filings.x")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, opts := range []importer.FilingOptions{{Zone: time.UTC}, {Form: "10-K", Accepted: date("2023-02-01"), DateOnly: true}} {
			r, err := importer.Filings(t.Context(), path, "X", opts)
			if err != nil {
				if !strings.Contains(err.Error(), "filings.x") {
					t.Errorf("error without the file: %v", err)
				}
				continue
			}
			if err := r.History.Validate(); err != nil {
				t.Error(err)
			}
			if r.Report.Read != r.Report.Kept+len(r.Report.Skipped) || r.Report.Kept == 0 {
				t.Errorf("read %d, kept %d, skipped %d", r.Report.Read, r.Report.Kept, len(r.Report.Skipped))
			}
		}
	})
}
