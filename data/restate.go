package data

// RestateBars puts the bars before a split into the shares there are after it,
// for every split that took effect up to and including session upTo:
//
//	price' = price / Π split,  volume' = volume · Π split
//
// over the splits after the bar's session. A 4:1 split turns a close of 400 into
// 100 and a volume of 10 million shares into 40 million, so that neither shows a
// cliff on the day of the split. Later splits are not known yet and change
// nothing.
//
// It is for prices as traded ([Raw]); prices of any other adjustment contain
// their splits. Dividends change no price here. AdjClose is the vendor's own
// figure, on the vendor's own basis, and stays as it is.
//
// bars and actions are oldest first, the actions dated on sessions. Where no
// split lies between the bars, they are returned as they are; otherwise the
// result is a copy.
func RestateBars(bars []Bar, actions []Action, upTo Session) []Bar {
	restated := bars
	for i := len(actions) - 1; i >= 0; i-- {
		a := actions[i]
		if a.Split == 0 || a.Session > upTo || len(bars) == 0 || a.Session <= bars[0].Session {
			continue
		}
		if &restated[0] == &bars[0] {
			restated = append([]Bar(nil), bars...)
		}
		for j := range restated {
			if restated[j].Session >= a.Session {
				break
			}
			restated[j] = restated[j].afterSplit(a.Split)
		}
	}
	return restated
}

// afterSplit is the bar in the shares after a split of ratio new for one old.
func (b Bar) afterSplit(ratio float64) Bar {
	b.Open /= ratio
	b.High /= ratio
	b.Low /= ratio
	b.Close /= ratio
	b.Volume *= ratio
	return b
}
