package memory_test

import (
	"math"
	"strings"
	"testing"

	"finmem/memory"
)

func TestPresets(t *testing.T) {
	for _, tt := range []struct {
		name                           string
		stability, decay               [4]float64 // short, mid, long, reflection
		shortUp, midLow, midUp, lowest float64
		short                          []memory.Draw
	}{
		{"layered", [4]float64{14, 90, 365, 365}, [4]float64{0.9117, 0.9697, 0.99243, 0.99243}, 60, 10, 80, 10,
			[]memory.Draw{{Importance: 40, Probability: 0.8}, {Importance: 60, Probability: 0.15}, {Importance: 80, Probability: 0.05}}},
		{"paper", [4]float64{14, 90, 365, 365}, [4]float64{0.9, 0.967, 0.988, 0.988}, 60, 60, 80, 80,
			[]memory.Draw{{Importance: 40, Probability: 0.8}, {Importance: 60, Probability: 0.15}, {Importance: 80, Probability: 0.05}}},
		{"reference", [4]float64{3, 90, 365, 365}, [4]float64{0.92, 0.967, 0.988, 0.988}, 60, 60, 80, 80,
			[]memory.Draw{{Importance: 50, Probability: 0.5}, {Importance: 70, Probability: 0.45}, {Importance: 90, Probability: 0.05}}},
	} {
		c, err := memory.Preset(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if c.Preset != tt.name || c.ShortUp != tt.shortUp || c.MidLow != tt.midLow || c.MidUp != tt.midUp || c.LongLow != tt.lowest ||
			c.PurgeRecency != 0.05 || c.PurgeImportance != 5 || c.FeedbackPoints != 5 || c.TopK != 5 {
			t.Errorf("%s: %+v", tt.name, c)
		}
		draws := [4][]memory.Draw{
			tt.short,
			{{Importance: 40, Probability: 0.05}, {Importance: 60, Probability: 0.8}, {Importance: 80, Probability: 0.15}},
			{{Importance: 40, Probability: 0.05}, {Importance: 60, Probability: 0.15}, {Importance: 80, Probability: 0.8}},
			{{Importance: 40, Probability: 0.05}, {Importance: 60, Probability: 0.15}, {Importance: 80, Probability: 0.8}},
		}
		for i, l := range memory.Layers() {
			got := c.Layer(l)
			if got.Stability != tt.stability[i] || got.Decay != tt.decay[i] {
				t.Errorf("%s %s: %+v", tt.name, l, got)
			}
			for j, d := range draws[i] {
				if got.Initial[j] != d {
					t.Errorf("%s %s: draw %d is %+v, want %+v", tt.name, l, j, got.Initial[j], d)
				}
			}
		}
	}
	for _, name := range []string{"", "Layered", "default"} {
		if _, err := memory.Preset(name); err == nil || !strings.Contains(err.Error(), "want layered, paper or reference") {
			t.Errorf("preset %q: %v, want an error naming the three", name, err)
		}
	}
}

// The decays of "layered" are what brings 80 down to 5 in 30, 90 and 365
// sessions.
func TestLayeredDecaysLastAsLongAsTheirLayers(t *testing.T) {
	c := preset(t, "layered")
	for l, sessions := range map[memory.Layer]float64{memory.Short: 30, memory.Mid: 90, memory.Long: 365} {
		if got := math.Log(5.0/80) / math.Log(c.Layer(l).Decay); math.Abs(got-sessions) > 0.2 {
			t.Errorf("%s: 80 becomes 5 after %v sessions, want %v", l, got, sessions)
		}
	}
}

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct {
		spoil  func(*memory.Config)
		expect string
	}{
		{func(c *memory.Config) { c.Short.Stability = 0 }, "layer short: stability 0"},
		{func(c *memory.Config) { c.Mid.Stability = nan }, "layer mid: stability NaN"},
		{func(c *memory.Config) { c.Mid.Stability = inf }, "layer mid: stability +Inf"},
		{func(c *memory.Config) { c.Long.Decay = 0 }, "layer long: decay 0"},
		{func(c *memory.Config) { c.Long.Decay = 1.01 }, "layer long: decay 1.01"},
		{func(c *memory.Config) { c.Reflection.Decay = nan }, "layer reflection: decay NaN"},
		{func(c *memory.Config) { c.Reflection.Initial = nil }, "layer reflection: no initial importance"},
		{func(c *memory.Config) { c.Short.Initial = []memory.Draw{{0, 1}} }, "initial importance 0"},
		{func(c *memory.Config) { c.Short.Initial = []memory.Draw{{40, 1.5}, {60, -0.5}} }, "probability 1.5"},
		{func(c *memory.Config) { c.Short.Initial = []memory.Draw{{40, 0.5}, {60, 0.4}} }, "add up to 0.9"},
		{func(c *memory.Config) { c.ShortUp = nan }, "short up NaN"},
		{func(c *memory.Config) { c.LongLow = -1 }, "long low -1"},
		{func(c *memory.Config) { c.PurgeImportance = inf }, "purge importance +Inf"},
		{func(c *memory.Config) { c.FeedbackPoints = -5 }, "feedback points -5"},
		{func(c *memory.Config) { c.MidLow = 61 }, "mid low 61 is above short up 60"},
		{func(c *memory.Config) { c.LongLow = 81 }, "long low 81 is above mid up 80"},
		{func(c *memory.Config) { c.ShortUp, c.MidLow = 95, 90 }, "mid low 90 is above mid up 80"},
		{func(c *memory.Config) { c.PurgeRecency = 1 }, "purge recency 1"},
		{func(c *memory.Config) { c.PurgeRecency = nan }, "purge recency NaN"},
		{func(c *memory.Config) { c.TopK = 0 }, "top k 0"},
	} {
		c := preset(t, "layered")
		tt.spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.expect) {
			t.Errorf("%v, want an error with %q", err, tt.expect)
		}
	}
}

func TestLayerNames(t *testing.T) {
	for _, l := range memory.Layers() {
		b, err := l.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back memory.Layer
		if err := back.UnmarshalText(b); err != nil || back != l {
			t.Errorf("%s came back as %s, %v", l, back, err)
		}
	}
	l := memory.Long
	if err := l.UnmarshalText([]byte("deep")); err == nil || l != memory.Long {
		t.Errorf("layer deep: %s, %v", l, err)
	}
	if got := memory.Layer(9).String(); got != "layer(9)" {
		t.Errorf("Layer(9) = %q", got)
	}
	c := preset(t, "layered")
	if got := c.Layer(9); got.Stability != 0 {
		t.Errorf("constants of layer 9: %+v", got)
	}
	if got := c.InitialImportance(1, "a", 9); got != 0 {
		t.Errorf("importance in layer 9: %v", got)
	}
}
