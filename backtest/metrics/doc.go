// Package metrics says what an equity curve is worth. Its functions are pure:
// numbers in, one figure out, inputs never changed.
//
// Conventions, the same in every function:
//
//   - A return is simple: 0.01 is +1 %. A log return is always called so.
//   - An equity curve starts with the value before the first session, so a loss
//     on the first session is part of every figure.
//   - A deviation is the sample deviation (n-1).
//   - A rate per year is a compound rate; periodsPerYear is 252 for daily US
//     equities and 365 for a market that never closes.
//   - A ratio is a fraction (0.12), never per cent.
//   - What is not defined is NaN, for a report to show as "n/a". It is never
//     zero and never infinite. A NaN among the inputs makes the figure NaN.
//
// Products inside sums are written float64(a*b) so that no compiler fuses them:
// the figures are stored, and a stored figure must not depend on the machine.
//
// docs/metrics.md lists every figure with its formula, unit, source and
// undefined cases.
package metrics
