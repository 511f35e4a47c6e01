package published

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"finmem/data"
)

// A Row is what a source states about one strategy on one symbol.
type Row struct {
	Name   string // of the strategy; "" where the source has none
	Symbol string // canonical; "" where the source has none
	Table  string
	// From and To are the stated window, inclusive; "" where none is stated.
	// They need not be sessions.
	From, To data.Session
	// Figures are the stated ones, as fractions, drawdowns positive. Only those
	// that the source has.
	Figures map[Figure]float64
}

// A Figure names one column of a published table.
type Figure string

// The figures that are recognised.
const (
	CumulativeReturn Figure = "cumulativeReturn"
	AnnualReturn     Figure = "annualReturn"
	AnnualVolatility Figure = "annualVolatility"
	DailyDeviation   Figure = "dailyDeviation"
	Sharpe           Figure = "sharpe"
	Sortino          Figure = "sortino"
	MaxDrawdown      Figure = "maxDrawdown"
	FinalValue       Figure = "finalValue"
)

// Figures lists the figures in the order in which they are shown.
func Figures() []Figure {
	return []Figure{CumulativeReturn, AnnualReturn, AnnualVolatility, DailyDeviation, Sharpe, Sortino, MaxDrawdown, FinalValue}
}

// figureOf maps the names that published files use, in lower case and without
// separators, to figures.
func figureOf(key string) (Figure, bool) {
	switch key {
	case "cumulativereturn", "cumulativereturnlog", "totalreturn", "return":
		return CumulativeReturn, true
	case "annualreturn":
		return AnnualReturn, true
	case "annualvolatility", "annualvol", "volatility":
		return AnnualVolatility, true
	case "dailydeviation", "dailystd", "dailyvolatility":
		return DailyDeviation, true
	case "sharpe", "sharperatio":
		return Sharpe, true
	case "sortino", "sortinoratio":
		return Sortino, true
	case "maxdrawdown", "maximumdrawdown", "mdd":
		return MaxDrawdown, true
	case "finalvalue":
		return FinalValue, true
	}
	return "", false
}

// Read reads stated figures: JSON, either a list of objects or an object with
// such a list under "rows", or CSV with a header. Names of columns are taken in
// any case, with or without spaces and underscores:
//
//	symbol or ticker; name, model or strategy; table
//	stated_start, start or from; stated_end, end or to       YYYY-MM-DD
//	cumulative_return or total_return, annual_return, annual_volatility,
//	daily_std, sharpe, sortino, max_drawdown, final_value
//
// Others are ignored. A name that ends in (%) is in per cent; so is max_drawdown
// throughout a file where one is above 1, as a fraction of what one has cannot
// be. The name is for messages.
func Read(in io.Reader, name string) ([]Row, error) {
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	var records []map[string]string
	switch trimmed := bytes.TrimSpace(raw); {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("%s is empty: want rows of stated figures", name)
	case trimmed[0] == '{' || trimmed[0] == '[':
		records, err = jsonRecords(trimmed)
	default:
		records, err = csvRecords(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	rows := make([]Row, 0, len(records))
	for i, record := range records {
		row, err := parseRow(record)
		if err != nil {
			return nil, fmt.Errorf("%s row %d: %w", name, i+1, err)
		}
		if len(row.Figures) > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no row with a figure; known columns are cumulative_return, annual_return, annual_volatility, daily_std, sharpe, sortino, max_drawdown and final_value", name)
	}
	drawdownsAsFractions(rows)
	return rows, nil
}

// jsonRecords flattens JSON objects to text by key; null, lists and objects
// inside are left out.
func jsonRecords(raw []byte) ([]map[string]string, error) {
	var list []map[string]any
	decode := func(v any) error {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		return d.Decode(v)
	}
	if raw[0] == '{' {
		var file struct{ Rows []map[string]any }
		if err := decode(&file); err != nil {
			return nil, err
		}
		list = file.Rows
	} else if err := decode(&list); err != nil {
		return nil, err
	}
	records := make([]map[string]string, len(list))
	for i, object := range list {
		records[i] = map[string]string{}
		for k, v := range object {
			switch v := v.(type) {
			case string:
				records[i][k] = v
			case json.Number:
				records[i][k] = v.String()
			}
		}
	}
	return records, nil
}

func csvRecords(raw []byte) ([]map[string]string, error) {
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return nil, err
	}
	var records []map[string]string
	for _, cells := range lines[1:] {
		record := map[string]string{}
		for i, c := range cells {
			record[lines[0][i]] = strings.TrimSpace(c)
		}
		records = append(records, record)
	}
	return records, nil
}

// parseRow takes keys in sorted order, so that of two names for one thing the
// same one is refused every time.
func parseRow(record map[string]string) (Row, error) {
	row := Row{Figures: map[Figure]float64{}}
	keys := make([]string, 0, len(record))
	for k := range record {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		v := record[k]
		if v == "" {
			continue
		}
		plain, percent := strings.CutSuffix(strings.TrimSpace(k), "(%)")
		key := strings.ToLower(strings.NewReplacer("_", "", " ", "", "-", "").Replace(plain))
		var err error
		switch key {
		case "symbol", "ticker":
			row.Symbol, err = data.Canonical(v)
		case "name", "model", "strategy":
			row.Name = v
		case "table":
			row.Table = v
		case "statedstart", "start", "from":
			row.From, err = data.ParseSession(v)
		case "statedend", "end", "to":
			row.To, err = data.ParseSession(v)
		default:
			figure, known := figureOf(key)
			if !known {
				continue
			}
			if _, twice := row.Figures[figure]; twice {
				return row, fmt.Errorf("%s: stated twice, under two names", k)
			}
			number, perr := strconv.ParseFloat(v, 64)
			if perr != nil || math.IsNaN(number) || math.IsInf(number, 0) {
				return row, fmt.Errorf("%s %q is not a number", k, v)
			}
			if percent {
				number /= 100
			}
			row.Figures[figure] = number
		}
		if err != nil {
			return row, fmt.Errorf("%s: %w", k, err)
		}
	}
	if row.From != "" && row.To != "" && row.From > row.To {
		return row, fmt.Errorf("stated window runs from %s back to %s", row.From, row.To)
	}
	return row, nil
}

func drawdownsAsFractions(rows []Row) {
	scale := 1.0
	for _, r := range rows {
		if d, ok := r.Figures[MaxDrawdown]; ok && math.Abs(d) > 1 {
			scale = 100
		}
	}
	for _, r := range rows {
		if d, ok := r.Figures[MaxDrawdown]; ok {
			r.Figures[MaxDrawdown] = math.Abs(d) / scale
		}
	}
}
