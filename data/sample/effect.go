package sample

import (
	"time"

	"finmem/data"
)

// A Kind is a kind of text that moves a price.
type Kind string

const (
	Report    Kind = "news"   // news that is true and matters
	Rumour    Kind = "rumour" // news that is taken back
	Quarterly Kind = "10-Q"
	Annual    Kind = "10-K"
)

// An Effect is one planted move and the text that tells of it.
type Effect struct {
	Symbol    string
	Kind      Kind
	Published time.Time // midnight UTC of the date where only that is known
	Title     string    // of the news item, or the form and period of a filing
	// Tone is that of the text, +1 good or -1 bad.
	Tone int
	// Session is the first whose close lies after the publication: the session
	// whose [data.Day] holds the text.
	Session data.Session
	// Jump is the return planted into Session, Drift the return planted into
	// each of the Sessions sessions after it, both as ratios and with their sign.
	// A rumour's Drift takes its Jump back.
	Jump, Drift float64
	Sessions    int
}

// A size is what a good text of a kind does, in millionths (ppm). A bad one does
// the opposite.
type size struct {
	jump, drift int64
	sessions    int
}

// sizes were set before anything traded on them: large enough to be found in half
// a year of prices, small beside the noise of a single session.
func sizes() map[Kind]size {
	return map[Kind]size{
		Report:    {jump: 10_000, drift: 2_000, sessions: 5},
		Rumour:    {jump: 5_000, drift: -1_000, sessions: 5},
		Quarterly: {drift: 600, sessions: 30},
		Annual:    {drift: 300, sessions: 120},
	}
}

// A plant is an effect as the price path takes it: by session number, in ppm.
type plant struct {
	kind Kind
	tone int
	// session is the number of Effect.Session; overnight says that the text was
	// out before that session's open, so that the jump is in the opening price.
	session   int
	overnight bool
	published time.Time
	title     string
}

// effect is the plant in the terms of a reader.
func (p plant) effect(symbol string, sessions []data.Session) Effect {
	s := sizes()[p.kind]
	return Effect{
		Symbol:    symbol,
		Kind:      p.kind,
		Published: p.published,
		Title:     p.title,
		Tone:      p.tone,
		Session:   sessions[p.session],
		Jump:      float64(int64(p.tone)*s.jump) / million,
		Drift:     float64(int64(p.tone)*s.drift) / million,
		Sessions:  s.sessions,
	}
}

const million = 1_000_000
