package memory

import (
	"fmt"
	"math"
)

// A LayerConfig says how the events of one layer fade and what they are born
// with.
type LayerConfig struct {
	// Stability is the time constant of recency in sessions, above 0. After so
	// many sessions recency is 1/e.
	Stability float64 `toml:"stability"`
	// Decay is what importance is multiplied by each session, above 0 and at
	// most 1.
	Decay float64 `toml:"decay"`
	// Initial lists the values that importance is drawn from at birth.
	Initial []Draw `toml:"initial"`
}

// A Draw is one value of the initial importance and how likely it is. The
// probabilities of a layer add up to 1.
type Draw struct {
	Importance  float64 `toml:"importance"`
	Probability float64 `toml:"probability"`
}

// A Config holds every constant of the memory. [Preset] gives the ready ones.
type Config struct {
	// Preset names the set of constants this one started from. It is a label
	// for people; no rule depends on it.
	Preset string `toml:"preset"`

	Short      LayerConfig `toml:"short"`
	Mid        LayerConfig `toml:"mid"`
	Long       LayerConfig `toml:"long"`
	Reflection LayerConfig `toml:"reflection"`

	// An event of importance ShortUp or more rises from short to mid, of MidUp
	// or more from mid to long. One below MidLow sinks from mid to short, one
	// below LongLow from long to mid.
	ShortUp float64 `toml:"short_up"`
	MidLow  float64 `toml:"mid_low"`
	MidUp   float64 `toml:"mid_up"`
	LongLow float64 `toml:"long_low"`

	// An event whose recency is below PurgeRecency or whose importance is below
	// PurgeImportance is forgotten.
	PurgeRecency    float64 `toml:"purge_recency"`
	PurgeImportance float64 `toml:"purge_importance"`

	// FeedbackPoints is the importance that one point of feedback adds or takes.
	FeedbackPoints float64 `toml:"feedback_points"`

	// TopK is how many events of each layer a recall offers where the query
	// does not say.
	TopK int `toml:"top_k"`
}

// Layer gives the constants of l. A layer that does not exist has none: its
// LayerConfig is zero.
func (c Config) Layer(l Layer) LayerConfig {
	switch l {
	case Short:
		return c.Short
	case Mid:
		return c.Mid
	case Long:
		return c.Long
	case Reflection:
		return c.Reflection
	}
	return LayerConfig{}
}

// Validate reports the first constant that makes no sense, by name and with
// what it should be.
//
// A lower threshold may not lie above the upper one of the layer below it: an
// event between the two would rise and sink in the same night and be made young
// by it.
func (c Config) Validate() error {
	for _, l := range Layers() {
		if err := c.Layer(l).validate(); err != nil {
			return fmt.Errorf("memory: layer %s: %w", l, err)
		}
	}
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"short up", c.ShortUp}, {"mid low", c.MidLow}, {"mid up", c.MidUp}, {"long low", c.LongLow},
		{"purge importance", c.PurgeImportance}, {"feedback points", c.FeedbackPoints},
	} {
		if !finite(v.value) || v.value < 0 {
			return fmt.Errorf("memory: %s %v: want a number of at least 0", v.name, v.value)
		}
	}
	switch {
	case c.MidLow > c.ShortUp:
		return fmt.Errorf("memory: mid low %v is above short up %v: an event between them would rise and sink in one night", c.MidLow, c.ShortUp)
	case c.LongLow > c.MidUp:
		return fmt.Errorf("memory: long low %v is above mid up %v: an event between them would rise and sink in one night", c.LongLow, c.MidUp)
	case c.MidLow > c.MidUp:
		return fmt.Errorf("memory: mid low %v is above mid up %v: an event between them would have to rise and sink at once", c.MidLow, c.MidUp)
	case !(c.PurgeRecency >= 0 && c.PurgeRecency < 1):
		return fmt.Errorf("memory: purge recency %v: want at least 0 and below 1", c.PurgeRecency)
	case c.TopK < 1:
		return fmt.Errorf("memory: top k %d: want at least 1", c.TopK)
	}
	return nil
}

func (c LayerConfig) validate() error {
	if !finite(c.Stability) || c.Stability <= 0 {
		return fmt.Errorf("stability %v: want a number of sessions above 0", c.Stability)
	}
	if !(c.Decay > 0 && c.Decay <= 1) {
		return fmt.Errorf("decay %v: want above 0 and at most 1", c.Decay)
	}
	if len(c.Initial) == 0 {
		return fmt.Errorf("no initial importance: want at least one value with probability 1")
	}
	var sum float64
	for _, d := range c.Initial {
		if !finite(d.Importance) || d.Importance <= 0 {
			return fmt.Errorf("initial importance %v: want a number above 0", d.Importance)
		}
		if !(d.Probability >= 0 && d.Probability <= 1) {
			return fmt.Errorf("probability %v of initial importance %v: want 0 to 1", d.Probability, d.Importance)
		}
		sum += d.Probability
	}
	if math.Abs(sum-1) > 1e-9 {
		return fmt.Errorf("probabilities of the initial importance add up to %v: want 1", sum)
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
