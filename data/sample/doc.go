// Package sample makes a small synthetic market, so that every part of finmem can
// be tried without a key, a network or anybody's data.
//
// Its companies are invented, and so is every price and every word about them.
// [Generate] gives eighteen months of bars, dated news, 10-Q and 10-K reports and
// corporate actions of three companies on the NYSE calendar as a
// [finmem/data.Dataset] that is marked synthetic.
//
// Prices are noise with known effects planted in it: news moves a price on the
// day and a little over the following days, the tone of a 10-Q over weeks, the
// theme of a 10-K over months, and rumours move it and are taken back. [Effects]
// lists what was planted, so that a test can tell what an agent could have known.
// The sizes were set beforehand and are not fitted to any agent's result.
//
// The same seed gives the same bytes on every machine: all draws and prices are
// computed in integers.
package sample
