package metrics

import "finmem/data"

// A Point is the equity at the close of a session.
type Point struct {
	Session data.Session
	Value   float64
}

// An EquityCurve is equity per session, oldest first. Its first point is the
// value before the first scored session, dated with the session at whose close
// it stood. A curve over n sessions has n+1 points.
type EquityCurve []Point

// Values is the curve without its dates.
func (c EquityCurve) Values() []float64 {
	v := make([]float64, len(c))
	for i, p := range c {
		v[i] = p.Value
	}
	return v
}

// Sessions is the dates of [Returns] of the curve: every point but the first.
func (c EquityCurve) Sessions() []data.Session {
	if len(c) == 0 {
		return nil
	}
	s := make([]data.Session, len(c)-1)
	for i, p := range c[1:] {
		s[i] = p.Session
	}
	return s
}
