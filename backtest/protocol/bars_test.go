package protocol_test

import (
	"math"
	"strings"
	"testing"

	"finmem/backtest/protocol"
	"finmem/data"
)

func TestFromBars(t *testing.T) {
	bars := []data.Bar{
		{Session: "2024-01-02", Open: 98, Close: 100, AdjClose: 50},
		{Session: "2024-01-03", Open: math.NaN(), Close: 110, AdjClose: 55},
	}
	raw, err := protocol.FromBars(bars, protocol.Close)
	if err != nil || raw.Close[1] != 110 || raw.Open[0] != 98 || !math.IsNaN(raw.Open[1]) {
		t.Errorf("close: %+v, %v", raw, err)
	}
	adjusted, err := protocol.FromBars(bars, protocol.AdjClose)
	if err != nil || adjusted.Close[1] != 55 || adjusted.Open[0] != 49 {
		t.Errorf("adjusted: %+v, %v", adjusted, err)
	}
	only := []data.Bar{data.CloseBar("2024-01-02", 100)}
	if p, err := protocol.FromBars(only, protocol.Close); err != nil || p.Open != nil {
		t.Errorf("closes only: %+v, %v", p, err)
	}
	if _, err := protocol.FromBars(only, protocol.AdjClose); err == nil || !strings.Contains(err.Error(), "session 2024-01-02 has no adjusted close") {
		t.Errorf("error %v", err)
	}
	if protocol.HasAdjClose(only) || protocol.HasAdjClose(nil) || !protocol.HasAdjClose(bars) {
		t.Error("HasAdjClose")
	}
	if _, err := protocol.ParseBasis("vwap"); err == nil {
		t.Error("price vwap was taken")
	}
}

func TestWindow(t *testing.T) {
	p := fourDays()
	w := p.Window("2024-01-03", "2024-01-04")
	if len(w.Close) != 2 || w.Close[0] != 110 || w.OpenAfter != 98 {
		t.Errorf("%+v", w)
	}
	if w := p.Window("2024-01-04", "2024-12-31"); len(w.Close) != 2 || w.OpenAfter != 100 {
		t.Errorf("to the end: %+v", w)
	}
	if w := p.Window("2025-01-01", "2024-01-01"); len(w.Close) != 0 {
		t.Errorf("backwards: %+v", w)
	}
}
