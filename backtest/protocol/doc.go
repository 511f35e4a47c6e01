// Package protocol says what a series of decisions means and what it earns
// where nothing is bought or sold: positions are units of one, long or short, of
// an account of one, held from one price to the next. The broker's view, with
// shares, cash and orders, is package backtest's.
//
// A protocol has two halves. The meaning turns decisions into positions:
// [FlatOnHold], as in the FinMem paper, or [KeepOnHold]. The execution turns
// positions into returns: [LogRewards], as in the paper, or [Execute], with a
// fill price and costs. [FinMemTable] and [CarryTable] are the figures that
// published tables show, each by its own conventions.
//
// A decision taken at the close of session t never earns what happened up to
// that close. Filling at that very close ([SameClose]) is what the published
// tables do; it takes for granted that one can decide on a price and trade at
// it.
//
// docs/protocols.md has the formulas and worked examples.
package protocol
