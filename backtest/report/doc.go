// Package report draws a finished run as one HTML page that needs nothing else:
// no network, no other file, no program but a browser.
//
// [Write] takes a [Run], plain data that says what happened; it reads no
// database and no clock, so the same run gives the same bytes. What it computes
// itself, rolling ratios, months and counts of the memory, comes from the curves
// and moves it is given, by the formulas of finmem/backtest/metrics.
//
// Texts of news, models and files are hostile. They reach the page through
// html/template or as JSON that cannot close its element, and the page's own
// policy allows the browser to run two scripts only, named by their hashes, and
// to load nothing.
//
// The charts are drawn by uPlot, whose code and licence are in assets.
package report
