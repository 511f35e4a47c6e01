package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
)

// A meaning is how a figure of metrics.json is named and written.
type meaning struct {
	key, label string
	unit       unit
}

// ruined is the session on which an account was worth nothing, "" for never.
const ruined = "ruined"

// A group of figures stands under a heading.
type group struct {
	title string
	list  []meaning
}

// luck is the group that stands on its own, with its reading.
const luck = "How far it may be luck"

// catalogue orders and names the figures that are known by name. One that is not
// in it is shown all the same, under its key.
var catalogue = []group{
	{"Return", []meaning{
		{"initialEquity", "account at the start", inMoney},
		{"finalEquity", "account at the end", inMoney},
		{"cumulativeReturn", "return", inPercent},
		{"logReturn", "log return", inPercent},
		{"annualReturn", "return a year, by sessions", inPercent},
		{"cagr", "CAGR, by the calendar", inPercent},
		{"priceReturn", "price, close to close", inPercent},
		{"bestSession", "best session", asPeriod},
		{"worstSession", "worst session", asPeriod},
		{"bestMonth", "best month", asPeriod},
		{"worstMonth", "worst month", asPeriod},
	}},
	{"Risk", []meaning{
		{"volatility", "volatility a year", inPercent},
		{"downsideDeviation", "downside deviation a year", inPercent},
		{"maxDrawdown", "deepest drawdown", inPercent},
		{"drawdownStart", "its peak", asText},
		{"drawdownTrough", "its lowest point", asText},
		{"drawdownRecovery", "its recovery", asText},
		{"ulcer", "Ulcer index", inPercent},
		{"valueAtRisk95", "value at risk, 95 % a session", inPercent},
		{"conditionalValueAtRisk95", "expected loss beyond it", inPercent},
		{"skew", "skew", asRatio},
		{"kurtosis", "excess kurtosis", asRatio},
	}},
	{"Return for risk", []meaning{
		{"sharpe", "Sharpe ratio", asRatio},
		{"sortino", "Sortino ratio", asRatio},
		{"calmar", "Calmar ratio", asRatio},
		{"omega", "Omega ratio", asRatio},
	}},
	{"Against the benchmark", []meaning{
		{"benchmark", "benchmark", asText},
		{"excessReturn", "return less the benchmark's", inPercent},
		{"alpha", "alpha a year", inPercent},
		{"alphaT", "alpha, t", asRatio},
		{"alphaP", "alpha, p", asP},
		{"beta", "beta", asRatio},
		{"betaT", "beta, t", asRatio},
		{"betaP", "beta, p", asP},
		{"rSquared", "R²", asRatio},
		{"trackingError", "tracking error a year", inPercent},
		{"informationRatio", "information ratio", asRatio},
		{"treynor", "Treynor ratio", asRatio},
		{"upCapture", "capture of rises", inPercent},
		{"downCapture", "capture of falls", inPercent},
	}},
	{"Trading", []meaning{
		{"trades", "round trips", asCount},
		{"openTrades", "still open", asCount},
		{"winRate", "won", inPercent},
		{"profitFactor", "profit factor", asRatio},
		{"expectancy", "expected profit a round trip", inMoney},
		{"expectedReturn", "expected return a round trip", inPercent},
		{"sqn", "system quality number", asRatio},
		{"averageHolding", "average time held", inSessions},
		{"exposureTime", "sessions with a position", inPercent},
		{"averageExposure", "average exposure", inPercent},
		{"turnover", "turnover a year, times the account", asRatio},
		{"fills", "orders filled", asCount},
		{"clampedOrders", "of these cut to what cash paid for", asCount},
		{"rejectedOrders", "orders rejected", asCount},
		{"vol-target", "sessions limited by the volatility target", asCount},
		{"max-weight", "sessions limited by the largest weight", asCount},
		{"cool-down", "sessions limited by the cool-down", asCount},
		{"drawdown-stop", "sessions limited by the drawdown stop", asCount},
		{ruined, "ruined on", asText},
		{"fees", "commission paid", inMoney},
		{"slippage", "slippage paid", inMoney},
	}},
	{"Sessions and decisions", []meaning{
		{"sessions", "sessions scored", asCount},
		{"firstSession", "first", asText},
		{"lastSession", "last", asText},
		{"staleSessions", "without a price", asCount},
		{"buys", "decided buy", asCount},
		{"sells", "decided sell", asCount},
		{"holds", "decided hold", asCount},
		{"errorDays", "error days", asCount},
	}},
	{luck, []meaning{
		{"returnLow", "return, lower bound", inPercent},
		{"returnHigh", "return, upper bound", inPercent},
		{"sharpeLow", "Sharpe ratio, lower bound", asRatio},
		{"sharpeHigh", "Sharpe ratio, upper bound", asRatio},
		{"level", "level of the bounds", inPercent},
		{"resamples", "resamples", asCount},
		{"resamplesWithoutSharpe", "resamples without a Sharpe ratio", asCount},
		{"block", "mean block", inSessions},
		{"seed", "seed of the resamples", asCount},
		{"probabilisticSharpe", "probabilistic Sharpe ratio, above 0", inPercent},
		{"deflatedSharpe", "deflated Sharpe ratio", inPercent},
		{"trials", "variants tried", asCount},
		{"minimumTrackRecord", "minimum track record", inSessions},
		{"wilcoxonStatistic", "Wilcoxon statistic", asRank},
		{"wilcoxonP", "Wilcoxon p", asP},
		{"wilcoxonPairs", "pairs that differ", asCount},
		{"wilcoxonExact", "exact p", asText},
		{"circularShiftP", "circular shift p", asP},
		{"breakEvenBps", "break-even cost a side", inBps},
		{"logReturnWithoutBest5", "log return without the best 5 sessions", inPercent},
		{"logReturnWithoutBest10", "log return without the best 10 sessions", inPercent},
		{"best5Share", "share of the best 5 sessions", inPercent},
		{"best10Share", "share of the best 10 sessions", inPercent},
	}},
}

