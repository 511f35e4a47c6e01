package report

import (
	"fmt"
	"math"
)

// significant is the p below which a difference is called one, as is usual.
const significant = 0.05

// reading says in plain sentences what the statistics of a result mean. It says
// nothing of a figure that is not there.
func reading(r result) []string {
	var list []string
	say := func(format string, a ...any) { list = append(list, fmt.Sprintf(format, a...)) }

	level, low, high := r.number("level"), r.number("returnLow"), r.number("returnHigh")
	if defined(level, low, high) {
		verdict := "A loss and a gain both lie inside: this run cannot tell which of the two the strategy makes."
		switch {
		case low > 0:
			verdict = "All of it is gain."
		case high < 0:
			verdict = "All of it is loss."
		}
		say("If the sessions had come in another order and mixture, %s of such runs would have returned between %s and %s. %s",
			percentOf(level), percent(low), percent(high), verdict)
	}
	low, high = r.number("sharpeLow"), r.number("sharpeHigh")
	if defined(level, low, high) {
		verdict := "Zero lies inside, so the sign of the ratio is open."
		if low > 0 || high < 0 {
			verdict = "Zero lies outside."
		}
		say("The Sharpe ratio would have lain between %s and %s. %s", asRatio.format(low), asRatio.format(high), verdict)
	}
	if p := r.number("probabilisticSharpe"); defined(p) {
		say("Counting the length and the shape of the record, the chance that the true Sharpe ratio is above zero is %s.", percentOf(p))
	}
	if p, n := r.number("deflatedSharpe"), r.number("trials"); defined(p, n) && n > 1 {
		say("Allowing for %s tried, it is %s.", plural(int(n), "variant"), percentOf(p))
	}
	if n, have := r.number("minimumTrackRecord"), r.number("sessions"); defined(n, have) {
		verdict := "This run is long enough."
		if have < n {
			verdict = fmt.Sprintf("This run has %s.", asCount.format(have))
		}
		say("A record with this ratio must be at least %s sessions long before chance is an unlikely explanation. %s", asCount.format(math.Ceil(n)), verdict)
	}
	if p := r.number("wilcoxonP"); defined(p) {
		verdict := "it cannot be told from buying and holding"
		if p < significant {
			verdict = "it differs from buying and holding by more than chance often does"
		}
		sign := "="
		if text := asP.format(p); text[0] == '<' {
			sign = ""
		}
		say("Session by session %s (Wilcoxon signed rank, p %s %s).", verdict, sign, asP.format(p))
	}
	if p := r.number("circularShiftP"); defined(p) {
		verdict := "the timing added nothing that chance would not"
		if p < significant {
			verdict = "the timing mattered"
		}
		say("The same positions taken at other times would have earned as much in %s of the cases: %s.", percentOf(p), verdict)
	}
	if bps := r.number("breakEvenBps"); defined(bps) {
		say("The gain is gone at a cost of %s basis points a side.", inBps.format(bps))
	}
	if all, without := r.number("logReturn"), r.number("logReturnWithoutBest5"); defined(all, without) {
		turn := ""
		if all > 0 && without <= 0 {
			turn = " The whole gain comes from them."
		}
		say("Without its five best sessions the log return would be %s instead of %s.%s", percent(without), percent(all), turn)
	}
	return list
}

// percentOf is a share as a round per cent; one that is not all or nothing is
// never rounded to it.
func percentOf(v float64) string {
	switch {
	case v > 0 && v < 0.01:
		return "less than 1 %"
	case v < 1 && v > 0.99:
		return "more than 99 %"
	}
	return grouped(100*v, 0) + " %"
}

func defined(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) {
			return false
		}
	}
	return true
}
