// Package significance says how far a result may be luck: intervals by resampling
// ([Bootstrap]), tests of one series of decisions against another ([Wilcoxon])
// or against its own shifted in time ([CircularShift]), the Sharpe ratio with its
// error and the number of variants tried ([ProbabilisticSharpe],
// [DeflatedSharpe], [MinimumTrackRecord]), and how thin the ice is
// ([BreakEvenCost], [BestShare]).
//
// The functions are pure. Those that draw random numbers take a seed, and the
// same seed gives the same figures everywhere. What is not defined is NaN.
//
// None of them mends a test period that the model already knew, or a strategy
// chosen after looking at the result.
package significance
