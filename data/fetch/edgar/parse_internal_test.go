package edgar

import (
	"strings"
	"testing"
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
