package edgar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/fetch"
)

// facts are the figures of a company, each as often as it was filed.
type facts struct {
	cik      cik
	concepts map[string]concept
}

// A concept is a kind of figure, by its unit.
type concept struct {
	Units map[string][]fact `json:"units"`
}

// A fact is one figure in one filing. A later filing repeats it, for comparison,
// and may state it anew: what counts is when it was filed, not the period.
type fact struct {
	Start     data.Session `json:"start"` // "" where it is of an instant
	End       data.Session `json:"end"`
	Value     json.Number  `json:"val"`
	Accession string       `json:"accn"`
	Filed     data.Session `json:"filed"`
}

// parseFacts reads an answer of the companyfacts API.
func parseFacts(body []byte) (*facts, error) {
	var answer struct {
		CIK   json.Number                   `json:"cik"`
		Facts map[string]map[string]concept `json:"facts"`
	}
	if err := fetch.DecodeJSON(body, &answer); err != nil {
		return nil, err
	}
	number, err := answer.CIK.Int64()
	if err != nil {
		return nil, fmt.Errorf("cik %.40q is no number", answer.CIK)
	}
	if answer.Facts == nil {
		return nil, errors.New("there are no facts in it")
	}
	return &facts{cik: cik(number), concepts: answer.Facts["us-gaap"]}, nil
}

// facts fetches the figures of a company. It has none where EDGAR knows none.
func (s *Source) facts(ctx context.Context, company cik, calendar *data.Calendar, r fetch.Range) (*facts, error) {
	address := s.data + "/api/xbrl/companyfacts/CIK" + company.padded() + ".json"
	_, until := r.Instants(calendar.Location())
	body, err := s.get(ctx, address, keepLists, until, nil)
	var e *fetch.Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return &facts{cik: company}, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := parseFacts(body)
	if err == nil && known.cik != company {
		err = fmt.Errorf("it is about the company %d, not %d", known.cik, company)
	}
	if err != nil {
		return nil, s.unexpected(address, err)
	}
	return known, nil
}

// A figure is a line of the table: a name and the concepts that may hold it, the
// first that the filing has.
type figure struct {
	name     string
	perShare bool
	instant  bool
	concepts []string
}

func figures() []figure {
	return []figure{
		{"Revenue", false, false, []string{"RevenueFromContractWithCustomerExcludingAssessedTax", "Revenues", "SalesRevenueNet", "RevenueFromContractWithCustomerIncludingAssessedTax"}},
		{"Gross profit", false, false, []string{"GrossProfit"}},
		{"Operating income", false, false, []string{"OperatingIncomeLoss"}},
		{"Net income", false, false, []string{"NetIncomeLoss", "ProfitLoss"}},
		{"Earnings per diluted share", true, false, []string{"EarningsPerShareDiluted", "EarningsPerShareBasicAndDiluted"}},
		{"Cash from operations", false, false, []string{"NetCashProvidedByUsedInOperatingActivities", "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations"}},
		{"Cash and equivalents", false, true, []string{"CashAndCashEquivalentsAtCarryingValue", "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"}},
		{"Assets", false, true, []string{"Assets"}},
		{"Liabilities", false, true, []string{"Liabilities"}},
		{"Equity", false, true, []string{"StockholdersEquity", "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"}},
	}
}

// A span is the length of a period in days.
type span struct{ least, most int }

// spanOf is the period that a form reports on: a year or a quarter. Fiscal years
// have 52 or 53 weeks.
func spanOf(form string) span {
	if base, _ := baseForm(form); base == "10-Q" {
		return span{80, 105}
	}
	return span{340, 385}
}

