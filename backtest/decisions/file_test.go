package decisions_test

import (
	"strings"
	"testing"

	"finmem/agent"
	"finmem/backtest/decisions"
	"finmem/data"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, csv string
		want      []decisions.Decision
		blank     int
	}{
		{
			name: "directions, short dates",
			csv:  "date,action\n6/27/22,1\n10/6/2022,-1\n12/1/22,0\n",
			want: []decisions.Decision{
				{Session: "2022-06-27", Action: agent.Buy, Line: 2},
				{Session: "2022-10-06", Action: agent.Sell, Line: 3},
				{Session: "2022-12-01", Action: agent.Hold, Line: 4},
			},
		},
		{
			name: "words in any case, symbols in any case, columns in any order",
			csv:  "Symbols,Dates,ACTIONS,prices\nTSLA,2022-10-06,BUY,1\ntsla, 2022-10-07 ,Sell,2\nTSLA,2022-10-10, hold,3\n",
			want: []decisions.Decision{
				{Session: "2022-10-06", Symbol: "TSLA", Action: agent.Buy, Line: 2},
				{Session: "2022-10-07", Symbol: "TSLA", Action: agent.Sell, Line: 3},
				{Session: "2022-10-10", Symbol: "TSLA", Action: agent.Hold, Line: 4},
			},
		},
		{
			name:  "an empty fourth column, blank trailing rows, a byte-order mark, CRLF",
			csv:   "\ufeffdate,symbol,direction,\r\n4/4/22,TSLA,1,\r\n4/5/22,TSLA,-1,\r\n,,,\r\n,,\r\n",
			want:  []decisions.Decision{{Session: "2022-04-04", Symbol: "TSLA", Action: agent.Buy, Line: 2}, {Session: "2022-04-05", Symbol: "TSLA", Action: agent.Sell, Line: 3}},
			blank: 2,
		},
		{
			name: "a data frame's output, no newline at the end",
			csv:  "date,decision\n2022-10-06 00:00:00,1.0\n2022-10-07T00:00:00,−1.0\n2022-10-10,-0.0",
			want: []decisions.Decision{
				{Session: "2022-10-06", Action: agent.Buy, Line: 2},
				{Session: "2022-10-07", Action: agent.Sell, Line: 3},
				{Session: "2022-10-10", Action: agent.Hold, Line: 4},
			},
		},
		{
			name: "a session without a decision",
			csv:  "date,action\n2022-10-06,buy\n2022-10-07,\n",
			want: []decisions.Decision{{Session: "2022-10-06", Action: agent.Buy, Line: 2}, {Session: "2022-10-07", Line: 3}},
		},
		{
			name: "a quoted cell over two lines",
			csv:  "date,action,reason\n2022-10-06,buy,\"up,\nand away\"\n2022-10-07,sell,\n",
			want: []decisions.Decision{{Session: "2022-10-06", Action: agent.Buy, Line: 2}, {Session: "2022-10-07", Action: agent.Sell, Line: 4}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := decisions.Read(strings.NewReader(tt.csv), "x.csv")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, f.Decisions); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
			if f.Blank != tt.blank {
				t.Errorf("%d blank rows, want %d", f.Blank, tt.blank)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, csv, want string }{
		{"nothing", "", "x.csv is empty"},
		{"no rows", "date,action\n,\n", "x.csv has a header but no decision"},
		{"no date column", "when,action\n1,1\n", "x.csv: no column named date or dates; the header is when,action"},
		{"no action column", "date,what\n2022-10-06,1\n", "no column named action or actions or direction or decision"},
		{"two action columns", "date,action,decision\n2022-10-06,1,1\n", `columns "action" and "decision" both name the action`},
		{"a word too many", "date,action\n2022-10-06,buy more\n", `x.csv line 2: action "buy more" is not buy, sell or hold, nor 1, -1 or 0`},
		{"a number too large", "date,action\n2022-10-06,1\n2022-10-07,2\n", `x.csv line 3: action "2" is not`},
		{"half a position", "date,action\n2022-10-06,0.5\n", `"0.5" is not`},
		{"a day that does not exist", "date,action\n2022-02-30,1\n", `x.csv line 2: date "2022-02-30"`},
		{"day before month", "date,action\n13/10/22,1\n", `date "13/10/22": want YYYY-MM-DD or month/day/year`},
		{"a time of day", "date,action\n2022-10-06 15:30:00,1\n", "has a time of day"},
		{"no date", "date,action\n,1\n", `x.csv line 2: date ""`},
		{"a symbol that is a path", "date,symbol,action\n2022-10-06,../x,1\n", "x.csv line 2: symbol"},
		{"a cell without a column", "date,action\n2022-10-06,1,2\n", `x.csv line 2: "2" is in column 3, the header has 2`},
		{"a broken quote", "date,action\n\"2022-10-06,1\n", "x.csv: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decisions.Read(strings.NewReader(tt.csv), "x.csv")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestFor(t *testing.T) {
	read := func(csv string) *decisions.File {
		f, err := decisions.Read(strings.NewReader(csv), "x.csv")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	both := read("date,symbol,action\n2022-10-06,TSLA,1\n2022-10-06,MSFT,0\n2022-10-07,tsla,-1\n")
	if diff := cmp.Diff([]string{"MSFT", "TSLA"}, both.Symbols()); diff != "" {
		t.Error(diff)
	}
	own, err := both.For("TSLA")
	if err != nil || len(own) != 2 || own[1].Action != agent.Sell {
		t.Errorf("decisions about TSLA: %v, %v", own, err)
	}
	if _, err := both.For("NFLX"); err == nil || !strings.Contains(err.Error(), "no decision about NFLX; it is about MSFT, TSLA") {
		t.Errorf("error %v", err)
	}
	if own, err := read("date,action\n2022-10-06,1\n").For("TSLA"); err != nil || len(own) != 1 {
		t.Errorf("a file without symbols: %v, %v", own, err)
	}
	mixed := read("date,symbol,action\n2022-10-06,TSLA,1\n2022-10-07,,1\n")
	if _, err := mixed.For("TSLA"); err == nil || !strings.Contains(err.Error(), "x.csv line 3: no symbol") {
		t.Errorf("error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("date,action\n6/27/22,1\n")
	f.Add("symbols,dates,actions,prices\nTSLA,8/17/21,1,221.9\ntsla,8/18/21,0,0\n")
	f.Add("\ufeffdate,symbol,direction,\r\n4/4/22,TSLA,1,\r\n,,,\r\n")
	f.Add("date,decision\n2022-10-06 00:00:00,−1.0\n\"2022")
	f.Fuzz(func(t *testing.T, csv string) {
		file, err := decisions.Read(strings.NewReader(csv), "x.csv")
		if err != nil {
			return
		}
		for _, d := range file.Decisions {
			if _, err := data.ParseSession(string(d.Session)); err != nil {
				t.Fatalf("line %d: %v", d.Line, err)
			}
			if _, err := agent.ParseAction(string(d.Action)); d.Action != "" && err != nil {
				t.Fatalf("line %d: %v", d.Line, err)
			}
			if d.Line < 2 {
				t.Fatalf("a decision on line %d", d.Line)
			}
		}
	})
}
