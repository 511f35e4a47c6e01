package tiingo

import (
	"testing"

	"finmem/data"
	"finmem/data/fetch"
)

// Whatever a vendor sends is bars and actions that a dataset can hold, or an error
// with a kind.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`[{"date":"2024-03-07T00:00:00Z","close":400,"adjClose":100,"splitFactor":0.25,"divCash":0.5},{"date":"2024-03-07","close":1,"splitFactor":-1,"divCash":-2}]`))
	f.Add([]byte(`{"detail":"Invalid token"}`))
	days := fetch.Days("2024-03-04", "2024-03-08")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := readPrices(body, "AAPL", days)
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
