package metrics

import "finmem/data"

// A PeriodReturn is the return of one session, calendar month or year.
type PeriodReturn struct {
	// Label is the ISO date cut to the period: "2026-01-02", "2026-01", "2026".
	Label    string `json:"period"`
	Return   Figure `json:"return"`
	Sessions int    `json:"sessions"`
}

// Daily is the return of each session, oldest first.
func Daily(curve EquityCurve) []PeriodReturn { return grouped(curve, len("2006-01-02")) }

// Monthly is the return of each calendar month that has a session, oldest
// first: from the last value before the month to the last one in it. The first
// and the last month can be parts of one; Sessions says how long they were.
func Monthly(curve EquityCurve) []PeriodReturn { return grouped(curve, len("2006-01")) }

// Yearly is the return of each calendar year that has a session, like
// [Monthly].
func Yearly(curve EquityCurve) []PeriodReturn { return grouped(curve, len("2006")) }

// grouped joins neighbouring sessions whose date starts with the same prefix.
func grouped(curve EquityCurve, prefix int) []PeriodReturn {
	if len(curve) == 0 {
		return nil
	}
	label := func(s data.Session) string { return string(s)[:prefix] }
	var periods []PeriodReturn
	before := curve[0].Value
	for i, p := range curve[1:] {
		last := len(periods) - 1
		if last < 0 || periods[last].Label != label(p.Session) {
			before = curve[i].Value
			periods = append(periods, PeriodReturn{Label: label(p.Session)})
			last++
		}
		periods[last].Return = Figure(ratio(p.Value, before) - 1)
		periods[last].Sessions++
	}
	return periods
}

// Best is the highest of periods, the earliest where several are equal. ok is
// false where none has a defined return.
func Best(periods []PeriodReturn) (best PeriodReturn, ok bool) {
	return pick(periods, func(a, b Figure) bool { return a > b })
}

// Worst is the lowest of periods, the earliest where several are equal. ok is
// false where none has a defined return.
func Worst(periods []PeriodReturn) (worst PeriodReturn, ok bool) {
	return pick(periods, func(a, b Figure) bool { return a < b })
}

func pick(periods []PeriodReturn, better func(a, b Figure) bool) (picked PeriodReturn, ok bool) {
	for _, p := range periods {
		if p.Return.Defined() && (!ok || better(p.Return, picked.Return)) {
			picked, ok = p, true
		}
	}
	return picked, ok
}
