package memory

import "fmt"

// Preset gives a ready set of constants:
//
//   - "layered", the default: what the FinMem paper intends, worked out. The
//     decays bring an importance of 80 down to 5 in 30, 90 and 365 sessions, and
//     the lower thresholds lie near the end of an event's life, so that a layer
//     keeps its content for the time the layer is for.
//   - "paper": the constants the paper states (Yu et al. 2023, arXiv:2311.13743).
//   - "reference": the constants of the published code, which differ from the
//     paper's in the short layer.
//
// docs/memory.md has them side by side.
func Preset(name string) (Config, error) {
	c := Config{
		Preset:         name,
		ShortUp:        60,
		MidLow:         60,
		MidUp:          80,
		LongLow:        80,
		PurgeRecency:   0.05,
		FeedbackPoints: 5, PurgeImportance: 5,
		TopK: 5,
	}
	switch name {
	case "layered":
		c.MidLow, c.LongLow = 10, 10
		c.Short = LayerConfig{14, 0.9117, draws(40, 0.8, 0.15, 0.05)}
		c.Mid = LayerConfig{90, 0.9697, draws(40, 0.05, 0.8, 0.15)}
		c.Long = LayerConfig{365, 0.99243, draws(40, 0.05, 0.15, 0.8)}
	case "paper":
		c.Short = LayerConfig{14, 0.9, draws(40, 0.8, 0.15, 0.05)}
		c.Mid = LayerConfig{90, 0.967, draws(40, 0.05, 0.8, 0.15)}
		c.Long = LayerConfig{365, 0.988, draws(40, 0.05, 0.15, 0.8)}
	case "reference":
		c.Short = LayerConfig{3, 0.92, draws(50, 0.5, 0.45, 0.05)}
		c.Mid = LayerConfig{90, 0.967, draws(40, 0.05, 0.8, 0.15)}
		c.Long = LayerConfig{365, 0.988, draws(40, 0.05, 0.15, 0.8)}
	default:
		return Config{}, fmt.Errorf("memory: preset %q: want layered, paper or reference", name)
	}
	c.Reflection = LayerConfig{c.Long.Stability, c.Long.Decay, draws(40, 0.05, 0.15, 0.8)}
	return c, nil
}

// draws spreads three probabilities over first, first+20 and first+40.
func draws(first, p1, p2, p3 float64) []Draw {
	return []Draw{{first, p1}, {first + 20, p2}, {first + 40, p3}}
}
