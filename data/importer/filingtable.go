package importer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"finmem/data"
	"finmem/data/markup"
)

// filingTable reads filings from a Parquet file.
type filingTable struct{ table *parquetTable }

func (t filingTable) format() string { return "parquet" }

func (t filingTable) each(ctx context.Context, take func(newsRow) error) error {
	row := newsRow{names: t.table.columns()}
	row.values = make([]any, len(row.names))
	var wanted []string
	var places []int // among names
	for i, name := range row.names {
		if field, _ := filingFieldNamed(name); field != "" {
			wanted, places = append(wanted, name), append(places, i)
		}
	}
	if len(wanted) == 0 {
		return take(row) // which is refused, since nothing in it is known
	}
	return t.table.read(ctx, wanted, func(n int64, values []any) error {
		row.line = int(n)
		for i, v := range values {
			row.values[places[i]] = plainValue(v)
		}
		return take(row)
	})
}

// A filingField is a part of a filing that a column of a table may hold.
type filingField string

const (
	filingText   filingField = "text"
	filingSymbol filingField = "symbol"
	filingForm   filingField = "form"
	filingPeriod filingField = "period"
	filingTime   filingField = "time"
	// Times without a zone in columns that say it by their name.
	filingUTC     filingField = "time of UTC"
	filingEastern filingField = "time of New York"
	// EDGAR's own acceptanceDateTime, which ends in Z and is the clock of New York.
	filingEDGAR filingField = "time of EDGAR"
)

// filingNames are the names of columns by the part that they hold, plain as
// [plainName] makes them, the best first.
func filingNames() map[filingField][]string {
	return map[filingField][]string{
		filingText:    {"content", "text", "body", "summary"},
		filingSymbol:  {"ticker", "symbol"},
		filingForm:    {"form", "formtype", "filingtype", "type"},
		filingPeriod:  {"period", "periodofreport", "reportdate", "periodend"},
		filingTime:    {"accepted", "acceptedat", "filedat", "filingdate", "datefiled", "filed", "date", "datetime", "timestamp"},
		filingUTC:     {"utctimestamp", "acceptedutc"},
		filingEastern: {"esttimestamp", "ettimestamp", "acceptedet"},
		filingEDGAR:   {"acceptancedatetime"},
	}
}

// A filingPlace is a part and how good a name for it is.
type filingPlace struct {
	field filingField
	rank  int
}

// filingFieldNamed is the part that a column of a name holds, "" for none, and
// how good a name for it that is; 0 is the best.
func filingFieldNamed(name string) (filingField, int) {
	plain := plainName(name)
	for field, names := range filingNames() {
		if rank := slices.Index(names, plain); rank >= 0 {
			return field, rank
		}
	}
	return "", 0
}

