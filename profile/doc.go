// Package profile says who is trading.
//
// A [Profile] names a symbol, the trader's fields and expertise, what has long
// been known of the symbol, and an attitude to risk (an [Inclination]). Its
// words open the prompt ([Profile.Character]) and are part of the question put
// to the memory ([Profile.QueryText]).
//
// About time it promises two things. [Profile.CheckDates] refuses a profile
// whose text carries a date that the first test session has not left behind,
// so a persona cannot smuggle the future into a backtest; and [New] writes a
// background from closes up to a given date, whatever else it is handed.
// CheckDates reads dates, not meaning: a fact without a date, or dated by the
// quarter it is about and published later, passes.
//
// The package reads files and computes text. It knows nothing of accounts,
// memories or models: numbers and dates come from the caller.
package profile