// A figure is one value of a result: a number, a text, a truth or null, or one
// of the two shapes that are read as a whole.
type figure struct {
	key   string // of the value itself
	path  string // with the keys of what it lies in
	value any    // float64, string, bool or nil
	at    string // of a period: when it was
}

// A list is an array of objects in a result.
type list struct {
	key     string
	columns []string
	rows    [][]any
}

// A result is one trader's entry in metrics.json, taken apart.
type result struct {
	figures []figure
	lists   []list
}

// number is the figure of that key, NaN where there is none.
func (r result) number(key string) float64 {
	for _, f := range r.figures {
		if v, ok := f.value.(float64); ok && f.key == key {
			return v
		}
	}
	return math.NaN()
}

// parseResult takes a JSON object apart, in its own order.
func parseResult(raw json.RawMessage) (result, error) {
	var r result
	dec := json.NewDecoder(bytes.NewReader(raw))
	v, err := decodeValue(dec)
	if err != nil {
		return r, err
	}
	o, ok := v.(object)
	if !ok {
		return r, fmt.Errorf("want an object, found %.40s", raw)
	}
	r.collect(o, "")
	return r, nil
}

func (r *result) collect(o object, prefix string) {
	for _, m := range o {
		path := prefix + m.key
		switch v := m.value.(type) {
		case object:
			if at, ret, ok := v.period(); ok {
				r.figures = append(r.figures, figure{m.key, path, ret, at})
				continue
			}
			r.collect(v, path+".")
		case []any:
			if l, ok := listOf(m.key, v); ok {
				r.lists = append(r.lists, l)
			}
		default:
			r.figures = append(r.figures, figure{key: m.key, path: path, value: v})
		}
	}
}

// period is an object that says which session, month or year had which return.
func (o object) period() (at string, ret any, ok bool) {
	named := 0
	for _, m := range o {
		switch m.key {
		case "period":
			at, _ = m.value.(string)
			named++
		case "return":
			ret = m.value
			named++
		}
	}
	return at, ret, named == 2
}

// listOf is an array of flat objects as a table; ok is false for any other.
func listOf(key string, items []any) (l list, ok bool) {
	l.key = key
	for _, item := range items {
		o, isObject := item.(object)
		if !isObject {
			return l, false
		}
		row := make([]any, len(l.columns))
		for _, m := range o {
			i := indexOf(l.columns, m.key)
			if i < 0 {
				l.columns = append(l.columns, m.key)
				row = append(row, nil)
				i = len(l.columns) - 1
			}
			row[i] = m.value
		}
		l.rows = append(l.rows, row)
	}
	return l, len(l.rows) > 0
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}

// An object is a JSON object in its own order.
type object []member

type member struct {
	key   string
	value any // object, []any, float64, string, bool or nil
}

func decodeValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key.(string), v})
		}
		return o, closing(dec)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, closing(dec)
	}
	return token, nil
}

// closing reads the end of what was opened.
func closing(dec *json.Decoder) error {
	_, err := dec.Token()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// words turns a key into words: "exposureTime" into "exposure time".
func words(key string) string {
	var b strings.Builder
	runes := []rune(key)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if upper && i > 0 && !unicode.IsUpper(runes[i-1]) {
			b.WriteByte(' ')
		}
		if upper && (i+1 == len(runes) || !unicode.IsUpper(runes[i+1])) {
			r = unicode.ToLower(r)
		}
		if r == '.' {
			b.WriteString(": ")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
