package alpaca_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"finmem/internal/shared"
	"finmem/paper"
	"finmem/paper/alpaca"
)

// Answers as Alpaca's own client library has them in its tests are read exactly,
// figures that are numbers instead of texts among them.
func TestRecordedShapes(t *testing.T) {
	answer := func(file, name string) string {
		t.Helper()
		text, err := os.ReadFile(shared.Path(t, "data/fixtures/alpaca/"+file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Name     string
			Response struct{ Body json.RawMessage }
		}
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Name == name {
				return string(e.Response.Body)
			}
		}
		t.Fatalf("%s has no %s", file, name)
		return ""
	}
	order := answer("trading_orders", "test_market_order")
	bodies := map[string]string{
		"/v2/account":                   answer("trading_account", "test_get_account"),
		"/v2/positions":                 answer("trading_positions", "test_get_all_positions"),
		"/v2/orders":                    "[" + order + "]",
		"/v2/orders:by_client_order_id": order,
		"/v2/assets/AAPL":               answer("trading_assets", "test_get_asset"),
	}
	cfg := config(server(t))
	cfg.URL = alpaca.PaperURL
	cfg.Base = roundTripper(func(req *http.Request) (*http.Response, error) {
		body, ok := bodies[req.URL.Path]
		if !ok {
			t.Errorf("a call to %s", req.URL)
		}
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
	})
	b := dial(t, cfg)
	if b.Name() != "alpaca paper 010203ABCD" {
		t.Errorf("name %q", b.Name())
	}
	a, err := b.Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !a.Cash.Equal(dec("-23140.2")) || !a.BuyingPower.Equal(dec("262113.632")) || !a.Equity.Equal(dec("103820.56")) || a.Blocked != "" || !a.Positions["AAPL"].Shares.Equal(dec("5")) {
		t.Errorf("account %+v", a)
	}
	r, ok, err := b.Find(t.Context(), "eb9e2aaa-f71a-4f51-b5b4-52a6c565dad4")
	if err != nil || !ok || r.BrokerID != "61e69015-8549-4bfd-b9c3-01e75843f47d" || !r.Shares.Equal(dec("1")) || r.Status != paper.Open || r.For != "2021-03-16" || r.Result.Fill != nil {
		t.Errorf("receipt %+v, %v, %v", r, ok, err)
	}
	if list, err := b.Open(t.Context()); err != nil || len(list) != 1 || list[0].BrokerID != r.BrokerID {
		t.Errorf("open orders %+v, %v", list, err)
	}
	if asset, err := b.Asset(t.Context(), "AAPL"); err != nil || !asset.Tradable || !asset.Fractional || !asset.Shortable {
		t.Errorf("asset %+v, %v", asset, err)
	}
}