// table reads the rows of a table.
func (r *filingResult) table(ctx context.Context, rows newsRows, opts FilingOptions) error {
	eastern := data.NYSE().Location()
	stamps := map[filingField]*stampReader{
		filingTime:    newStampReader(opts.Zone, opts.DateOrder),
		filingUTC:     newStampReader(time.UTC, opts.DateOrder),
		filingEastern: newStampReader(eastern, opts.DateOrder),
		filingEDGAR:   newStampReader(eastern, opts.DateOrder),
	}
	read := 0
	err := rows.each(ctx, func(row newsRow) error {
		read++
		if err := r.row(row, opts, stamps); err != nil {
			return fmt.Errorf("row %d: %w", row.line, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case read == 0:
		return errors.New("has no filings")
	case r.Report.Read == 0:
		return fmt.Errorf("has no filings of %s; it has %s", r.History.Symbol, list(sortedKeys(r.others), 12))
	case r.Report.Kept == 0:
		return fmt.Errorf("none of %d filings of %s can be used; the first: %s", r.Report.Read, r.History.Symbol, r.Report.Skipped[0])
	}
	return nil
}

// row takes one row. An error is one of the whole file.
func (r *filingResult) row(row newsRow, opts FilingOptions, stamps map[filingField]*stampReader) error {
	if row.fault != "" {
		r.Report.Read++
		r.skip(row.line, "%s", row.fault)
		return nil
	}
	parts := r.parts(row)
	if err := checkFilingFields(row, parts, opts); err != nil {
		return err
	}
	switch symbol := strings.TrimSpace(parts[filingSymbol]); {
	case symbol == "":
		r.nobody++
	default:
		canonical, err := data.Canonical(symbol)
		if err != nil {
			r.Report.Read++
			r.skip(row.line, "%v", err)
			return nil
		}
		if canonical != r.History.Symbol {
			if len(r.others) < mostMet {
				r.others[canonical]++
			}
			return nil
		}
	}
	r.Report.Read++
	at, err := r.stamp(row.line, parts, stamps)
	if errors.Is(err, ErrNoZone) || errors.Is(err, ErrDateOrder) {
		return err
	}
	if err != nil {
		r.skip(row.line, "%v", err)
		return nil
	}
	form := formOf(parts[filingForm])
	if form == "" {
		form = formOf(opts.Form)
	}
	period := strings.TrimSpace(parts[filingPeriod])
	if len(period) > len("2006-01-02") && (period[10] == 'T' || period[10] == ' ') {
		period = period[:10] // of a date that was written as a time
	}
	return r.add(row.line, data.Filing{
		Accepted: at.time, DateOnly: at.dateOnly, Form: form, Period: period, Text: markup.Text(parts[filingText]),
	})
}

// parts are the texts of a row by what they are; of several columns that hold
// the same part, the one with the best name that is not empty counts.
func (r *filingResult) parts(row newsRow) map[filingField]string {
	parts, ranks := map[filingField]string{}, map[filingField]int{}
	for i, name := range row.names {
		place, met := r.places[name]
		if !met {
			place.field, place.rank = filingFieldNamed(name)
			r.places[name] = place
		}
		field, rank := place.field, place.rank
		if field == "" {
			r.unused[name] = true
			continue
		}
		value := textOf(row.values[i])
		if before, there := parts[field]; !there || before == "" || value != "" && rank < ranks[field] {
			parts[field], ranks[field] = value, rank
		}
	}
	return parts
}

// checkFilingFields reports what a file must have and has not.
func checkFilingFields(row newsRow, parts map[filingField]string, opts FilingOptions) error {
	has := func(fields ...filingField) bool {
		return slices.ContainsFunc(fields, func(f filingField) bool { _, ok := parts[f]; return ok })
	}
	var missing []string
	if !has(filingText) {
		missing = append(missing, "the text (content, text)")
	}
	if !has(filingTime, filingUTC, filingEastern, filingEDGAR) {
		missing = append(missing, "the time (accepted, utc_timestamp, est_timestamp, date)")
	}
	if !has(filingForm) && opts.Form == "" {
		missing = append(missing, "the form (form, type)")
	}
	if len(missing) > 0 {
		return fmt.Errorf("no field is known to hold %s; it has %s", strings.Join(missing, ", "), list(quoted(row.names), 20))
	}
	return nil
}

// stamp is when a filing was accepted. Where columns of UTC and of New York have
// two different times, as a slip of a pipeline makes them, the later one counts: a
// filing is never seen before it was there.
func (r *filingResult) stamp(line int, parts map[filingField]string, stamps map[filingField]*stampReader) (stamp, error) {
	var latest, date stamp
	for _, field := range []filingField{filingUTC, filingEastern, filingEDGAR} {
		text := strings.TrimSpace(parts[field])
		if text == "" {
			continue
		}
		if field == filingEDGAR {
			text = strings.TrimSuffix(text, "Z")
		}
		s, err := stamps[field].read(text)
		if err != nil {
			return stamp{}, err
		}
		if s.dateOnly {
			date = s // midnight in one zone is a time in the other
			continue
		}
		if !latest.time.IsZero() && !s.time.Equal(latest.time) {
			r.Report.Notes = append(r.Report.Notes, fmt.Sprintf("row %d has two times of acceptance, %s and %s; the later counts",
				line, latest.time.Format(time.RFC3339), s.time.Format(time.RFC3339)))
		}
		if s.time.After(latest.time) {
			latest = s
		}
	}
	switch {
	case !latest.time.IsZero():
		return latest, nil
	case !date.time.IsZero():
		return date, nil
	}
	return stamps[filingTime].read(parts[filingTime])
}

// formOf is the usual spelling of a form: "10-K" for "10k" and "form 10-k".
func formOf(text string) string {
	form := strings.ToUpper(strings.Join(strings.Fields(markup.Clean(text)), " "))
	form = strings.TrimSpace(strings.TrimPrefix(form, "FORM "))
	for _, known := range []string{"10-K", "10-Q", "8-K", "20-F", "40-F", "6-K"} {
		plain := strings.ReplaceAll(known, "-", "")
		if rest, ok := strings.CutPrefix(form, plain); ok && (rest == "" || strings.HasPrefix(rest, "/")) {
			return known + rest
		}
	}
	return form
}
