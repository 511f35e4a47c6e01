// Package data says what was public, and when.
//
// Its nouns are the [Session] (one trading date of an exchange calendar), the
// [Bar], the [News] item and the [Filing], gathered per symbol in a [History],
// stored as a [Dataset] folder that a person can read and write by hand.
//
// A [Feed] turns a History into a [Day]: everything that may be seen at one
// session's cut-off and nothing later. It is the only place where that is
// decided. All rules about time are here: half-open windows, the exchange's
// time zone, half days, items that carry a date but no time. The host's time
// zone and clock are never read.
//
// A missing price is NaN. It is never zero and never carried forward.
package data
