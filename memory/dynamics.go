package memory

import (
	"fmt"
	"strings"
)

// Dynamics say what a configuration does to events that are left alone: never
// cited, so never rewarded or blamed.
type Dynamics struct {
	Preset string          `json:"preset"`
	Layers []LayerDynamics `json:"layers"`
	// Warnings name what the constants do that a layer is hardly meant for, in
	// words for people.
	Warnings []string `json:"warnings"`
}

// LayerDynamics are the lives of the events that are born into one layer.
type LayerDynamics struct {
	Layer     Layer   `json:"layer"`
	Stability float64 `json:"stability"` // sessions
	Decay     float64 `json:"decay"`     // factor per session
	// FirstNightMoved is the share, 0 to 1, of new events that change layer on
	// their first night, FirstNightForgotten of those that do not survive it.
	FirstNightMoved     float64 `json:"firstNightMoved"`
	FirstNightForgotten float64 `json:"firstNightForgotten"`
	// MeanLife is the number of nights to being forgotten, averaged over the
	// draws; nil where some event is never forgotten.
	MeanLife *float64 `json:"meanLife"`
	Lives    []Life   `json:"lives"`
}

// A Life is that of an event which is born with one importance and left alone.
// Nights are counted from 1, the night of the session of its birth.
type Life struct {
	Importance  float64 `json:"importance"`
	Probability float64 `json:"probability"`
	// Moves are its changes of layer, in order.
	Moves []LifeMove `json:"moves"`
	// Dies is the night that forgets it, nil for never: not within 100,000
	// nights.
	Dies *int `json:"dies"`
	// EndsIn is the layer it is in at the end, and Why the limit it falls below,
	// "" if it never dies.
	EndsIn Layer  `json:"endsIn"`
	Why    string `json:"why"`
}

// A LifeMove is one change of layer.
type LifeMove struct {
	Night int   `json:"night"`
	From  Layer `json:"from"`
	To    Layer `json:"to"`
}

// Dynamics works out the life of an event for each layer and each importance
// it can be born with, by the rules a night follows.
func (c Config) Dynamics() Dynamics {
	d := Dynamics{Preset: c.Preset, Warnings: []string{}}
	for _, l := range Layers() {
		ld := c.layerDynamics(l)
		d.Layers = append(d.Layers, ld)
		d.Warnings = append(d.Warnings, ld.warnings()...)
	}
	for _, pair := range [][2]Layer{{Short, Mid}, {Mid, Long}} {
		upper, lower := d.Layers[pair[0]].MeanLife, d.Layers[pair[1]].MeanLife
		if upper != nil && lower != nil && *lower <= *upper {
			d.Warnings = append(d.Warnings, fmt.Sprintf("a new %s event lives %.1f nights on average, no longer than a %s one (%.1f)", pair[1], *lower, pair[0], *upper))
		}
	}
	return d
}

func (c Config) layerDynamics(l Layer) LayerDynamics {
	cfg := c.Layer(l)
	d := LayerDynamics{Layer: l, Stability: cfg.Stability, Decay: cfg.Decay}
	mean, mortal := 0.0, true
	for _, draw := range cfg.Initial {
		life := c.life(l, draw)
		d.Lives = append(d.Lives, life)
		if len(life.Moves) > 0 && life.Moves[0].Night == 1 {
			d.FirstNightMoved += draw.Probability
		}
		if life.Dies == nil {
			mortal = false
			continue
		}
		if *life.Dies == 1 {
			d.FirstNightForgotten += draw.Probability
		}
		mean += float64(draw.Probability * float64(*life.Dies))
	}
	if mortal {
		d.MeanLife = &mean
	}
	return d
}

func (c Config) life(l Layer, draw Draw) Life {
	const longest = 100_000
	life := Life{Importance: draw.Importance, Probability: draw.Probability, Moves: []LifeMove{}}
	now := standing{l, draw.Importance, 1, 0}
	for n := 1; n <= longest; n++ {
		after, forgotten := c.night(now)
		if forgotten != "" {
			last := n
			life.Dies, life.EndsIn, life.Why = &last, after.layer, forgotten
			return life
		}
		if after.layer != now.layer {
			life.Moves = append(life.Moves, LifeMove{n, now.layer, after.layer})
		}
		now = after
	}
	life.EndsIn = now.layer
	return life
}

func (d LayerDynamics) warnings() []string {
	var moved, forgotten []string
	for _, life := range d.Lives {
		switch {
		case life.Probability == 0:
		case len(life.Moves) > 0 && life.Moves[0].Night == 1:
			way := "rises"
			if life.Moves[0].To < d.Layer {
				way = "sinks"
			}
			moved = append(moved, fmt.Sprintf("%g %s to %s", life.Importance, way, life.Moves[0].To))
		case life.Dies != nil && *life.Dies == 1:
			forgotten = append(forgotten, fmt.Sprintf("%g", life.Importance))
		}
	}
	var all []string
	if moved != nil {
		all = append(all, fmt.Sprintf("%.0f %% of new %s events change layer on their first night (importance %s)", 100*d.FirstNightMoved, d.Layer, strings.Join(moved, ", ")))
	}
	if forgotten != nil {
		all = append(all, fmt.Sprintf("%.0f %% of new %s events are forgotten on their first night (importance %s)", 100*d.FirstNightForgotten, d.Layer, strings.Join(forgotten, ", ")))
	}
	return all
}
