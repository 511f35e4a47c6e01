package sample

import "finmem/data"

// The market that all companies follow, in ppm per session.
const (
	marketNoise = 8_000 // deviation
	growth      = 300   // of every company, about 8 % a year
)

// A part of a session's variance falls between the close and the open: a quarter,
// that is half of the deviation. A planted drift does so to three tenths.
const (
	nightDeviation = 500_000 // of a million
	dayDeviation   = 866_025 // √(1 - 0.5²)
	nightDrift     = 30      // of a hundred
)

// A pair is a move in ppm from close to open and from open to close.
type pair struct{ night, day int64 }

// marketMoves are the moves that all companies share.
func marketMoves(seed uint64, n int) []pair {
	s := newStream(seed, market, forPrices)
	moves := make([]pair, n)
	for i := range moves {
		moves[i] = noise(s, marketNoise)
	}
	return moves
}

func noise(s stream, deviation int64) pair {
	return pair{
		night: s.normal(deviation * nightDeviation / million),
		day:   s.normal(deviation * dayDeviation / million),
	}
}

// planted are the moves that the plants add up to, session by session.
func planted(plants []plant, n int) []pair {
	moves := make([]pair, n)
	for _, p := range plants {
		size, tone := sizes()[p.kind], int64(p.tone)
		if p.overnight {
			moves[p.session].night += tone * size.jump
		} else {
			moves[p.session].day += tone * size.jump
		}
		for i := p.session + 1; i <= p.session+size.sessions && i < n; i++ {
			night := tone * size.drift * nightDrift / 100
			moves[i].night += night
			moves[i].day += tone*size.drift - night
		}
	}
	return moves
}

// bars are the company's prices: noise, market, growth and plants, less the
// dividend on its session. Prices and volumes are in the share count after the
// split; see [data.SplitAdjusted].
func (c company) bars(seed uint64, sessions []data.Session, common []pair, plants []plant, actions []data.Action) []data.Bar {
	s := newStream(seed, c.number, forPrices)
	moves := planted(plants, len(sessions))
	bars := make([]data.Bar, len(sessions))
	price := c.firstClose * centPrice
	for i, session := range sessions {
		own := noise(s, c.noise)
		night := own.night + common[i].night*c.beta/100 + moves[i].night
		day := own.day + common[i].day*c.beta/100 + moves[i].day + growth

		open := move(price-dividend(actions, session), night)
		price = move(open, day)
		high := move(max(open, price), abs(s.normal(c.noise/2)))
		low := move(min(open, price), -abs(s.normal(c.noise/2)))
		bars[i] = data.Bar{
			Session: session,
			Open:    dollars(open), High: dollars(high), Low: dollars(low), Close: dollars(price),
			Volume: float64(c.traded(s, night+day)),
		}
	}
	adjust(bars, actions)
	return bars
}

// traded is the volume of a session that moved by ppm: more where it moved more.
func (c company) traded(s stream, ppm int64) int64 {
	quiet := c.volume * int64(s.between(70, 130)) / 100
	return (quiet + quiet*abs(ppm)/(2*c.noise)) / 100 * 100
}

// centPrice is a cent in the unit of the price path, a millionth of a dollar.
const centPrice = million / 100

// move changes a price by ppm, to the nearest unit.
func move(price, ppm int64) int64 { return price + divide(price*ppm, million) }

// divide rounds to the nearest, halves away from zero.
func divide(a, b int64) int64 {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}

func abs(x int64) int64 { return max(x, -x) }

// dollars is a price rounded to the cent. A quotient of two whole numbers is the
// same on every machine.
func dollars(price int64) float64 { return float64(divide(price, centPrice)) / 100 }

// dividend is what a share loses at the open of the session.
func dividend(actions []data.Action, session data.Session) int64 {
	for _, a := range actions {
		if a.Session == session {
			return cents(a.Dividend) * centPrice
		}
	}
	return 0
}

// cents is a price of whole cents as a whole number.
func cents(dollars float64) int64 { return int64(float64(dollars*100) + 0.5) }

// adjust fills in the adjusted closes: before the session of a dividend D they
// are smaller by 1 - D/C, where C is the close before it, to four decimals. There
// is one dividend at most.
func adjust(bars []data.Bar, actions []data.Action) {
	for i := range bars {
		bars[i].AdjClose = bars[i].Close
	}
	for _, a := range actions {
		for i := 1; i < len(bars) && a.Dividend > 0; i++ {
			if bars[i].Session != a.Session {
				continue
			}
			last := cents(bars[i-1].Close)
			for j := range i {
				bars[j].AdjClose = float64(divide(cents(bars[j].Close)*100*(last-cents(a.Dividend)), last)) / 10_000
			}
		}
	}
}
