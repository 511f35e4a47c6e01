// Package paper runs the agent's day over a market that is still open: it waits
// for each session's decision time, runs the very session that a backtest runs,
// and sees that a decision becomes one order and never two.
//
// The order of things makes it so. A session is committed to the journal, its
// decision and its order with it, before anything is sent. What is sent carries a
// client order id that is a function of account, session, symbol and decision,
// and is looked up first. A process killed anywhere starts again from the
// journal: an order that the broker has is not sent, one that it has not is.
//
// The package knows no vendor. A [Broker] takes orders, a [Market] says what can
// be known, a [Clock] says what time it is; the real ones, the simulated ones and
// those of tests are alike to it.
package paper
