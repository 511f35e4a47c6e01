package importer_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the NYSE calendar needs New York's zone

	"finmem/data"
	"finmem/data/importer"
)

// closes lists the bars as "date=close", which is all that a pickle has.
func closes(h data.History) string {
	var out []string
	for _, b := range h.Bars {
		out = append(out, fmt.Sprintf("%s=%v", b.Session, b.Close))
	}
	return strings.Join(out, " ")
}

func newsTexts(h data.History) []string {
	var out []string
	for _, n := range h.News {
		out = append(out, n.Text)
	}
	return out
}

// day is one date's dict in FinMem's first form.
func day(price, news, filingQ, filingK any) pyDict {
	return pyDict{
		"price", pyDict{"TSLA", price},
		"news", pyDict{"TSLA", news},
		"filing_q", filingQ,
		"filing_k", filingK,
	}
}

func importPickle(t *testing.T, content []byte) importer.Result {
	t.Helper()
	r, err := importer.Pickle(context.Background(), file(t, "env.pkl", content), "TSLA", importer.EnvOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPickle(t *testing.T) {
	env := pyDict{
		pyDate(2024, 1, 2), day(410.5, pyList{"Deliveries beat.", "Recall opened."}, pyDict{}, pyDict{"TSLA", "annual report"}),
		pyDate(2024, 1, 3), day(405, "One text alone.", pyDict{"TSLA", pyList{"quarterly report"}}, pyDict{}),
		pyDate(2024, 1, 4), pyDict{"price", pyDict{"TSLA", 400.25, "COIN", 150.0}, "news", pyDict{"COIN", pyList{"Of another."}}},
	}
	for protocol := byte(2); protocol <= 5; protocol++ {
		t.Run(fmt.Sprint("protocol ", protocol), func(t *testing.T) {
			r := importPickle(t, writePickle(protocol, env))
			h := r.History
			if got, want := closes(h), "2024-01-02=410.5 2024-01-03=405 2024-01-04=400.25"; got != want {
				t.Errorf("bars %s, want %s", got, want)
			}
			if !math.IsNaN(h.Bars[0].Open) || !math.IsNaN(h.Bars[0].Volume) || h.Bars[0].HasOpen() {
				t.Errorf("bar %+v has more than a close", h.Bars[0])
			}
			if got, want := newsTexts(h), []string{"Deliveries beat.", "Recall opened.", "One text alone."}; !slices.Equal(got, want) {
				t.Errorf("news %q, want %q", got, want)
			}
			wantTime := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
			if n := h.News[0]; !n.Time.Equal(wantTime) || !n.DateOnly || n.Copies != 1 || n.Sentiment != nil {
				t.Errorf("first news %+v, want the date %s alone and no sentiment", n, wantTime)
			}
			wantFilings := []data.Filing{
				{Accepted: wantTime, DateOnly: true, Form: "10-K", Text: "annual report"},
				{Accepted: wantTime.AddDate(0, 0, 1), DateOnly: true, Form: "10-Q", Text: "quarterly report"},
			}
			if !slices.Equal(h.Filings, wantFilings) {
				t.Errorf("filings %+v, want %+v", h.Filings, wantFilings)
			}
			if m := r.Meta; m.PriceKind != data.CloseOnly || m.Calendar != "NYSE" || m.Adjustment != data.UnknownAdjustment || m.Name != "env" {
				t.Errorf("meta %+v", m)
			}
			if err := r.Meta.Validate(); err != nil {
				t.Error(err)
			}
			// 3 prices, 3 news, 2 filings.
			if r.Report.Read != 8 || r.Report.Kept != 8 || len(r.Report.Skipped) != 0 || r.Report.Symbol != "TSLA" || r.Report.Format != "finmem" {
				t.Errorf("report %+v, want 8 read and kept", r.Report)
			}
			notes := strings.Join(r.Report.Notes, "\n")
			for _, want := range []string{
				"3 dates from 2024-01-02 to 2024-01-04: 3 prices, 3 news, 1 10-Q, 1 10-K",
				"fills fall back to the close of the next session",
				"news have a date and no time",
				"filings have a date and no time",
			} {
				if !strings.Contains(notes, want) {
					t.Errorf("notes lack %q:\n%s", want, notes)
				}
			}
		})
	}
}

func TestPickleShapes(t *testing.T) {
	price, news := pyDict{"price", pyDict{"TSLA", 10.5}}, pyDict{"news", pyDict{"TSLA", pyList{"a"}}}
	filingQ, filingK := pyDict{"filing_q", pyDict{"TSLA", "q"}}, pyDict{"filing_k", pyDict{}}
	parts := []any{price, news, filingQ, filingK}
	merged := slices.Concat(price, news, filingQ, filingK)
	tests := []struct {
		name string
		env  any
	}{
		{"dict a date", pyDict{pyDate(2024, 1, 2), merged}},
		{"tuple of dicts", pyDict{pyDate(2024, 1, 2), pyTuple(parts)}},
		{"list of dicts", pyDict{pyDate(2024, 1, 2), pyList(parts)}},
		{"names of INVESTOR-BENCH", pyDict{pyDate(2024, 1, 2), pyDict{"prices", 10.5, "news", pyList{"a"}, "10q", pyList{"q"}, "10k", pyList{}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := importPickle(t, writePickle(4, tt.env)).History
			if closes(h) != "2024-01-02=10.5" || !slices.Equal(newsTexts(h), []string{"a"}) || len(h.Filings) != 1 || h.Filings[0].Text != "q" {
				t.Errorf("%s, news %q, filings %+v", closes(h), newsTexts(h), h.Filings)
			}
		})
	}
}

// An OrderedDict and a defaultdict are dicts whose items come after the object.
func TestPickleDictClasses(t *testing.T) {
	for _, class := range []pyCall{
		{module: "collections", name: "OrderedDict"},
		{module: "collections", name: "defaultdict", args: pyTuple{pyClass{"builtins", "dict"}}},
	} {
		var b bytes.Buffer
		b.Write([]byte{0x80, 3})
		p := pickler{protocol: 3, memo: map[any]int{}}
		p.value(class)
		p.op('(')
		p.value(pyDate(2024, 1, 2))
		p.value(day(10.5, pyList{}, pyDict{}, pyDict{}))
		p.op('u')
		b.Write(p.Bytes())
		b.WriteByte('.')
		if got := closes(importPickle(t, b.Bytes()).History); got != "2024-01-02=10.5" {
			t.Errorf("%s: %s", class.name, got)
		}
	}
}

func TestPickleKeys(t *testing.T) {
	const midnight = 1_704_153_600 // 2024-01-02T00:00:00Z
	utc := pyCall{module: "pytz", name: "_UTC"}
	stamp := func(count, unit int) any {
		return pyCall{module: "pandas._libs.tslibs.timestamps", name: "_unpickle_timestamp", args: pyTuple{count, nil, nil, unit}}
	}
	newYork := pyCall{module: "pytz", name: "_p", args: pyTuple{"America/New_York", -5 * 3600, 0, "EST"}}
	tests := []struct {
		name string
		key  any
	}{
		{"date", pyDate(2024, 1, 2)},
		{"datetime", pyDatetime(2024, 1, 2, 16)},
		{"datetime with a zone keeps its own date", pyDatetime(2024, 1, 2, 23, pyTimezone(-5))},
		{"text", "2024-01-02"},
		{"text with a time", "2024-01-02 00:00:00"},
		{"text with a zone keeps the date it spells", "2024-01-02T23:30:00-05:00"},
		{"Timestamp", pyTimestamp(midnight, nil)},
		{"Timestamp in UTC", pyTimestamp(midnight, utc)},
		{"Timestamp at midnight in New York", pyTimestamp(midnight+5*3600, newYork)},
		{"Timestamp of a fixed offset", pyTimestamp(midnight-9*3600, pyTimezone(9))},
		{"Timestamp in seconds", stamp(midnight, 7)},
		{"Timestamp in milliseconds", stamp(midnight*1_000, 8)},
		{"Timestamp in microseconds", stamp(midnight*1_000_000, 9)},
		{"Timestamp before NumPy units", pyCall{module: "pandas._libs.tslibs.timestamps", name: "Timestamp", args: pyTuple{midnight * 1_000_000_000, nil, nil}}},
	}
	for _, tt := range tests {
		for protocol := byte(2); protocol <= 5; protocol++ {
			t.Run(fmt.Sprint(tt.name, " protocol ", protocol), func(t *testing.T) {
				h := importPickle(t, writePickle(protocol, pyDict{tt.key, day(10.5, pyList{}, pyDict{}, pyDict{})})).History
				if got := closes(h); got != "2024-01-02=10.5" {
					t.Errorf("%s, want 2024-01-02=10.5", got)
				}
			})
		}
	}
}

func TestPicklePrices(t *testing.T) {
	f8, big := npType("f8", "<"), npType("f8", ">")
	bigBytes := binary.BigEndian.AppendUint64(nil, math.Float64bits(10.5))
	tests := []struct {
		name  string
		price any
		want  float64
	}{
		{"float", 10.5, 10.5},
		{"int", 10, 10},
		{"text", "10.5", 10.5},
		{"B23: text with thousands grouped", "1,234.50", 1234.5},
		{"numpy float64", npScalar("f8", float64Bytes(10.5)), 10.5},
		{"numpy float32", npScalar("f4", float32Bytes(10.5)), 10.5},
		{"numpy int64", npScalar("i8", []byte{10, 0, 0, 0, 0, 0, 0, 0}), 10},
		{"numpy int16", npScalar("i2", []byte{0x2c, 0x01}), 300},
		{"numpy int32", npScalar("i4", []byte{0x10, 0x27, 0, 0}), 10000},
		{"numpy int8", npScalar("i1", []byte{100}), 100},
		{"numpy uint8", npScalar("u1", []byte{200}), 200},
		{"array of no dimension", npArray(f8, float64Bytes(10.5)), 10.5},
		{"array of one", npArray(f8, float64Bytes(10.5), 1), 10.5},
		{"array of one, big endian", npArray(big, bigBytes, 1), 10.5},
		{"list of one", pyList{10.5}, 10.5},
	}
	for _, tt := range tests {
		for protocol := byte(2); protocol <= 5; protocol++ {
			t.Run(fmt.Sprint(tt.name, " protocol ", protocol), func(t *testing.T) {
				h := importPickle(t, writePickle(protocol, pyDict{pyDate(2024, 1, 2), day(tt.price, pyList{}, pyDict{}, pyDict{})})).History
				if got := h.Bars[0].Close; got != tt.want {
					t.Errorf("close %v, want %v", got, tt.want)
				}
			})
		}
	}
	t.Run("protocol 5 arrays", func(t *testing.T) {
		h := importPickle(t, writePickle(5, pyDict{
			pyDate(2024, 1, 2), day(npBuffer(f8, float64Bytes(10.5)), pyList{}, pyDict{}, pyDict{}),
			pyDate(2024, 1, 3), day(npBuffer(f8, float64Bytes(11.5), 1), pyList{}, pyDict{}, pyDict{}),
		})).History
		if got := closes(h); got != "2024-01-02=10.5 2024-01-03=11.5" {
			t.Error(got)
		}
	})
	t.Run("NumPy 2 names", func(t *testing.T) {
		price := pyCall{module: "numpy._core.multiarray", name: "scalar", args: pyTuple{f8, float64Bytes(10.5)}}
		if got := importPickle(t, writePickle(4, pyDict{pyDate(2024, 1, 2), day(price, pyList{}, pyDict{}, pyDict{})})).History.Bars[0].Close; got != 10.5 {
			t.Error(got)
		}
	})
}

// B03, B04: a price that is none is left out with its reason, and the other
// dates stay.
func TestPickleBadPrices(t *testing.T) {
	nat := pyCall{module: "pandas._libs.tslibs.nattype", name: "_nat_unpickle", args: pyTuple{nil}}
	tests := []struct {
		name  string
		price any
		want  string
	}{
		{"NaN", math.NaN(), "price NaN is not a finite number"},
		{"infinite", math.Inf(1), "price +Inf is not a finite number"},
		{"NaT", nat, "price NaN is not a finite number"},
		{"zero", 0.0, "price 0 is not above zero"},
		{"negative", -3.5, "price -3.5 is not above zero"},
		{"placeholder", "N/A", `price "N/A" stands for no value`},
		{"dash", "-", `price "-" stands for no value`},
		{"blank", "", `price "" stands for no value`},
		{"words", "ten dollars", `price "ten dollars" is not a number`},
		{"hexadecimal", "0x1p-2", `price "0x1p-2" is not a number`},
		{"bool", true, "price is true or false, not a number"},
		{"two values", npArray(npType("f8", "<"), make([]byte, 16), 2), "price is a list of 2 values, not one"},
		{"list in a list", pyList{pyList{10.5}}, "price is a list of lists, not a number"},
		{"date", pyDate(2024, 1, 2), "price is a date, not a number"},
		{"object", pyCall{module: "datetime", name: "timedelta", args: pyTuple{0, 1, 0}}, "price is an object, not a number"},
		{"dict with a key twice", pyDict{"a", 1, "a", 2}, `price is a dict with the key "a" twice, not a number`},
		{"array without a state", pyCall{module: "numpy.core.multiarray", name: "_reconstruct"}, "price is an array without a type, not a number"},
		{"array of more places than objects", npArray(npType("O8", "|"), pyList{}, 1), "price is an array of 0 values for 1 places, not a number"},
		{"array of another kind", npArray(npType("f2", "<"), []byte{1, 2}, 1), "price is an unread NumPy type, f2, not a number"},
		{"two dimensions", npArray(npType("f8", "<"), float64Bytes(1), 1, 1), "price is an array of 2 dimensions, not a number"},
		{"array cut short", npArray(npType("f8", "<"), make([]byte, 12), 2), "price is an array of 12 bytes for 2 places of 8, not a number"},
		{"complex", npArray(npType("f8", "<"), pyList{1.0}, 1), "error: numpy array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content := writePickle(4, pyDict{
				pyDate(2024, 1, 2), day(10.5, pyList{}, pyDict{}, pyDict{}),
				pyDate(2024, 1, 3), day(tt.price, pyList{"news stay"}, pyDict{}, pyDict{}),
				pyDate(2024, 1, 4), day(11.5, pyList{}, pyDict{}, pyDict{}),
			})
			r, err := importer.Pickle(context.Background(), file(t, "env.pkl", content), "TSLA", importer.EnvOptions{})
			if want, refused := strings.CutPrefix(tt.want, "error: "); refused {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := closes(r.History); got != "2024-01-02=10.5 2024-01-04=11.5" {
				t.Errorf("bars %s", got)
			}
			if want := []importer.Skip{{File: "env.pkl", Reason: "2024-01-03: " + tt.want}}; !slices.Equal(r.Report.Skipped, want) {
				t.Errorf("skipped %v, want %v", r.Report.Skipped, want)
			}
			if r.Report.Read != 4 || r.Report.Kept != 3 || len(r.History.News) != 1 {
				t.Errorf("read %d, kept %d, news %d; want 4, 3, 1", r.Report.Read, r.Report.Kept, len(r.History.News))
			}
		})
	}
}

func TestPickleTexts(t *testing.T) {
	utf32 := []byte{'a', 0, 0, 0, 'b', 0, 0, 0, 'c', 0, 0, 0, 0xac, 0x20, 0, 0}
	tests := []struct {
		name string
		news any
		want []string
	}{
		{"list", pyList{"a", "b"}, []string{"a", "b"}},
		{"tuple", pyTuple{"a", "b"}, []string{"a", "b"}},
		{"one text", "a", []string{"a"}},
		{"bytes", []byte("a"), []string{"a"}},
		{"none", nil, nil},
		{"empty", pyList{}, nil},
		{"array of objects", npArray(npType("O8", "|"), pyList{"a", "b"}, 2), []string{"a", "b"}},
		{"array of texts", npArray(npType("U2", "<"), utf32, 2), []string{"ab", "c€"}},
		{"array of bytes", npArray(npType("S2", "|"), []byte("a\x00bc"), 2), []string{"a", "bc"}},
		{"numpy text", pyList{npScalar("U2", utf32[8:])}, []string{"c€"}},
		{"equal texts stay apart", pyList{"a", "a"}, []string{"a", "a"}},
	}
	for _, tt := range tests {
		for protocol := byte(2); protocol <= 5; protocol++ {
			t.Run(fmt.Sprint(tt.name, " protocol ", protocol), func(t *testing.T) {
				h := importPickle(t, writePickle(protocol, pyDict{pyDate(2024, 1, 2), day(10.5, tt.news, pyDict{}, pyDict{})})).History
				if got := newsTexts(h); !slices.Equal(got, tt.want) {
					t.Errorf("news %q, want %q", got, tt.want)
				}
			})
		}
	}
}

func TestPickleBlankAndForeignTexts(t *testing.T) {
	r := importPickle(t, writePickle(4, pyDict{pyDate(2024, 1, 2),
		day(10.5, pyList{"kept", "  ", "\x00\x07", nil, 7, "kept\x00 \x1b[31mtoo\xff"}, pyDict{"TSLA", ""}, pyDict{})}))
	if got, want := newsTexts(r.History), []string{"kept", "kept [31mtoo\uFFFD"}; !slices.Equal(got, want) {
		t.Errorf("news %q, want %q", got, want)
	}
	var reasons []string
	for _, s := range r.Report.Skipped {
		reasons = append(reasons, s.Reason)
	}
	want := []string{
		"2024-01-02: blank news text", "2024-01-02: blank news text", "2024-01-02: blank news text",
		"2024-01-02: news item is a number, not text", "2024-01-02: blank 10-Q text",
	}
	if !slices.Equal(reasons, want) {
		t.Errorf("skipped %q, want %q", reasons, want)
	}
	if r.Report.Read != 8 || r.Report.Kept != 3 || len(r.History.Filings) != 0 {
		t.Errorf("read %d, kept %d, filings %d; want 8, 3, 0", r.Report.Read, r.Report.Kept, len(r.History.Filings))
	}
}

func TestPickleScores(t *testing.T) {
	const scored = "Deliveries beat. The positive score for this news is 0.75. The neutral score for this news is 2.5e-01. The negative score for this news is 1.25E-7."
	const partial = "Recall. The positive score for this news is 0.75."
	r := importPickle(t, writePickle(4, pyDict{pyDate(2024, 1, 2), day(10.5, pyList{scored, partial}, pyDict{}, pyDict{})}))
	n := r.History.News
	if n[0].Text != "Deliveries beat." {
		t.Errorf("text %q still has its scores", n[0].Text)
	}
	if want := (data.Sentiment{Positive: 0.75, Neutral: 0.25, Negative: 1.25e-7, Compound: 0.75 - 1.25e-7, Method: "finbert"}); n[0].Sentiment == nil || *n[0].Sentiment != want {
		t.Errorf("sentiment %+v, want %+v", n[0].Sentiment, want)
	}
	if n[1].Text != partial || n[1].Sentiment != nil {
		t.Errorf("text %q with sentiment %v, want it as it was", n[1].Text, n[1].Sentiment)
	}
	notes := strings.Join(r.Report.Notes, "\n")
	for _, want := range []string{"1 news came with FinBERT scores", "1 news mention scores that cannot be read"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes lack %q:\n%s", want, notes)
		}
	}
}

