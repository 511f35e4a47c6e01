package edgar

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
	"finmem/data/markup"
	"finmem/internal/printable"
)

// A submission is one line of EDGAR's list of a company's filings.
type submission struct {
	Accession  string       // "0000950170-22-000796"
	Filed      data.Session // the official date of filing
	ReportDate string       // end of the period, ISO date, or ""
	stamp      time.Time    // the time of acceptance as EDGAR writes it; zero where it has none
	Form       string
	Items      string // of an 8-K: "2.02,9.01"
	Document   string // name of the main document
}

// String names it in messages.
func (f submission) String() string { return f.Form + " " + f.Accession }

// baseForm is the form without the mark of an amendment.
func baseForm(form string) (base string, amended bool) { return strings.CutSuffix(form, "/A") }

// form is the form under which the filing is kept: forms of 10-K and 10-Q for
// transition periods and small companies are forms of 10-K and 10-Q.
func (f submission) form() string {
	base, amended := baseForm(f.Form)
	switch base {
	case "10-K405", "10-KSB", "10-KT":
		base = "10-K"
	case "10-QSB", "10-QT":
		base = "10-Q"
	}
	if amended {
		base += "/A"
	}
	return base
}

// wanted reports whether the filing is of a form that is taken.
func (f submission) wanted() bool {
	base, _ := baseForm(f.form())
	return base == "10-K" || base == "10-Q" || base == "8-K"
}

// current reports whether the filing is a current report.
func (f submission) current() bool {
	base, _ := baseForm(f.Form)
	return base == "8-K"
}

// columns are EDGAR's list of filings: one list for each field, all of the same
// length.
type columns struct {
	AccessionNumber    []string `json:"accessionNumber"`
	FilingDate         []string `json:"filingDate"`
	ReportDate         []string `json:"reportDate"`
	AcceptanceDateTime []string `json:"acceptanceDateTime"`
	Form               []string `json:"form"`
	Items              []string `json:"items"`
	PrimaryDocument    []string `json:"primaryDocument"`
}

// An olderList names a file with older filings of the company.
type olderList struct {
	Name string       `json:"name"`
	From data.Session `json:"filingFrom"`
	To   data.Session `json:"filingTo"`
}

var (
	accession    = regexp.MustCompile(`^[0-9]{10}-[0-9]{2}-[0-9]{6}$`)
	olderName    = regexp.MustCompile(`^CIK[0-9]{10}-submissions-[0-9]{1,4}\.json$`)
	documentName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)
)

// rows turns columns into submissions.
func (c columns) rows() ([]submission, error) {
	n := len(c.AccessionNumber)
	for _, l := range []struct {
		name     string
		values   []string
		optional bool
	}{
		{"filingDate", c.FilingDate, false}, {"reportDate", c.ReportDate, true}, {"acceptanceDateTime", c.AcceptanceDateTime, true},
		{"form", c.Form, false}, {"items", c.Items, true}, {"primaryDocument", c.PrimaryDocument, true},
	} {
		if len(l.values) != n && (len(l.values) > 0 || !l.optional) {
			return nil, fmt.Errorf("%d accession numbers and %d of %s", n, len(l.values), l.name)
		}
	}
	at := func(values []string, i int) string {
		if len(values) == 0 {
			return ""
		}
		return strings.TrimSpace(values[i])
	}
	rows := make([]submission, n)
	for i := range rows {
		f := &rows[i]
		*f = submission{
			Accession: at(c.AccessionNumber, i), ReportDate: at(c.ReportDate, i),
			Form: strings.ToUpper(at(c.Form, i)), Items: at(c.Items, i), Document: at(c.PrimaryDocument, i),
		}
		if !accession.MatchString(f.Accession) {
			return nil, fmt.Errorf("accession number %.40q: want one such as 0000950170-22-000796", f.Accession)
		}
		var err error
		if f.Filed, err = data.ParseSession(at(c.FilingDate, i)); err != nil {
			return nil, fmt.Errorf("filing date of %s: %w", f.Accession, err)
		}
		if text := at(c.AcceptanceDateTime, i); text != "" {
			if f.stamp, err = time.Parse("2006-01-02T15:04:05Z07:00", text); err != nil {
				return nil, fmt.Errorf("acceptance time %.40q of %s: want one such as 2022-02-04T20:11:27.000Z", text, f.Accession)
			}
		}
		if f.ReportDate != "" {
			if _, err := data.ParseSession(f.ReportDate); err != nil {
				return nil, fmt.Errorf("report date of %s: %w", f.Accession, err)
			}
		}
	}
	return rows, nil
}

