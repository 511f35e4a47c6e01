// Package experiment looks at several runs at once: repeats that differ in their
// seed only, the windows of a walk-forward joined into one curve, the market's
// regimes, and how far agents agree.
//
// All functions are pure. They know sessions, returns and actions; what a run is
// and where it is kept they do not know.
package experiment
