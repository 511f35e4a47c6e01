package metrics_test

import (
	"encoding/json"
	"math"
	"testing"

	"finmem/backtest/metrics"

	"pgregory.net/rapid"
)

func TestFigureJSON(t *testing.T) {
	got, err := json.Marshal([]metrics.Figure{0, 0.1, metrics.Figure(math.NaN()), metrics.Figure(math.Inf(1))})
	if want := "[0,0.1,null,null]"; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	var back metrics.Figure
	if err := json.Unmarshal([]byte("null"), &back); err != nil || back.Defined() {
		t.Errorf("null came back as %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"0.1"`), &back); err == nil {
		t.Error("a string was taken for a figure")
	}
}

func TestFigureRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := metrics.Figure(rapid.Float64().Draw(t, "value"))
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back metrics.Figure
		if err := json.Unmarshal(b, &back); err != nil || (f.Defined() && back != f) {
			t.Fatalf("%v became %v, %v", f, back, err)
		}
	})
}
