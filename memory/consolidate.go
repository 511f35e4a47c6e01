package memory

// A standing is the part of an event that a night changes.
type standing struct {
	layer      Layer
	importance float64
	recency    float64
	age        int
}

func standingOf(e *Event) standing {
	return standing{e.Layer, e.Importance, e.Recency, e.Age}
}

func (s standing) applyTo(e *Event) {
	e.Layer, e.Importance, e.Recency, e.Age = s.layer, s.importance, s.recency, s.age
}

// Why an event was forgotten: which of the two limits it fell below.
const (
	ByRecency    = "recency"
	ByImportance = "importance"
	ByBoth       = "recency and importance"
)

// night is what one night does to one event: it decays; it is forgotten if that
// took it below a limit, and forgotten then says by which; else it may change
// layer. No event's night depends on another's.
func (c Config) night(s standing) (after standing, forgotten string) {
	s = c.decay(s)
	if why := c.forgets(s); why != "" {
		return s, why
	}
	return c.move(s), ""
}

// decay ages an event by one session.
func (c Config) decay(s standing) standing {
	layer := c.Layer(s.layer)
	s.age++
	s.importance *= layer.Decay
	s.recency = Retention(float64(s.age), layer.Stability)
	return s
}

// forgets says by which limit an event is to be purged, "" if by none.
func (c Config) forgets(s standing) string {
	old, trivial := s.recency < c.PurgeRecency, s.importance < c.PurgeImportance
	switch {
	case old && trivial:
		return ByBoth
	case old:
		return ByRecency
	case trivial:
		return ByImportance
	}
	return ""
}

// move lets an event rise or sink: two rounds over short, mid and long, in each
// of which an event at or above the layer's upper threshold goes up and one below
// its lower threshold goes down. The second round lets an event fall from long
// to short in one night.
//
// Rising makes an event young again. Sinking leaves its age, and its recency
// too until the next night works it out with the new layer's stability.
func (c Config) move(s standing) standing {
	for range 2 {
		if s.layer == Short && s.importance >= c.ShortUp {
			s = standing{Mid, s.importance, 1, 0}
		}
		if s.layer == Mid {
			switch {
			case s.importance >= c.MidUp:
				s = standing{Long, s.importance, 1, 0}
			case s.importance < c.MidLow:
				s.layer = Short
			}
		}
		if s.layer == Long && s.importance < c.LongLow {
			s.layer = Mid
		}
	}
	return s
}
