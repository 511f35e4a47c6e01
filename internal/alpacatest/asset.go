package alpacatest

import (
	"net/http"
	"net/url"
	"sort"
)

// An Asset is a symbol that the server knows.
type Asset struct {
	Symbol       string
	Fractionable bool
	Shortable    bool
	// Inactive is a symbol that has left the market, Untradable one that is
	// listed and may not be traded.
	Inactive, Untradable bool
	// MinOrderSize is only sent for assets that have one.
	MinOrderSize string
}

// AddAsset makes a symbol known, or changes it.
func (s *Server) AddAsset(a Asset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.assets[a.Symbol] = &a
}

func (a *Asset) json() map[string]any {
	status := "active"
	if a.Inactive {
		status = "inactive"
	}
	out := map[string]any{
		"id": uuid("asset", a.Symbol), "class": "us_equity", "exchange": "NASDAQ", "symbol": a.Symbol,
		"name": a.Symbol + " Common Stock", "status": status, "tradable": !a.Untradable && !a.Inactive,
		"marginable": true, "maintenance_margin_requirement": 30, "shortable": a.Shortable,
		"easy_to_borrow": a.Shortable, "fractionable": a.Fractionable, "attributes": []string{},
	}
	if a.MinOrderSize != "" {
		out["min_order_size"] = a.MinOrderSize
	}
	return out
}

func (s *Server) oneAsset(symbol string) reply {
	for name, a := range s.assets {
		if name == symbol || uuid("asset", name) == symbol {
			return reply{http.StatusOK, a.json()}
		}
	}
	return refusal(http.StatusNotFound, 40410000, "asset not found for %s", symbol)
}

func (s *Server) allAssets(q url.Values) reply {
	out := []map[string]any{}
	for _, symbol := range sortedKeys(s.assets) {
		a := s.assets[symbol].json()
		if status := q.Get("status"); status == "" || status == a["status"] {
			out = append(out, a)
		}
	}
	return reply{http.StatusOK, out}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
