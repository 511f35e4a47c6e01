package alphavantage

import (
	"testing"

	"finmem/data"
	"finmem/data/fetch"
)

// Whatever a vendor sends is bars and actions that a dataset can hold, or an error
// with a kind.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"Time Series (Daily)":{"2024-03-07":{"4. close":"1","8. split coefficient":"-3","7. dividend amount":"1e9"}}}`))
	f.Add([]byte(`{"Time Series (Daily)":{"2024-03-07":{"4. close":"1,5"}}}`))
	days := fetch.Days("2024-03-04", "2024-03-08")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := readDaily(body, days)
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