// A parsedSubmissions is the first answer about a company.
type parsedSubmissions struct {
	cik   cik
	name  string
	rows  []submission
	older []olderList
}

// parseSubmissions reads an answer of the submissions API.
func parseSubmissions(body []byte) (parsedSubmissions, error) {
	var answer struct {
		CIK     json.RawMessage `json:"cik"` // a number, or text with or without zeros before it
		Name    string          `json:"name"`
		Filings *struct {
			Recent columns     `json:"recent"`
			Files  []olderList `json:"files"`
		} `json:"filings"`
	}
	if err := fetch.DecodeJSON(body, &answer); err != nil {
		return parsedSubmissions{}, err
	}
	if answer.Filings == nil {
		return parsedSubmissions{}, fmt.Errorf("there is no list of filings in it")
	}
	number, err := strconv.ParseInt(strings.Trim(string(answer.CIK), `"`), 10, 64)
	if err != nil {
		return parsedSubmissions{}, fmt.Errorf("cik %.40s is no number", answer.CIK)
	}
	p := parsedSubmissions{cik: cik(number), name: printable.Line(markup.Text(answer.Name)), older: answer.Filings.Files}
	for _, o := range p.older {
		if !olderName.MatchString(o.Name) {
			return parsedSubmissions{}, fmt.Errorf("file of older filings %.60q: want a name such as CIK0001318605-submissions-001.json", o.Name)
		}
	}
	p.rows, err = answer.Filings.Recent.rows()
	return p, err
}

// keepLists is how long an answer that lists filings may serve again, if it was
// complete when it was given.
const keepLists = 24 * time.Hour

// weekLater is how many days after its acceptance a filing may be dated: a long
// weekend, and some. dayEarlier is how many days after its date one may seem to be
// accepted, going by a list in UTC that is read as New York's.
const (
	weekLater  = 7
	dayEarlier = 1
)

// submissions are the filings of a company that became known on the dates of the
// range, going by the list, and are of a form that is taken, oldest first, the name of the
// company and the clock of its list.
func (s *Source) submissions(ctx context.Context, company cik, calendar *data.Calendar, r fetch.Range) ([]submission, string, clock, error) {
	fail := func(err error) ([]submission, string, clock, error) { return nil, "", clock{}, err }
	from, to := r.Instants(calendar.Location())
	body := func(name string) (string, []byte, error) {
		address := s.data + "/submissions/" + name
		a, err := s.get(ctx, address, keepLists, to, nil)
		return address, a, err
	}
	address, first, err := body("CIK" + company.padded() + ".json")
	if err != nil {
		return fail(err)
	}
	p, err := parseSubmissions(first)
	if err == nil && p.cik != company {
		err = fmt.Errorf("it is about the company %d, not %d", p.cik, company)
	}
	if err != nil {
		return fail(s.unexpected(address, err))
	}
	rows := p.rows
	for _, o := range p.older {
		if o.To.AddDays(dayEarlier) < r.From || o.From > r.To.AddDays(weekLater) {
			continue
		}
		address, text, err := body(o.Name)
		if err != nil {
			return fail(err)
		}
		var c columns
		err = fetch.DecodeJSON(text, &c)
		var more []submission
		if err == nil {
			more, err = c.rows()
		}
		if err != nil {
			return fail(s.unexpected(address, err))
		}
		rows = append(rows, more...)
	}
	clock := clockOf(rows, s.eastern)
	seen := map[string]bool{}
	var wanted []submission
	for _, f := range rows {
		t, dateOnly, err := f.known(calendar, clock)
		switch {
		case err != nil: // it lies outside the calendar, which the caller will say
			t, _ = f.accepted(clock)
		case dateOnly:
			t = f.Filed.In(s.eastern)
		}
		if !f.wanted() || t.Before(from) || !t.Before(to) || seen[f.Accession] {
			continue
		}
		seen[f.Accession] = true
		wanted = append(wanted, f)
	}
	slices.SortStableFunc(wanted, func(a, b submission) int {
		return cmp.Or(a.stamp.Compare(b.stamp), strings.Compare(a.Accession, b.Accession))
	})
	return wanted, p.name, clock, nil
}