// table is a short table of the figures that the filing reports, each with that
// of a year before as it was known when the filing was filed. It is empty where
// the filing has no figures of its own.
func (known *facts) table(f submission) string {
	if f.ReportDate == "" {
		return ""
	}
	end := data.Session(f.ReportDate)
	var rows []string
	for _, line := range figures() {
		now, unit, name, ok := known.own(f, line, end)
		if !ok {
			continue
		}
		row := line.name + " | " + amount(now, unit, line.perShare)
		if before, ok := known.yearBefore(f, line, name, unit, end); ok {
			row += " | " + amount(before, unit, line.perShare)
			if before > 0 && now > 0 {
				row += fmt.Sprintf(" | %+.1f %%", 100*(now/before-1))
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return ""
	}
	period := "year"
	if spanOf(f.form()).most < 200 {
		period = "quarter"
	}
	return fmt.Sprintf("Figures of the %s to %s, as filed on %s | a year before | change\n%s", period, end, f.Filed, strings.Join(rows, "\n"))
}

// own is the figure that the filing itself states for its period.
func (known *facts) own(f submission, line figure, end data.Session) (value float64, unit, name string, ok bool) {
	for _, name := range line.concepts {
		for _, unit := range currencies(known.concepts[name].Units, line.perShare) {
			for _, x := range known.concepts[name].Units[unit] {
				if x.Accession == f.Accession && x.End == end && x.covers(line, f.form()) {
					if v, ok := x.number(); ok {
						return v, unit, name, true
					}
				}
			}
		}
	}
	return 0, "", "", false
}

// yearBefore is the same figure for the period that ended a year before. Of the
// times it was filed it is the last that is not later than the filing. A fact of
// the same date that another filing states may have come after this one, and does
// not count.
func (known *facts) yearBefore(f submission, line figure, name, unit string, end data.Session) (value float64, ok bool) {
	var filed data.Session
	from, to := end.AddDays(-372), end.AddDays(-358)
	for _, x := range known.concepts[name].Units[unit] {
		public := x.Filed < f.Filed || x.Accession == f.Accession && x.Filed == f.Filed
		if !public || x.End < from || x.End > to || !x.covers(line, f.form()) || ok && x.Filed < filed {
			continue
		}
		if v, isNumber := x.number(); isNumber {
			value, filed, ok = v, x.Filed, true
		}
	}
	return value, ok
}

// covers reports whether a fact is of the kind of period that a line of a form's
// table shows.
func (x fact) covers(line figure, form string) bool {
	if line.instant {
		return x.Start == ""
	}
	start, err := data.ParseSession(string(x.Start))
	if err != nil {
		return false
	}
	end, err := data.ParseSession(string(x.End))
	if err != nil {
		return false
	}
	days := int(end.In(time.UTC).Sub(start.In(time.UTC)).Hours()/24) + 1
	s := spanOf(form)
	return days >= s.least && days <= s.most
}

func (x fact) number() (float64, bool) {
	v, err := strconv.ParseFloat(string(x.Value), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// currencies are the units of a concept that are money, or money per share: U.S.
// dollars first.
func currencies(units map[string][]fact, perShare bool) []string {
	var found []string
	for unit := range units {
		code := unit
		if perShare {
			code = strings.TrimSuffix(unit, "/shares")
			if code == unit {
				continue
			}
		}
		if len(code) == 3 && code == strings.ToUpper(code) {
			found = append(found, unit)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if dollars := strings.HasPrefix(a, "USD"); dollars != strings.HasPrefix(b, "USD") {
			if dollars {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return found
}

// amount writes an amount of money: in millions from a million on.
func amount(v float64, unit string, perShare bool) string {
	if perShare {
		return fmt.Sprintf("%.2f %s", v, strings.TrimSuffix(unit, "/shares"))
	}
	if math.Abs(v) >= 1e6 {
		return grouped(v/1e6) + " million " + unit
	}
	return grouped(v) + " " + unit
}

// grouped is a whole number with its thousands apart.
func grouped(v float64) string {
	digits := strconv.FormatFloat(math.Abs(math.Round(v)), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if v <= -0.5 {
		return "-" + digits
	}
	return digits
}
