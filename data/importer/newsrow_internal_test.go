package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"finmem/data"
)

// rowsOf reads all rows of a text; each is its line with names and values, or its
// fault.
func rowsOf(text string) (rows []string, format string, err error) {
	r, err := newTextRows(strings.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	err = r.each(context.Background(), func(row newsRow) error {
		if row.fault != "" {
			rows = append(rows, fmt.Sprintf("%d fault: %s", row.line, row.fault))
			return nil
		}
		s := fmt.Sprint(row.line)
		for i, name := range row.names {
			s += fmt.Sprintf(" %s=%v", name, row.values[i])
		}
		rows = append(rows, s)
		return nil
	})
	return rows, r.format(), err
}

func TestNewsRows(t *testing.T) {
	long := strings.Repeat("x", maxNewsItem)
	tests := []struct {
		name, in string
		format   string
		want     []string
		fail     string
	}{
		// JSON in its frames.
		{name: "one object a line", in: "{\"a\":1}\n\n{\"a\":\"b\"}\n", format: "jsonl", want: []string{"1 a=1", "3 a=b"}},
		{name: "no line ends between", in: `{"a":1}{"a":2}`, format: "jsonl", want: []string{"1 a=1", "1 a=2"}},
		{name: "a list", in: "[\n {\"a\":1},\n {\"a\":[1,{\"b\":\"]}\"}]}\n]\n", format: "json", want: []string{"2 a=1", "3 a=[1 map[b:]}]]"}},
		{name: "an empty list", in: "[]", format: "json"},
		{name: "a page", in: `{"n":{"x":[]},"news":[{"a":1},{"a":2}],"next_page_token":null,"more":[{"a":3}]}`, format: "json", want: []string{"1 a=1", "1 a=2"}},
		{name: "several pages", in: "{\"feed\":[{\"a\":1}]}\n{\"feed\":[{\"a\":2}]}\n", format: "json", want: []string{"1 a=1", "2 a=2"}},
		{name: "a list of pages' names in an item", in: `{"news":["a","b"],"data":{}}`, format: "jsonl", want: []string{"1 data=map[] news=[a b]"}},
		{name: "a list in an item that says what it is", in: `{"time":"t","title":"x","data":[{"a":1}]}`, format: "jsonl", want: []string{"1 data=[map[a:1]] time=t title=x"}},
		{name: "a page with a title", in: `{"title":"of all","description":"d","items":[{"a":1}]}`, format: "json", want: []string{"1 a=1"}},
		{name: "a name that stands twice", in: `{"a":{"b":1},"a":":"}` + "\n" + `{"a":{"b":":","c":[1]},"c":":\":"}`, format: "jsonl",
			want: []string{"1 fault: a name stands twice in one object", "2 a=map[b:: c:[1]] c=:\":"}},
		{name: "escapes", in: `{"a\"":"\\","b":"\u00e9\n"}`, format: "jsonl", want: []string{`1 a"=\ b=é` + "\n"}},
		{name: "byte-order mark", in: "\ufeff{\"a\":1}", format: "jsonl", want: []string{"1 a=1"}},
		{name: "Python's NaN", in: `{"a":NaN,"b":"NaN"}`, format: "jsonl", want: []string{"1 a=NaN b=NaN"}},
		{name: "elements that are no objects", in: `[1,"a",null,{"a":1}]`, format: "json",
			want: []string{"1 fault: is a number, want an object", "1 fault: is a string, want an object", "1 fault: is null, want an object", "1 a=1"}},
		{name: "an object that is no JSON", in: "{\"a\":}\n{\"a\":1}\n", format: "jsonl", want: []string{"1 fault: is no JSON: invalid character '}' looking for beginning of value", "2 a=1"}},
		{name: "a line torn in a text", in: "{\"a\":\"b\n{\"a\":1}\n", format: "jsonl", want: []string{"1 fault: a text goes on behind the end of its line", "2 a=1"}},
		{name: "one item too long", in: "{\"a\":\"" + long + "\"}\n{\"a\":1}\n", format: "jsonl", want: []string{"1 fault: " + errItemSize.Error(), "2 a=1"}},
		{name: "a list that is cut", in: `[{"a":1},{"a":2`, format: "json", want: []string{"1 a=1"}, fail: "the list that begins in line 1 ends too early"},
		{name: "a page that is cut", in: `{"news":[{"a":1}],"next`, format: "json", want: []string{"1 a=1"}, fail: "ends too early"},
		{name: "an object that is cut", in: "{\"a\":1}\n{\"a\":", format: "jsonl", want: []string{"1 a=1"}, fail: "the object that begins in line 2 ends too early"},
		{name: "something else in between", in: "{\"a\":1}\nhello\n", format: "jsonl", want: []string{"1 a=1"}, fail: "line 2: 'h' stands where an object should begin"},
		{name: "brackets the wrong way round", in: "[]]", format: "json", fail: "line 1: ']'"},
		// CSV.
		{name: "cells of several lines", in: "a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n1,2\r\n\r\n", format: "csv", want: []string{"2 a=x\ny b=say \"hi\"", "4 a=1 b=2"}},
		{name: "byte-order mark and semicolons", in: "\ufeffa;b\n1;2,5\n", format: "csv", want: []string{"2 a=1 b=2,5"}},
		{name: "a header alone", in: "a,b\n", format: "csv"},
		{name: "too few cells", in: "a,b\n1\n2,3\n", format: "csv", want: []string{"2 fault: 1 cells where the header has 2", "3 a=2 b=3"}},
		{name: "a quotation mark in a bare cell", in: "a,b\n1\",2\n3,4\n", format: "csv", want: []string{"2 fault: bare \" in non-quoted-field", "3 a=3 b=4"}},
		{name: "a quotation mark never closed", in: "a,b\n\"1,2\n" + strings.Repeat(long, 3), format: "csv", fail: "one item has more than 4 MiB"},
		// Neither.
		{name: "nothing", in: "", fail: "the file is empty"},
		{name: "white space", in: " \n\n", fail: "the file is empty"},
		{name: "a page of HTML", in: "<!doctype html><p>Sign in", fail: "is a page"},
		{name: "UTF-16", in: "\xff\xfea\x00", fail: "UTF-16"},
		{name: "bytes", in: "a\x00\x01\x02", fail: "neither JSON, CSV nor Parquet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, format, err := rowsOf(tt.in)
			if tt.fail == "" && err != nil || tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)) {
				t.Fatalf("error %v, want %q", err, tt.fail)
			}
			if format != tt.format {
				t.Errorf("format %q, want %q", format, tt.format)
			}
			if fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", tt.want) {
				t.Errorf("rows\n%q, want\n%q", rows, tt.want)
			}
		})
	}
}

