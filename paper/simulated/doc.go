// Package simulated is a broker without a market of its own: a [Broker] is told
// what each session's market was, and fills as a backtest does, with the same
// code, costs and cuts. A loop over past sessions with it comes to the fills and
// the ledger of a backtest to the last digit.
//
// Each symbol has an account with cash of its own, as in a backtest. An order
// fills at the open of the first session from Ticket.For on that has a price, or
// at a live price ([Broker.Trade]); a backtest's order waits for a price too. With
// a limit it fills only where the price, slippage included, is within it, and
// expires otherwise. A split scales the shares of an order that waits.
//
// Everything is in one SQLite file. Each change is one transaction with a sync,
// so a kill at any instant loses no order and doubles none. One process at a time
// may change a file; the loop's lock sees to it.
package simulated
