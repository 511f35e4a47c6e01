// Package baseline holds the traders that an agent has to beat before its result
// says anything: simple, known rules on the same sessions, fills and costs.
//
// Each has a Name and decides like any trader of package backtest. None keeps
// state: a decision follows from the observation and the rule's parameters
// alone, so a run can stop and go on anywhere. The rules on prices read the
// closes of the bars they are shown; while those are too few for an indicator it
// is n/a, and the decision is to hold. Bars says how many a rule needs.
//
// A rule says buy for as long as it wants to be in the market and sell for as
// long as it wants to be out, not only on the session on which its indicator
// crosses a line. Under next-open fills both come to the same trades, except
// that a rule which starts inside a trend follows it from the first session.
//
// Parameters are the textbook ones of each rule and are not fitted to anything.
package baseline