func TestListLiteral(t *testing.T) {
	tests := []struct {
		in   string
		want []string
		ok   bool
	}{
		{`['one', "it's two"]`, []string{"one", "it's two"}, true},
		{`[]`, nil, true},
		{` [ 'a' , None, nan, null, "b", ] `, []string{"a", "b"}, true},
		{`['a\'b', 'c\\d', 'e\nf\tg', '\xe9\u2019\U0001F4C8', "\ud83d\udcc8", '\q']`, []string{"a'b", `c\d`, "e\nf\tg", "é’📈", "📈", `\q`}, true},
		{`["AAPL","MSFT"]`, []string{"AAPL", "MSFT"}, true},
		{`[Reuters] Shares rose`, nil, false},
		{`[Reuters]`, nil, false},
		{`['a' 'b']`, nil, false},
		{`['a'`, nil, false},
		{`['a\']`, nil, false},
		{`['\xzz']`, nil, false},
		{`[1, 2]`, nil, false},
		{``, nil, false},
	}
	for _, tt := range tests {
		got, ok := listLiteral(tt.in)
		if ok != tt.ok || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tt.want) && tt.ok {
			t.Errorf("listLiteral(%s) = %q, %v, want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

// fuzzNews reads content as a file of news and makes sure that whatever comes out
// can be stored.
func fuzzNews(f *testing.F) {
	calendar, ny := data.NYSE(), newYork(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := newTextRows(bytes.NewReader(content))
		if err != nil {
			return
		}
		mapper, err := newNewsMapper(map[string]string{"source": "a.b"})
		if err != nil {
			t.Fatal(err)
		}
		reader := &newsReader{mapper: mapper, stamps: newStampReader(ny, MonthDayYear), calendar: calendar}
		err = rows.each(t.Context(), func(row newsRow) error {
			if row.fault == "" {
				_ = mapper.check(row) // a layout that is refused is read on, to see more of it
			}
			if row.line < 1 || row.line > 1+bytes.Count(content, []byte("\n")) {
				t.Fatalf("a row is said to be in line %d", row.line)
			}
			reading, err := reader.read(row)
			var left *faultyItem
			if err != nil && (!errors.As(err, &left) || left.reason == "" || left.fault == "") {
				t.Fatalf("line %d: %v", row.line, err)
			}
			for _, item := range reading.items {
				if err := item.Validate(); err != nil || !hasWord(item.Title) && !hasWord(item.Text) || !utf8.ValidString(item.Title+item.Text+item.Source+item.URL) {
					t.Fatalf("line %d gives %+v: %v", row.line, item, err)
				}
				r := newsRecord{item: item}
				if again, err := readByTime(byTime(nil, r.appendByContent(nil, 1, contentDigest(item)))); err != nil || again.item.Text != item.Text || !again.item.Time.Equal(item.Time) {
					t.Fatalf("%+v came back as %+v, %v", item, again.item, err)
				}
			}
			for _, symbol := range reading.symbols {
				if c, err := data.Canonical(symbol); err != nil || c != symbol {
					t.Fatalf("symbol %q", symbol)
				}
			}
			return nil
		})
		if err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}

func FuzzNewsJSON(f *testing.F) {
	for _, s := range []string{
		`{"time":"2024-03-08T18:30:00Z","title":"a","symbols":["TSLA"],"sentiment":{"compound":1,"method":"x"}}`,
		`[{"datetime":1631229420,"headline":"b","related":"TSLA,AAPL","summary":"<p>c"},3,null]`,
		`{"items":"50","feed":[{"time_published":"20240308T183000","title":"d","ticker_sentiment":[{"ticker":"TSLA"}],"overall_sentiment_score":0.3}]}`,
		`{"news":[{"created_at":"2024-03-08T18:30:00Z","headline":"e","symbols":["TSLA"]}],"next_page_token":null}` + "\n" + `{"news":[]}`,
		`{"created_at":"Fri Oct 23 15:08:18 +0000 2015","text":"f \u0000\ud800"}`, "{\"a\":\"\n", `{"news":[`, `[[[[`, `{"time":1e400,"title":NaN}`,
	} {
		f.Add([]byte(s))
	}
	fuzzNews(f)
}

func FuzzNewsCSV(f *testing.F) {
	for _, s := range []string{
		"date,title\n2024-03-08,a\n", "Date;Headline;Stock\n03/08/2024 9am;b;TSLA\n", "\ufeffdatetime,news\n1608358323000,\"['a', \"\"b\"\"]\"\n",
		"date,text\n2024-03-08,\"x\ny\"\n2024-03-08,\"X Y\"\n", "time,title\n\"January 25, 2024 — 03:33 am EST\",c\n", "a\n\"", "date,title,positive,neutral,negative\n2024-03-08,d,1,0,0\n",
	} {
		f.Add([]byte(s))
	}
	fuzzNews(f)
}

func FuzzListLiteral(f *testing.F) {
	for _, s := range []string{`['a', "b"]`, `['\x41\u2019\ud83d\udcc8']`, `[None, nan]`, `['`, `['\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		items, ok := listLiteral(cell)
		total := 0
		for _, item := range items {
			total += len(item)
		}
		if ok && total > 3*len(cell) {
			t.Fatalf("%d bytes out of %d", total, len(cell))
		}
	})
}
