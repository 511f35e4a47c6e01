// Package cost says what calls to models cost: a [Table] of prices, a [Tally] of
// tokens, and a [Budget] that ends a run in time.
//
// A price that is not known is not zero: whatever would need it is n/a.
package cost
