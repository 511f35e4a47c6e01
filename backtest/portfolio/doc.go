// Package portfolio keeps the account of one symbol: a [Ledger] of cash, shares
// and what they cost, and the round trips ([Trade]) that its fills add up to.
//
// Money is exact. No operation on cash or shares rounds, cash never goes below
// zero, and shares never do unless short positions are allowed; what would break
// this is refused with the numbers, and the ledger stays as it was. Only the
// average cost, which no money depends on, is a rounded figure.
//
// The ledger knows no prices of its own and no time: it is told each fill and
// each corporate action in the order they happened.
package portfolio
