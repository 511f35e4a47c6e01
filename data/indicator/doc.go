// Package indicator computes the technical view of a price series with go-talib,
// behind checks that the library leaves to its caller.
//
// go-talib panics on a series shorter than an indicator's look-back, fills the
// warm-up with zeros that look like readings, and lets one NaN poison all that
// follows. Here every function gives one value, that of the last bar, and it is
// NaN (shown as "n/a") until the series is long enough. A value that is not a
// finite number starts the series anew: only what comes after the last one
// counts.
//
// Prices are oldest first and must be on one basis: a split inside the series
// that was not adjusted for is a jump like any other.
package indicator
