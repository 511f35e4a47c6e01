package edgar

import (
	"os"
	"strings"
	"testing"
	"time"

	"finmem/internal/shared"
)

func FuzzParseSubmissions(f *testing.F) {
	f.Add([]byte(`{"cik":"1318605","name":"T","filings":{"recent":{"accessionNumber":["0000950170-22-000796"],"filingDate":["2022-02-07"],"reportDate":["2021-12-31"],"acceptanceDateTime":["2022-02-04T20:11:27.000Z"],"form":["10-K"],"items":[""],"primaryDocument":["a.htm"]},"files":[{"name":"CIK0001318605-submissions-001.json","filingFrom":"2005-02-17","filingTo":"2013-12-10"}]}}`))
	f.Add([]byte(`{"cik":1,"filings":{"recent":{"accessionNumber":[]}}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parseSubmissions(body)
		if err != nil {
			return
		}
		for _, s := range p.rows {
			if !accession.MatchString(s.Accession) || s.Filed == "" {
				t.Errorf("row %+v passed", s)
			}
			_ = s.title(p.name)
		}
		for _, o := range p.older {
			if strings.ContainsAny(o.Name, "/\\") {
				t.Errorf("file %q passed", o.Name)
			}
		}
	})
}

func TestParseHeader(t *testing.T) {
	page, err := os.ReadFile(shared.Path(t, "data/filings/edgar/index-headers.html"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := parseHeader(page)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2024, 6, 3, 16, 8, 21, 0, time.UTC); !h.stamp.Equal(want) {
		t.Errorf("accepted %v, want %v", h.stamp, want)
	}
	if len(h.documents) != 12 || h.documents[0] != (listedDocument{"8-K", "choice8k_060324.htm"}) {
		t.Errorf("documents %v, want 12, the first of them the 8-K", h.documents)
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte("<ACCEPTANCE-DATETIME>20240603160821\n&lt;TYPE&gt;EX-99.1\n&lt;SEQUENCE&gt;2\n&lt;FILENAME&gt;a.htm\n"))
	f.Add([]byte("&lt;ACCEPTANCE-DATETIME&gt;20240603160821"))
	f.Fuzz(func(t *testing.T, page []byte) {
		h, err := parseHeader(page)
		if (err == nil) == h.stamp.IsZero() || len(h.documents) > maxDocuments {
			t.Errorf("%v, %v", h, err)
		}
		_ = h.announcements()
	})
}

func FuzzParseFacts(f *testing.F) {
	f.Add([]byte(`{"cik":1,"facts":{"us-gaap":{"Revenues":{"units":{"USD":[{"start":"2021-01-01","end":"2021-12-31","val":1.5e9,"accn":"0000950170-22-000796","filed":"2022-02-07"}]}},"Assets":{"units":{"USD":[{"end":"2021-12-31","val":-1,"accn":"0000950170-22-000796","filed":"2022-02-07"}]}}}}}`))
	f.Add([]byte(`{'cik': 1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		known, err := parseFacts(body)
		if err != nil {
			return
		}
		table := known.table(submission{Accession: "0000950170-22-000796", Filed: "2022-02-07", ReportDate: "2021-12-31", Form: "10-K"})
		if strings.Contains(table, "NaN") || strings.Contains(table, "Inf") {
			t.Errorf("table %q", table)
		}
	})
}

func FuzzEventText(f *testing.F) {
	f.Add("FORM 8-K\nItem 2.02 Results\ntext\n12\nSIGNATURES\nx")
	f.Fuzz(func(t *testing.T, text string) {
		if got := eventText(text); len(got) > len(text) {
			t.Errorf("eventText(%q) = %q", text, got)
		}
	})
}

func TestEventText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"today's form", "FORM 8-K\nItem 8.01 Other Events\nA factory opens.\nSIGNATURES\nx", "Item 8.01 Other Events\nA factory opens."},
		{"the form before 2004", "FORM 8-K\nITEM 5. OTHER EVENTS\nA factory opens.\n2\nSignature\nx", "ITEM 5. OTHER EVENTS\nA factory opens."},
		{"without items", "FORM 8-K/A\nA factory opens.", "FORM 8-K/A\nA factory opens."},
	} {
		if got := eventText(tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	for items, want := range map[string]string{
		"2.02,9.01": "T, 8-K: Results of operations and financial condition",
		"9.01":      "T, 8-K: Financial statements and exhibits",
		"5,7":       "T, 8-K: Item 5; Item 7",
		"":          "T, 8-K",
	} {
		if got := (submission{Form: "8-K", Items: items}).title("T"); got != want {
			t.Errorf("title of items %q = %q, want %q", items, got, want)
		}
	}
}