// B18: dates out of order are put in order.
func TestPickleUnsorted(t *testing.T) {
	h := importPickle(t, writePickle(4, pyDict{
		pyDate(2024, 1, 5), day(133.1, pyList{"d"}, pyDict{}, pyDict{}),
		pyDate(2024, 1, 4), day(121.0, pyList{"c"}, pyDict{}, pyDict{}),
		pyDate(2024, 1, 3), day(110.0, pyList{"b"}, pyDict{}, pyDict{}),
		pyDate(2024, 1, 2), day(100.0, pyList{"a"}, pyDict{}, pyDict{}),
	})).History
	if got, want := closes(h), "2024-01-02=100 2024-01-03=110 2024-01-04=121 2024-01-05=133.1"; got != want {
		t.Errorf("bars %s, want %s", got, want)
	}
	if got := newsTexts(h); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("news %q", got)
	}
}

func TestPickleErrors(t *testing.T) {
	one := func(key, value any) any { return pyDict{key, value} }
	good := day(10.5, pyList{}, pyDict{}, pyDict{})
	tests := []struct {
		name, symbol string
		env          any
		want         string
	}{
		{"symbol not there", "IBM", one(pyDate(2024, 1, 2), pyDict{"price", pyDict{"TSLA", 1.5, "AMZN", 2.5}, "news", pyDict{"COIN", "x"}}), "env.pkl has no symbol IBM; it has AMZN, COIN, TSLA"},
		{"B14: path as a symbol", "../../tmp/x", one(pyDate(2024, 1, 2), good), `symbol "../../tmp/x"`},
		{"no dates", "TSLA", pyDict{}, "env.pkl holds no dates"},
		{"no dict", "TSLA", pyList{1}, "env.pkl: the pickle is a list, want a dict of dates"},
		{"key that is no date", "TSLA", one(7, good), "env.pkl: a key is a number, want a date"},
		{"text that is no date", "TSLA", one("2024-02-30", good), `date "2024-02-30"`},
		{"date that is no dict", "TSLA", one(pyDate(2024, 1, 2), 7), "date 2024-01-02 holds a number, want a dict with price"},
		{"date in a part that is no dict", "TSLA", one(pyDate(2024, 1, 2), pyTuple{pyDict{}, "x"}), "date 2024-01-02 holds text, want a dict with price"},
		{"part twice", "TSLA", one(pyDate(2024, 1, 2), pyTuple{pyDict{"price", 1.5}, pyDict{"prices", 2.5}}), `date 2024-01-02 has both "price" and "prices"`},
		{"date twice", "TSLA", pyDict{pyDate(2024, 1, 2), good, "2024-01-02", good}, "two keys fall on the date 2024-01-02"},
		{"no price at all", "TSLA", one(pyDate(2024, 1, 2), day(math.NaN(), pyList{}, pyDict{}, pyDict{})), "env.pkl has no price of TSLA that can be used: env.pkl: 2024-01-02: price NaN"},
		{"impossible date", "TSLA", one(pyDate(2024, 13, 2), good), `datetime.date: date "2024-13-02"`},
		{"no date in it", "TSLA", one(pyCall{module: "datetime", name: "date", args: pyTuple{1, 2, 3}}, good), "datetime.date: unexpected arguments"},
		{"a dict's key that cannot be one", "TSLA", pyDict{pyDate(2024, 1, 2), pyDict{"price", pyDict{pyList{}, 1.5}}}, "env.pkl has no price of TSLA that can be used: env.pkl: 2024-01-02: price is a dict with keys that are not text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, "env.pkl", writePickle(4, tt.env))
			_, err := importer.Pickle(context.Background(), path, tt.symbol, importer.EnvOptions{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// B13: the file's spelling of a class share does not matter.
func TestPickleSymbolSpelling(t *testing.T) {
	path := file(t, "env.pkl", writePickle(4, pyDict{pyDate(2024, 1, 2), pyDict{"price", pyDict{"BRK-B", 360.5}}}))
	for _, symbol := range []string{"BRK.B", "BRK-B", "brk.b", "BRK/B"} {
		r, err := importer.Pickle(context.Background(), path, symbol, importer.EnvOptions{})
		if err != nil {
			t.Errorf("%s: %v", symbol, err)
			continue
		}
		if r.History.Symbol != "BRK.B" || closes(r.History) != "2024-01-02=360.5" {
			t.Errorf("%s: symbol %s, bars %s", symbol, r.History.Symbol, closes(r.History))
		}
	}
}

func TestPickleSymbols(t *testing.T) {
	path := file(t, "env.pkl", writePickle(4, pyDict{
		pyDate(2024, 1, 2), pyDict{"price", pyDict{"TSLA", 1.5, "AMZN", 2.5}},
		pyDate(2024, 1, 3), pyDict{"price", pyDict{"TSLA", 1.5}, "news", pyDict{"COIN", pyList{}}},
	}))
	got, err := importer.PickleSymbols(context.Background(), path)
	if err != nil || !slices.Equal(got, []string{"AMZN", "COIN", "TSLA"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPickleCalendar(t *testing.T) {
	weekend := writePickle(4, pyDict{
		pyDate(2024, 1, 5), day(1.5, pyList{}, pyDict{}, pyDict{}), // a Friday
		pyDate(2024, 1, 6), day(2.5, pyList{}, pyDict{}, pyDict{}),
	})
	if got := importPickle(t, weekend).Meta.Calendar; got != "24/7" {
		t.Errorf("calendar %q, want 24/7", got)
	}
	path := file(t, "env.pkl", weekend)
	r, err := importer.Pickle(context.Background(), path, "TSLA", importer.EnvOptions{Calendar: data.NYSE()})
	if err != nil {
		t.Fatal(err)
	}
	const want = "1 prices fall on dates that are no session of the NYSE calendar and will not be traded on: 2024-01-06"
	if r.Meta.Calendar != "NYSE" || !slices.Contains(r.Report.Notes, want) {
		t.Errorf("calendar %q, notes %q; want the note %q", r.Meta.Calendar, r.Report.Notes, want)
	}
}

func TestPickleContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	path := file(t, "env.pkl", writePickle(4, pyDict{pyDate(2024, 1, 2), day(1.5, pyList{}, pyDict{}, pyDict{})}))
	if _, err := importer.Pickle(ctx, path, "TSLA", importer.EnvOptions{}); err == nil {
		t.Error("a cancelled import went on")
	}
}

func TestPickleFileMissing(t *testing.T) {
	_, err := importer.Pickle(context.Background(), "nowhere/env.pkl", "TSLA", importer.EnvOptions{})
	if !os.IsNotExist(err) {
		t.Errorf("error %v, want that the file does not exist", err)
	}
}

func TestPickleTail(t *testing.T) {
	content := append(writePickle(4, pyDict{pyDate(2024, 1, 2), day(1.5, pyList{}, pyDict{}, pyDict{})}), "tail"...)
	if notes := importPickle(t, content).Report.Notes; !slices.Contains(notes, "4 bytes follow the end of the pickle; they were not read") {
		t.Errorf("notes %q", notes)
	}
}

func TestPickleUnknownParts(t *testing.T) {
	content := writePickle(4, pyDict{pyDate(2024, 1, 2), pyDict{"price", pyDict{"TSLA", 1.5}, "volume", pyDict{"TSLA", 7}}})
	if notes := importPickle(t, content).Report.Notes; !slices.Contains(notes, `1 dates also have "volume", which was not read`) {
		t.Errorf("notes %q", notes)
	}
}
