package importer

import (
	"math"
	"strings"
	"testing"

	"finmem/data"
)

func TestSplitSentiment(t *testing.T) {
	pos := func(x string) string { return " The positive score for this news is " + x + "." }
	neu := func(x string) string { return " The neutral score for this news is " + x + "." }
	neg := func(x string) string { return " The negative score for this news is " + x + "." }
	finbert := func(p, neutral, n float64) *data.Sentiment {
		return &data.Sentiment{Positive: p, Neutral: neutral, Negative: n, Compound: p - n, Method: "finbert"}
	}
	label := func(p, neutral, n float64) *data.Sentiment {
		return &data.Sentiment{Positive: p, Neutral: neutral, Negative: n, Compound: p - n, Method: "label"}
	}
	tests := []struct {
		name, in, rest string
		want           *data.Sentiment
		unread         bool
	}{
		{"FinMem's order", "Up 3.5 %." + pos("0.75") + neu("0.125") + neg("0.125"), "Up 3.5 %.", finbert(0.75, 0.125, 0.125), false},
		{"another order", "Up." + neg("0.125") + pos("0.75") + neu("0.125"), "Up.", finbert(0.75, 0.125, 0.125), false},
		{"scientific notation", "Up." + pos("1.3002072307699564e-07") + neu("9.5E-01") + neg("5e-2"), "Up.", finbert(1.3002072307699564e-07, 0.95, 0.05), false},
		{"whole numbers", "Up." + pos("1") + neu("0") + neg("0.0"), "Up.", finbert(1, 0, 0), false},
		{"no full stop at the end", "Up." + pos("1") + neu("0") + " The negative score for this news is 0", "Up.", finbert(1, 0, 0), false},
		{"on lines of their own", "Up.\nThe positive score for this news is 1.\nThe neutral score for this news is 0.\nThe negative score for this news is 0.\n", "Up.", finbert(1, 0, 0), false},
		{"text without a full stop", "Maintains Hold" + pos("1") + neu("0") + neg("0"), "Maintains Hold", finbert(1, 0, 0), false},
		{"scores alone", strings.TrimSpace(pos("1") + neu("0") + neg("0")), "", finbert(1, 0, 0), false},

		{"one missing", "Up." + pos("0.75") + neu("0.25"), "", nil, true},
		{"one twice", "Up." + pos("0.5") + pos("0.5") + neg("0.5"), "", nil, true},
		{"four", "Up." + neu("0.5") + pos("0.5") + neu("0.5") + neg("0.5"), "", nil, true},
		{"not at the end", "Up." + pos("1") + neu("0") + neg("0") + " More.", "", nil, true},
		{"above one", "Up." + pos("1.5") + neu("0") + neg("0"), "", nil, true},
		{"below zero", "Up." + pos("-0.5") + neu("0") + neg("0"), "", nil, true},
		{"no number", "Up." + pos("nan") + neu("0") + neg("0"), "", nil, true},
		{"hexadecimal", "Up." + pos("0x1p-2") + neu("0") + neg("0"), "", nil, true},
		{"another tone", "Up. The mixed score for this news is 1." + neu("0") + neg("0"), "", nil, true},

		{"label", "Up. (Sentiment: positive)", "Up.", label(1, 0, 0), false},
		{"label of the crypto files", "down 3 %. (sentiment:negative)", "down 3 %.", label(0, 0, 1), false},
		{"neutral label", "Flat. (Sentiment: neutral) ", "Flat.", label(0, 1, 0), false},
		{"label of another word", "Up. (Sentiment: mixed)", "", nil, false},
		{"label inside", "Up (Sentiment: positive) today.", "", nil, false},
		{"other brackets", "Up (NASDAQ: TSLA)", "", nil, false},
		{"neither", "Up.", "", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rest, s, unread := splitSentiment(tt.in)
			if tt.want == nil {
				tt.rest = tt.in // left as it was
			}
			if rest != tt.rest || unread != tt.unread {
				t.Errorf("rest %q, unread %v; want %q, %v", rest, unread, tt.rest, tt.unread)
			}
			if (s == nil) != (tt.want == nil) || s != nil && (*s != *tt.want || math.IsNaN(s.Compound)) {
				t.Errorf("sentiment %+v, want %+v", s, tt.want)
			}
		})
	}
}
