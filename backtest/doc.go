// Package backtest is the market's side of the table: it walks the sessions,
// fills orders, keeps the ledger and asks a [Trader] for one decision a session.
//
// A decision is taken after the close and filled at the next session's open.
// What a trader may know is in its agent.Observation; the engine hands it
// nothing else. Each session is one transaction of the run's journal, so a run
// that was killed goes on from the last whole session.
package backtest
