package stooq

import (
	"testing"

	"finmem/data"
	"finmem/data/fetch"
)

// Whatever a vendor sends is bars and actions that a dataset can hold, or an error
// with a kind.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Date,Open,High,Low,Close,Volume\n2024-03-08,1,1,1,1,1\n"))
	f.Add([]byte("Date,Open,High,Low,Close\n2024-03-08,1,1,1,1e400\n\""))
	f.Add([]byte("No data"))
	f.Add([]byte("Exceeded the daily hits limit"))
	days := fetch.Days("2024-03-04", "2024-03-08")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := read(body, "AAPL", days)
		if err == nil {
			err = p.Order("AAPL", days)
		}
		if err != nil {
			if fetch.KindOf(err) == "" {
				t.Errorf("error without a kind: %v", err)
			}
			return
		}
		if err := (data.History{Symbol: "AAPL", Bars: p.Bars, Actions: p.Actions}).Validate(); err != nil {
			t.Error(err)
		}
	})
}
