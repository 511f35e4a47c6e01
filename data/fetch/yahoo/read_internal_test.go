package yahoo

import (
	"testing"

	"finmem/data"
	"finmem/data/fetch"
)

// Whatever a vendor sends is bars and actions that a dataset can hold, or an error
// with a kind.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"chart":{"result":[{"meta":{"symbol":"AAPL","exchangeTimezoneName":"America/New_York"},"timestamp":[1709908200,1709908200],"events":{"splits":{"1":{"date":1709908200,"numerator":1,"denominator":0}},"dividends":{"1":{"date":1709908200,"amount":1e9},"2":{"date":1709908200,"amount":0.1}}},"indicators":{"quote":[{"open":[1,null],"high":[1,1],"low":[1,1],"close":[1e308,1],"volume":[-1,1]}],"adjclose":[{"adjclose":[1,1]}]}}]}}`))
	f.Add([]byte(`{"chart":{"result":[{"timestamp":[1],"indicators":{"quote":[{}]}}]}}`))
	f.Add([]byte(`{"chart":{"result":null,"error":{"code":"Not Found"}}}`))
	calendar, days := data.NYSE(), fetch.Days("2024-03-04", "2024-03-08")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := read(body, "AAPL", calendar, days)
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
